// What must be the same for a replay to go on where an earlier one stopped.
#ifndef GROUNDHOG_CLI_REPLAY_IDENTITY_H_
#define GROUNDHOG_CLI_REPLAY_IDENTITY_H_

#include "absl/status/statusor.h"
#include "cli/replay_options.h"
#include "sinks/replay_identity.h"
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

#endif  // GROUNDHOG_CLI_REPLAY_IDENTITY_H_
