#include "replay/playhead.h"

#include <string>

#include "absl/status/statusor.h"
#include "replay/pacer.h"

namespace groundhog::replay {

Playhead::Playhead(Playlist& playlist, Clock& clock, const PlayerOptions& options)
    : playlist_(playlist),
      clock_(clock),
      options_(options),
      timeline_(options.pace, playlist.begin()),
      figures_(playlist.begin()),
      last_time_(playlist.begin()) {
  SqueezeGaps();
}

void Playhead::AnchorAt(SteadyTime anchor) {
  anchor_ = anchor;
  start_ = std::max(anchor_, now_);
  Timeline::Place place{.played = playlist_.begin()};
  if (options_.is_resumed && has_next_) {
    figures_ = SpeedFigures(item_.time);
    last_time_ = item_.time;
    last_squeezed_ = item_.squeezed;
    position_ = item_.position;
    // A date is that of t0 for all machines, also for one that is resumed.
    if (!options_.start_unix_nanoseconds) place = PlaceOf(item_);
  }
  timeline_.Begin(anchor_, place);
}

bool Playhead::Take() {
  has_next_ = playlist_.Take(&item_);
  if (!has_next_) return false;
  timeline_.Settle(PlaceOf(item_));
  return true;
}

bool Playhead::ReadMore() {
  const absl::StatusOr<bool> has_more = playlist_.ReadMore();
  ReadClock();
  if (has_more.ok()) return *has_more;
  if (absl::IsDataLoss(has_more.status())) {
    NoteDamage(has_more.status());
    return true;
  }
  if (!absl::IsCancelled(has_more.status())) trace_status_ = has_more.status();
  return false;
}

void Playhead::NoteDamage(const absl::Status& damage) {
  if (!damage_.ok()) return;
  damage_ = damage;
  if (!options_.on_notice) return;
  options_.on_notice(std::string(damage.message()) + "; going on with what can be read");
}

void Playhead::Advance() {
  position_ = item_.position + 1;
  last_time_ = item_.time;
  last_squeezed_ = item_.squeezed;
  figures_.Sent(now_ - start_ - timeline_.PausedUntil(now_));
  if (timeline_.is_paused()) {
    timeline_.MoveTo({.played = PlaceOf(item_).played, .number = item_.number + 1}, now_);
  }
  has_next_ = false;
}

sim::VirtualTime Playhead::Time() const {
  const std::optional<sim::VirtualTime> played = timeline_.PlayedAt(now_);
  if (!played || !has_next_) return last_time_;
  return std::clamp(*played + item_.squeezed, last_time_, std::max(last_time_, item_.time));
}

void Playhead::ChangePace(const Pace& pace) {
  const Timeline::Place behind_last = {
      .played = last_time_ - last_squeezed_,
      .number = has_next_ ? item_.number : playlist_.records_matched()};
  timeline_.ChangePace(pace, now_, behind_last);
  if (has_next_) timeline_.Settle(PlaceOf(item_));
  SqueezeGaps();
  SqueezeNext();
}

void Playhead::SqueezeGaps() {
  std::optional<sim::Duration> gap_max;
  if (options_.gap_max && timeline_.pace().kind == PaceKind::kSpeed) {
    gap_max = VirtualTimeIn(*options_.gap_max, timeline_.pace().ratio);
  }
  playlist_.set_gap_max(gap_max);
}

// The next record was taken at another pace, so what is left of the gap before it may be too long
// at this one.
void Playhead::SqueezeNext() {
  const std::optional<sim::VirtualTime> played = timeline_.PlayedAt(now_);
  if (!has_next_ || !options_.gap_max || !played) return;
  const sim::Duration left = std::min(PlaceOf(item_).played - *played, item_.gap);
  const sim::Duration more = left - VirtualTimeIn(*options_.gap_max, timeline_.pace().ratio);
  if (more <= sim::Duration()) return;
  item_.squeezed += more;
  item_.gap -= more;
  playlist_.SqueezeMore(more);
}

absl::Status Playhead::SeekTo(sim::VirtualTime time) {
  const sim::VirtualTime before = Time();
  trace_status_ = playlist_.SeekTo(time);
  ReadClock();
  if (!trace_status_.ok()) return trace_status_;
  figures_.Jump(time - before);
  has_next_ = false;
  last_time_ = time;
  last_squeezed_ = sim::Duration();
  timeline_.MoveTo({.played = time, .number = playlist_.records_matched()}, now_);
  return absl::OkStatus();
}

}  // namespace groundhog::replay
