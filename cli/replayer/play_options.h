// The options of groundhog-replay that say what is played, when, and who controls it; apart from
// where it goes.
#ifndef GROUNDHOG_CLI_REPLAYER_PLAY_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_PLAY_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/replayer/lateness_bound.h"
#include "cli/shared/filter_options.h"
#include "replay/pace.h"
#include "replay/player.h"
#include "replay/shard.h"
#include "replay/timestamps.h"

namespace groundhog::cli {

struct ReplayPlayOptions {
  // What to play.
  FilterOptions filter;                    // resolved when a trace is open
  std::optional<std::uint64_t> loops = 1;  // nullopt: without end
  replay::Shard shard;                     // its key comes from --key

  // Pace.
  replay::Pace pace;
  std::optional<replay::Ratio> rate_max;
  std::optional<std::chrono::nanoseconds> gap_max;
  replay::CatchUp catch_up = replay::CatchUp::kBurst;
  std::optional<std::int64_t> start_unix_nanoseconds;
  replay::TimestampMode timestamps = replay::TimestampMode::kOriginal;
  std::vector<LatenessBound> lateness_bounds;

  // Control.
  bool starts_paused = false;
  std::string control_path;  // of a socket; empty: none
  bool is_dry_run = false;
};

// `options` outlives the parsing. Values that are wrong by themselves stop it.
void AddReplayPlayOptions(CLI::App& program, ReplayPlayOptions& options);

// What parsing cannot see: options that do not fit one another. InvalidArgument.
absl::Status CheckReplayPlayOptions(const CLI::App& program, const ReplayPlayOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_PLAY_OPTIONS_H_
