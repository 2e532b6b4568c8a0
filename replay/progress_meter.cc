#include "replay/progress_meter.h"

#include <algorithm>

#include "replay/seconds.h"

namespace groundhog::replay {

void ProgressMeter::Begin() {
  reported_at_ = playhead_.now();
  BeginInterval();
}

void ProgressMeter::Resume() {
  rates_ = {};
  BeginInterval();
}

// While a replay waits for its start date, the interval begins then.
void ProgressMeter::BeginInterval() {
  interval_start_ = std::max(playhead_.now(), playhead_.anchor());
  interval_played_ = playhead_.PlayedTime();
  interval_records_sent_ = sender_.records_sent();
  interval_lateness_ = sinks::Histogram();
}

void ProgressMeter::Measure(std::chrono::nanoseconds interval_min) {
  const std::chrono::nanoseconds interval = playhead_.now() - interval_start_;
  if (playhead_.timeline().is_paused() || interval < interval_min) return;
  const double seconds = Seconds(interval);
  if (seconds <= 0) return;
  rates_ = {};
  rates_.speed = speed_measured_ = Seconds(playhead_.PlayedTime() - interval_played_) / seconds;
  rates_.records_per_second =
      static_cast<double>(sender_.records_sent() - interval_records_sent_) / seconds;
  if (interval_lateness_.count() != 0) rates_.lateness_p99 = interval_lateness_.Percentile(99);
  BeginInterval();
}

Progress ProgressMeter::Current() const {
  Progress progress;
  progress.virtual_time = playhead_.Time();
  progress.loop = playlist_.LoopAt(progress.virtual_time);
  progress.position = playhead_.position();
  progress.pace = playhead_.timeline().pace();
  progress.is_paused = playhead_.timeline().is_paused();
  const std::optional<Incident> incident =
      incidents_.InProgressAt(progress.virtual_time - playlist_.LoopShift(progress.loop));
  if (incident) progress.incident = incident->name;
  if (playhead_.anchor() > playhead_.now()) {
    progress.starts_in = playhead_.anchor() - playhead_.now();
  }
  progress.left = TimeLeft();
  progress.rates = rates_;
  progress.records_sent = sender_.records_sent();
  progress.messages = sender_.counts();
  return progress;
}

void ProgressMeter::Report() {
  Measure(options_.progress_interval / 2);
  reported_at_ = playhead_.now();
  if (options_.on_progress) options_.on_progress(Current());
}

// At the speed asked for; without one at the speed reached.
std::optional<std::chrono::nanoseconds> ProgressMeter::TimeLeft() const {
  if (playlist_.is_endless() || playlist_.end() == sim::VirtualTime::Max()) return std::nullopt;
  if (playlist_.has_ended()) return std::chrono::nanoseconds(0);
  const Pace& pace = playhead_.timeline().pace();
  const double speed = pace.kind == PaceKind::kSpeed ? pace.ratio.ToDouble() : speed_measured_;
  const double seconds = Seconds(playlist_.end() - playhead_.Time()) / speed;
  if (!(seconds < 1e9)) return std::nullopt;  // also when nothing moves
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::max(seconds, 0.0) * 1e9));
}

}  // namespace groundhog::replay
