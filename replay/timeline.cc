#include "replay/timeline.h"

#include <utility>

namespace groundhog::replay {

void Timeline::Begin(SteadyTime anchor, const Place& place) {
  pacer_.AnchorAt(anchor, place.played, place.number);
  begin_ = anchor;
}

std::optional<sim::VirtualTime> Timeline::PlayedAt(SteadyTime now) const {
  return pacer_.TimeAt(Effective(now));
}

void Timeline::Pause(SteadyTime now) {
  if (!paused_at_) paused_at_ = now;
}

void Timeline::Resume(SteadyTime now) {
  if (!paused_at_) return;
  const std::chrono::nanoseconds pause = PauseUntil(now);
  pacer_.Shift(pause);
  if (pacer_before_) pacer_before_->Shift(pause);
  paused_total_ += pause;
  paused_at_.reset();
}

// The length of the current pause; a part before the start delays nothing.
std::chrono::nanoseconds Timeline::PauseUntil(SteadyTime now) const {
  return std::max(now - Effective(now), std::chrono::nanoseconds(0));
}

std::chrono::nanoseconds Timeline::PausedUntil(SteadyTime now) const {
  return paused_at_ ? paused_total_ + PauseUntil(now) : paused_total_;
}

void Timeline::ChangePace(const Pace& pace, SteadyTime now, const Place& place) {
  const sim::VirtualTime played = PlayedAt(now).value_or(place.played);
  pacer_before_ = pacer_;
  pacer_.set_pace(pace);
  pacer_.AnchorAt(Effective(now), played, place.number);
}

void Timeline::SettleChange(const Place& next) {
  const Pacer before = *std::exchange(pacer_before_, std::nullopt);
  if (pace().kind != PaceKind::kSpeed || next.played >= pacer_.t0()) return;
  const SteadyTime changed = pacer_.anchor();
  const SteadyTime deadline = before.DeadlineOf(next.played, next.number).value_or(changed);
  slipped_ += std::max(changed - deadline, std::chrono::nanoseconds(0));
  pacer_.AnchorAt(changed, next.played, next.number);
}

void Timeline::MoveTo(const Place& place, SteadyTime now) {
  pacer_before_.reset();
  pacer_.AnchorAt(Effective(now), place.played, place.number);
}

void Timeline::Slip(std::chrono::nanoseconds by) {
  pacer_.Shift(by);
  slipped_ += by;
}

}  // namespace groundhog::replay
