// The command line of groundhog-replay.
#ifndef GROUNDHOG_CLI_REPLAY_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAY_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/filter_options.h"
#include "cli/progress_printer.h"
#include "replay/pace.h"
#include "replay/timestamps.h"
#include "sinks/make_sink.h"

namespace groundhog::cli {

struct ReplayOptions {
  std::string file;         // "-": standard input
  sinks::SinkOptions sink;  // all but its callbacks
  std::string kafka_config_file;
  replay::Pace pace;
  std::optional<replay::Ratio> rate_max;
  FilterOptions filter;                    // given a meaning when a trace is open
  std::optional<std::uint64_t> loops = 1;  // nullopt: without end
  replay::TimestampMode timestamps = replay::TimestampMode::kOriginal;
  std::string report;  // empty: none
  ProgressMode progress = ProgressMode::kAuto;
  bool is_quiet = false;
};

// `options` outlives the parsing. Values that are wrong by themselves stop it.
void AddReplayOptions(CLI::App& program, ReplayOptions& options);

// What parsing cannot see: options that do not fit one another. Reads --kafka-config's file, whose
// lines come before those of -X. InvalidArgument, NotFound.
absl::Status CompleteReplayOptions(const CLI::App& program, ReplayOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAY_OPTIONS_H_
