#include "replay/timeline.h"

namespace groundhog::replay {

void Timeline::Begin(SteadyTime anchor, const Place& place) {
  pacer_.AnchorAt(anchor, place.played, place.number);
}

std::optional<sim::VirtualTime> Timeline::PlayedAt(SteadyTime now) const {
  return pacer_.TimeAt(Effective(now));
}

void Timeline::Pause(SteadyTime now) {
  if (!paused_at_) paused_at_ = now;
}

void Timeline::Resume(SteadyTime now) {
  if (!paused_at_) return;
  const std::chrono::nanoseconds pause = now - *paused_at_;
  pacer_.Shift(pause);
  paused_total_ += pause;
  paused_at_.reset();
}

std::chrono::nanoseconds Timeline::PausedUntil(SteadyTime now) const {
  return paused_at_ ? paused_total_ + (now - *paused_at_) : paused_total_;
}

void Timeline::ChangePace(const Pace& pace, SteadyTime now, const Place& place) {
  const sim::VirtualTime played = PlayedAt(now).value_or(place.played);
  pacer_.set_pace(pace);
  pacer_.AnchorAt(Effective(now), played, place.number);
}

void Timeline::MoveTo(const Place& place, SteadyTime now) {
  pacer_.AnchorAt(Effective(now), place.played, place.number);
}

void Timeline::Slip(std::chrono::nanoseconds by) {
  pacer_.Shift(by);
  slipped_ += by;
}

}  // namespace groundhog::replay
