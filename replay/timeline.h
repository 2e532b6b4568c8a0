// When what is due, with everything that moves it: pauses, changes of pace, jumps, slips. All by
// anchoring anew, in integers, so that nothing drifts however often it happens.
//
// The timeline counts played time: virtual time less the idle time that was squeezed out
// (PlaylistItem::squeezed).
#ifndef GROUNDHOG_REPLAY_TIMELINE_H_
#define GROUNDHOG_REPLAY_TIMELINE_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "replay/clock.h"
#include "replay/pace.h"
#include "replay/pacer.h"
#include "sim/time.h"

namespace groundhog::replay {

// Not thread-safe.
class Timeline {
 public:
  // A place: played time, and the number of the record that comes next.
  struct Place {
    sim::VirtualTime played;
    std::uint64_t number = 0;
  };

  Timeline(const Pace& pace, sim::VirtualTime t0) : pacer_(pace, t0) {}

  // What is at `place` is due at `anchor`, which may lie ahead or behind.
  void Begin(SteadyTime anchor, const Place& place);

  // As Pacer::DeadlineOf. Means nothing during a pause.
  std::optional<SteadyTime> DeadlineOf(sim::VirtualTime played, std::uint64_t number) const {
    return pacer_.DeadlineOf(played, number);
  }

  // The played time that is due at `now`, or was when the pause began; rounded down. With a speed
  // only: nullopt otherwise.
  std::optional<sim::VirtualTime> PlayedAt(SteadyTime now) const;

  // A pause moves every deadline by its length. Both do nothing when it is so already.
  void Pause(SteadyTime now);
  void Resume(SteadyTime now);
  bool is_paused() const { return paused_at_.has_value(); }
  // All pauses until `now`, a running one included.
  std::chrono::nanoseconds PausedUntil(SteadyTime now) const;

  // From `now` on another pace. Where there was a speed, what is due now stays due now; else
  // `place`, where the replay stands, is due now.
  void ChangePace(const Pace& pace, SteadyTime now, const Place& place);
  const Pace& pace() const { return pacer_.pace(); }

  // What is at `place` is due now: after a jump.
  void MoveTo(const Place& place, SteadyTime now);

  // Every deadline is so much later.
  void Slip(std::chrono::nanoseconds by);
  std::chrono::nanoseconds slipped() const { return slipped_; }

 private:
  // Time stands still during a pause.
  SteadyTime Effective(SteadyTime now) const { return paused_at_.value_or(now); }

  Pacer pacer_;
  std::optional<SteadyTime> paused_at_;
  std::chrono::nanoseconds paused_total_{0};
  std::chrono::nanoseconds slipped_{0};
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_TIMELINE_H_
