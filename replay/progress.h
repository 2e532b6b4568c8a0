// How a replay goes just now.
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

// How fast it goes: of the last interval that was measured; nullopt: none was, since the replay
// began or went on. During a pause both speeds are 0. Of a shorter interval nothing is known.
inline constexpr std::chrono::nanoseconds kRatesIntervalMin = std::chrono::milliseconds(100);
struct Rates {
  std::optional<double> speed;
  std::optional<double> records_per_second;
  std::optional<std::chrono::nanoseconds> lateness_p99;  // nullopt also where nothing was due
};

struct Progress {
  sim::VirtualTime virtual_time;  // that is being played; later loops count on
  std::uint64_t loop = 0;
  std::uint64_t position = 0;  // of the next record
  Pace pace;                   // asked
  bool is_paused = false;
  std::string incident;                               // in progress; empty: none
  std::optional<std::chrono::nanoseconds> starts_in;  // until the anchor, while it lies ahead
  std::optional<std::chrono::nanoseconds> left;       // until the end, as far as anybody knows
  Rates rates;
  std::uint64_t records_sent = 0;
  sinks::Counts messages;
};

// "state=playing time=2025-01-06T14:03:27.000000000Z loop=0 …": what the command `status` answers.
std::string StatusText(const Progress& progress, std::int64_t start_unix_nanoseconds);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PROGRESS_H_
