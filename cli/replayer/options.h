// The command line of groundhog-replay.
#ifndef GROUNDHOG_CLI_REPLAYER_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cli/audit/audit_options.h"
#include "cli/replayer/play_options.h"
#include "cli/replayer/sink_kind.h"
#include "cli/replayer/sink_kinds.h"
#include "cli/shared/progress_printer.h"
#include "sinks/sink_options.h"

namespace groundhog::cli {

inline constexpr char kProgram[] = "groundhog-replay";

struct ReplayOptions {
  std::string file;  // "-": standard input
  ReplayPlayOptions play;
  SinkKinds kinds = MakeSinkKinds();  // with their own options
  std::string to;                     // an address; empty: only for a dry run
  SinkKind* kind = nullptr;           // that of `to`; nullptr: it names no sink
  sinks::SinkOptions sink;            // all but its callbacks
  // The address of --check or --audit, which is then also `to`; both empty: a replay.
  std::string check;
  std::string audited;
  bool allows_doubles = false;  // --at-least-once, for --check
  AuditArguments audit;
  std::optional<std::int64_t> late_after_milliseconds;  // --late-after, for --audit
  bool is_pace_given = false;  // an option has said when records were due, if only by the way
  std::string report;          // empty: none
  ProgressMode progress = ProgressMode::kAuto;
  bool is_quiet = false;
};

// `options` must outlive the parsing. Values that are wrong by themselves stop it.
void AddReplayOptions(CLI::App& program, ReplayOptions& options);

// What parsing cannot see: options that do not fit one another, and the kind of sink. Reads the
// files that its options name. InvalidArgument, NotFound.
absl::Status CompleteReplayOptions(const CLI::App& program, ReplayOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_OPTIONS_H_
