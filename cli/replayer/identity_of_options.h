// What must be the same for a replay to go on where an earlier one stopped.
#ifndef GROUNDHOG_CLI_REPLAYER_IDENTITY_OF_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_IDENTITY_OF_OPTIONS_H_

#include "absl/status/statusor.h"
#include "cli/replayer/options.h"
#include "sinks/saved_position.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {

// The trace's digest, and each option that decides what is sent or where. Not those that only
// decide when (speed). InvalidArgument: positions in this trace mean nothing later (a pipe, an
// incomplete trace).
absl::StatusOr<sinks::ReplayIdentity> MakeReplayIdentity(const ReplayOptions& options,
                                                         const traces::RecordSelection& selection,
                                                         const traces::Reader& reader);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_IDENTITY_OF_OPTIONS_H_
