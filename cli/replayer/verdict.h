// The result of a replay: notices on stderr, and the exit code.
#ifndef GROUNDHOG_CLI_REPLAYER_VERDICT_H_
#define GROUNDHOG_CLI_REPLAYER_VERDICT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "cli/replayer/options.h"
#include "cli/shared/progress_printer.h"
#include "replay/player.h"
#include "replay/playlist.h"

namespace groundhog::cli {

// `closed` is the status of Sink::Close, `destination` is Sink::Describe's. `playlist` is the
// one that was played.
int JudgeReplay(const ReplayOptions& options, const replay::Outcome& outcome,
                const absl::Status& closed, const std::string& destination,
                const replay::Playlist& playlist, ProgressPrinter& printer);

// The exit code of a run that selected no record is kExitNo, unless it is worse already; a notice
// says so.
// `records_of_shard`: how many of the records were ours.
int JudgeRecords(const ReplayOptions& options, int exit_code, const replay::Playlist& playlist,
                 std::uint64_t records_of_shard, ProgressPrinter& printer);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_VERDICT_H_
