// The command line of groundhog-replay.
#ifndef GROUNDHOG_CLI_REPLAYER_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/replayer/kafka_options.h"
#include "cli/replayer/play_options.h"
#include "cli/shared/progress_printer.h"
#include "sinks/make_sink.h"

namespace groundhog::cli {

struct ReplayOptions {
  std::string file;  // "-": standard input
  ReplayPlayOptions play;
  sinks::SinkOptions sink;      // all but its callbacks
  std::string check;            // --check's address, which is then also sink.to; empty: a replay
  bool allows_doubles = false;  // --at-least-once, for --check
  KafkaFiles kafka_files;
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

#endif  // GROUNDHOG_CLI_REPLAYER_OPTIONS_H_
