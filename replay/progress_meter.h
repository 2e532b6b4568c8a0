// Measures a replay, interval by interval: the speed reached, the rate, the lateness, the time
// left. Reports them to PlayerOptions::on_progress.
#ifndef GROUNDHOG_REPLAY_PROGRESS_METER_H_
#define GROUNDHOG_REPLAY_PROGRESS_METER_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "replay/clock.h"
#include "replay/incidents.h"
#include "replay/player_options.h"
#include "replay/playhead.h"
#include "replay/playlist.h"
#include "replay/progress.h"
#include "replay/sender.h"
#include "sim/time.h"
#include "sinks/histogram.h"

namespace groundhog::replay {

// Not thread-safe.
class ProgressMeter {
 public:
  // All must outlive it.
  ProgressMeter(const Playlist& playlist, const Playhead& playhead, const Sender& sender,
                const Incidents& incidents, const PlayerOptions& options)
      : playlist_(playlist),
        playhead_(playhead),
        sender_(sender),
        incidents_(incidents),
        options_(options) {}

  // To be called when the anchor is set.
  void Begin();
  // To be called when a pause begins, which sets both speeds to 0, and when it ends, from when on
  // nothing is measured yet.
  void Pause() { rates_ = {.speed = 0, .records_per_second = 0}; }
  void Resume();

  // To be called when a record with a deadline was sent.
  void AddLateness(std::chrono::nanoseconds lateness) {
    lateness_.Add(lateness);
    interval_lateness_.Add(lateness);
  }
  // Of the whole replay.
  const sinks::Histogram& lateness() const { return lateness_; }

  // Ends the interval if it is at least this long, and keeps its rates. Pauses are in no interval.
  void Measure(std::chrono::nanoseconds interval_min = kRatesIntervalMin);
  // With the rates measured last.
  Progress Current() const;

  // Reports progress. After a command the interval may be too short to measure new rates; then the
  // old ones are reported again.
  void Report();
  void ReportWhenDue() {
    if (playhead_.now() - reported_at_ >= options_.progress_interval) Report();
  }

 private:
  void BeginInterval();
  std::optional<std::chrono::nanoseconds> TimeLeft() const;

  const Playlist& playlist_;
  const Playhead& playhead_;
  const Sender& sender_;
  const Incidents& incidents_;
  const PlayerOptions& options_;

  SteadyTime reported_at_;
  sinks::Histogram lateness_;

  // The interval being measured: when it began, and what had been played and sent by then.
  SteadyTime interval_start_;
  sim::Duration interval_played_;
  std::uint64_t interval_records_sent_ = 0;
  sinks::Histogram interval_lateness_;

  Rates rates_;                // of the interval before
  double speed_measured_ = 0;  // the last one
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PROGRESS_METER_H_
