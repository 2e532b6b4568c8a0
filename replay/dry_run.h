// The plan of a replay, without sending anything: how many records, when, and where they would go.
#ifndef GROUNDHOG_REPLAY_DRY_RUN_H_
#define GROUNDHOG_REPLAY_DRY_RUN_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "replay/pace.h"
#include "replay/playlist.h"
#include "sim/time.h"

namespace groundhog::replay {

struct DryRunOptions {
  Pace pace;
  std::optional<std::chrono::nanoseconds> gap_max;
  // Where a record would go: once to each name.
  std::function<std::vector<std::string>(const PlaylistItem&)> destinations_of;
  // True ends the run early. Empty: never.
  std::function<bool()> stop_requested;
};

struct DryRunReport {
  struct Destination {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  // of payload
  };
  std::uint64_t records_read = 0;
  std::uint64_t records = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  // of payload, of all messages
  sim::VirtualTime first_time, last_time;
  // From the anchor on; nullopt at max, and without records.
  std::optional<std::chrono::nanoseconds> first_deadline, last_deadline;
  std::map<std::string, Destination> destinations;
  // OK; DataLoss: the trace was incomplete or damaged, and this counts the sound part; Cancelled:
  // it was stopped; otherwise reading failed.
  absl::Status status;
};

// Runs through a new playlist. At least as fast as playing at max into nothing.
DryRunReport DryRun(traces::Reader& reader, Playlist& playlist, const DryRunOptions& options);

// One JSON object of one line, with its newline; keys and order as docs/REPLAY.md has them.
std::string ToJson(const DryRunReport& report, std::int64_t start_unix_nanoseconds);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_DRY_RUN_H_
