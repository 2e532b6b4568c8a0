// Where a replay is: which record comes next and when it is due, which virtual time is being
// played, and whether the trace can be read on. All as of now(), the moment when the clock was last
// read.
#ifndef GROUNDHOG_REPLAY_PLAYHEAD_H_
#define GROUNDHOG_REPLAY_PLAYHEAD_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "replay/clock.h"
#include "replay/pace.h"
#include "replay/player_options.h"
#include "replay/playlist.h"
#include "replay/speed_figures.h"
#include "replay/timeline.h"
#include "sim/time.h"

namespace groundhog::replay {

// Not thread-safe.
class Playhead {
 public:
  // All three must outlive it. `playlist` is new.
  Playhead(Playlist& playlist, Clock& clock, const PlayerOptions& options);

  SteadyTime now() const { return now_; }
  void ReadClock() { now_ = clock_.Now(); }
  // As Clock::RoughNow.
  void ReadClockRoughly() { now_ = std::max(now_, clock_.RoughNow()); }
  // Reads the clock afterwards.
  void SleepUntil(SteadyTime time) {
    clock_.SleepUntil(time);
    ReadClock();
  }

  // Sets the anchor. t0 is due then; in a replay that is resumed without a start date, the next
  // record is.
  void AnchorAt(SteadyTime anchor);
  SteadyTime anchor() const { return anchor_; }
  // The anchor, or when playing began if that was later.
  SteadyTime start() const { return start_; }

  // Makes the next of the records that have been read the next one to send. False: ReadMore.
  bool Take();
  // False: nothing follows, or reading failed (trace_status).
  bool ReadMore();
  // The record to send next; null: Take.
  const PlaylistItem* next() const { return has_next_ ? &item_ : nullptr; }
  // Whether records are due at a time of their own: not at speed max, not during a pause.
  bool has_deadlines() const {
    return timeline_.pace().kind != PaceKind::kMax && !timeline_.is_paused();
  }
  // When the next record is due; without deadlines `otherwise`.
  SteadyTime DeadlineOr(SteadyTime otherwise) const {
    if (!has_deadlines()) return otherwise;
    return timeline_.DeadlineOf(PlaceOf(item_).played, item_.number).value_or(otherwise);
  }
  // It was sent by now().
  void Advance();

  // The virtual time that is being played: by the clock between records, else that of the record
  // being sent.
  sim::VirtualTime Time() const;
  // How much of it was played since the start; what seeks passed over is not.
  sim::Duration PlayedTime() const { return figures_.PlayedUntil(Time()); }
  // Of the record sent last, or sought since.
  sim::VirtualTime last_time() const { return last_time_; }
  // Of the next record, as far as it is known.
  std::uint64_t position() const { return has_next_ ? item_.position : position_; }

  // What is due when; to pause and to resume.
  Timeline& timeline() { return timeline_; }
  const Timeline& timeline() const { return timeline_; }
  void ChangePace(const Pace& pace);
  // Goes on with the first record at or after `time`. Errors as trace_status.
  absl::Status SeekTo(sim::VirtualTime time);

  const SpeedFigures& figures() const { return figures_; }
  // Reading failed; no more can be read.
  const absl::Status& trace_status() const { return trace_status_; }
  // The first damage that was passed over.
  const absl::Status& damage() const { return damage_; }

 private:
  static Timeline::Place PlaceOf(const PlaylistItem& item) {
    return {.played = item.time - item.squeezed, .number = item.number};
  }
  void SqueezeGaps();
  void SqueezeNext();
  void NoteDamage(const absl::Status& damage);

  Playlist& playlist_;
  Clock& clock_;
  const PlayerOptions& options_;

  Timeline timeline_;
  SpeedFigures figures_;
  SteadyTime now_;
  SteadyTime anchor_;
  SteadyTime start_;
  PlaylistItem item_;  // the next record, if has_next_
  bool has_next_ = false;
  std::uint64_t position_ = 0;   // after the record sent last
  sim::VirtualTime last_time_;   // of the record sent last, or sought
  sim::Duration last_squeezed_;  // likewise
  absl::Status trace_status_;
  absl::Status damage_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PLAYHEAD_H_
