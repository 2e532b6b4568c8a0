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

// The rates are those of the last interval that was measured.
struct Progress {
  sim::VirtualTime virtual_time;  // that is being played; later loops count on
  std::uint64_t loop = 0;
  std::uint64_t position = 0;  // of the next record
  Pace pace;                   // asked
  bool is_paused = false;
  std::string incident;                               // in progress; empty: none
  std::optional<std::chrono::nanoseconds> starts_in;  // until the anchor, while it lies ahead
  std::optional<std::chrono::nanoseconds> left;       // until the end, as far as anybody knows
  double speed = 0;
  double records_per_second = 0;
  std::optional<std::chrono::nanoseconds> lateness_p99;
  std::uint64_t records_sent = 0;
  sinks::Counts messages;
};

// "state=playing time=2025-01-06T14:03:27.000000000Z loop=0 …": what the command `status` answers.
std::string StatusText(const Progress& progress, std::int64_t start_unix_nanoseconds);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PROGRESS_H_
