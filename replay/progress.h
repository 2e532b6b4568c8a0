// The state of a replay at one moment.
#ifndef GROUNDHOG_REPLAY_PROGRESS_H_
#define GROUNDHOG_REPLAY_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "replay/pace.h"
#include "sim/time.h"
#include "sinks/sink.h"

namespace groundhog::replay {

// Intervals shorter than this are not measured.
inline constexpr std::chrono::nanoseconds kRatesIntervalMin = std::chrono::milliseconds(100);

// What was measured in the last interval. nullopt: no interval was measured since the replay began
// or was resumed. During a pause both speeds are 0.
struct Rates {
  std::optional<double> speed;
  std::optional<double> records_per_second;
  std::optional<std::chrono::nanoseconds> lateness_p99;  // nullopt also where nothing was due
};

struct Progress {
  sim::VirtualTime virtual_time;  // what is being played; grows on from loop to loop
  std::uint64_t loop = 0;
  std::uint64_t position = 0;  // of the next record
  Pace pace;                   // what was asked for
  bool is_paused = false;
  std::string incident;                               // in progress; empty: none
  std::optional<std::chrono::nanoseconds> starts_in;  // until the anchor, while it lies ahead
  std::optional<std::chrono::nanoseconds> left;       // until the end, if that can be estimated
  Rates rates;
  std::uint64_t records_sent = 0;
  sinks::Counts messages;
};

// "state=playing time=2025-01-06T14:03:27.000000000Z loop=0 …": what the command `status` answers.
std::string StatusText(const Progress& progress, std::int64_t start_unix_nanoseconds);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PROGRESS_H_
