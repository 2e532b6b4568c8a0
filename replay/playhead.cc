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
  if (options_.is_resumed && next_) {
    figures_ = SpeedFigures(next_->time);
    last_time_ = next_->time;
    last_squeezed_ = next_->squeezed;
    position_ = next_->position;
    // A date is that of t0 for all machines, also for one that is resumed.
    if (!options_.start_unix_nanoseconds) place = PlaceOf(*next_);
  }
  timeline_.Begin(anchor_, place);
}

bool Playhead::Take() {
  if (!playlist_.Take(&next_.emplace())) {
    next_.reset();
    return false;
  }
  timeline_.Settle(PlaceOf(*next_));
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
  position_ = next_->position + 1;
  last_time_ = next_->time;
  last_squeezed_ = next_->squeezed;
  figures_.Sent(now_ - start_ - timeline_.PausedUntil(now_));
  if (timeline_.is_paused()) {
    timeline_.MoveTo({.played = PlaceOf(*next_).played, .number = next_->number + 1}, now_);
  }
  next_.reset();
}

sim::VirtualTime Playhead::Time() const {
  const std::optional<sim::VirtualTime> played = timeline_.PlayedAt(now_);
  if (!played || !next_) return last_time_;
  return std::clamp(*played + next_->squeezed, last_time_, std::max(last_time_, next_->time));
}

void Playhead::ChangePace(const Pace& pace) {
  const Timeline::Place behind_last = {
      .played = last_time_ - last_squeezed_,
      .number = next_ ? next_->number : playlist_.records_matched()};
  timeline_.ChangePace(pace, now_, behind_last);
  if (next_) timeline_.Settle(PlaceOf(*next_));
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
  if (!next_ || !options_.gap_max || !played) return;
  const sim::Duration left = std::min(PlaceOf(*next_).played - *played, next_->gap);
  const sim::Duration more = left - VirtualTimeIn(*options_.gap_max, timeline_.pace().ratio);
  if (more <= sim::Duration()) return;
  next_->squeezed += more;
  next_->gap -= more;
  playlist_.SqueezeMore(more);
}

absl::Status Playhead::SeekTo(sim::VirtualTime time) {
  const sim::VirtualTime before = Time();
  trace_status_ = playlist_.SeekTo(time);
  ReadClock();
  if (!trace_status_.ok()) return trace_status_;
  figures_.Jump(time - before);
  next_.reset();
  last_time_ = time;
  last_squeezed_ = sim::Duration();
  timeline_.MoveTo({.played = time, .number = playlist_.records_matched()}, now_);
  return absl::OkStatus();
}

}  // namespace groundhog::replay
