// When records are due, with everything that moves deadlines: pauses, changes of pace, jumps,
// slips. Each sets a new anchor, in integers, so that nothing drifts, also after many of them.
//
// The timeline counts played time: virtual time less the idle time that was squeezed out
// (PlaylistItem::squeezed).
#ifndef GROUNDHOG_REPLAY_TIMELINE_H_
#define GROUNDHOG_REPLAY_TIMELINE_H_

#include <algorithm>
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

  // The record at `place` is due at `anchor`, in the future or the past. Time does not move until
  // then: changes before it do not move the start.
  void Begin(SteadyTime anchor, const Place& place);

  // As Pacer::DeadlineOf. Means nothing during a pause.
  std::optional<SteadyTime> DeadlineOf(sim::VirtualTime played, std::uint64_t number) const {
    return pacer_.DeadlineOf(played, number);
  }

  // The played time that is due at `now`, or was when the pause began; rounded down. Before the
  // start, that of the start. With a speed only: nullopt otherwise.
  std::optional<sim::VirtualTime> PlayedAt(SteadyTime now) const;

  // A pause moves every deadline by its length. Both do nothing when it is so already.
  void Pause(SteadyTime now);
  void Resume(SteadyTime now);
  bool is_paused() const { return paused_at_.has_value(); }
  // All pauses until `now`, a running one included.
  std::chrono::nanoseconds PausedUntil(SteadyTime now) const;

  // From `now` on another pace. Where there was a speed, what is due now stays due now; else
  // `place`, behind what was played last, is due now. Call Settle as soon as it is known what comes
  // next: nothing is due before it goes on from there.
  void ChangePace(const Pace& pace, SteadyTime now, const Place& place);
  // What comes next is at `next`. The first call after a change of pace lets the replay go on from
  // what has been played: if `next` was late at the old pace when it changed, it is due as of the
  // change, and all after it at the new pace from there. How late it was counts as slipped. Other
  // calls do nothing.
  void Settle(const Place& next) {
    if (pacer_before_) SettleChange(next);
  }
  const Pace& pace() const { return pacer_.pace(); }

  // The record at `place` is due now: after a jump.
  void MoveTo(const Place& place, SteadyTime now);

  // Makes every deadline later by this much.
  void Slip(std::chrono::nanoseconds by);
  // How much later all deadlines are because the replay was late: by Slip and by Settle.
  std::chrono::nanoseconds slipped() const { return slipped_; }

 private:
  void SettleChange(const Place& next);
  // Time does not move before the start and during a pause.
  SteadyTime Effective(SteadyTime now) const { return std::max(paused_at_.value_or(now), begin_); }
  std::chrono::nanoseconds PauseUntil(SteadyTime now) const;

  Pacer pacer_;
  SteadyTime begin_ = SteadyTime::min();
  std::optional<Pacer> pacer_before_;  // as it was before a change of pace that is not settled
  std::optional<SteadyTime> paused_at_;
  std::chrono::nanoseconds paused_total_{0};
  std::chrono::nanoseconds slipped_{0};
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_TIMELINE_H_
