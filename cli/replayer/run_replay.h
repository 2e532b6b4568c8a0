// groundhog-replay FILE --to ...: a replay, or with --dry-run what it would do.
#ifndef GROUNDHOG_CLI_REPLAYER_RUN_REPLAY_H_
#define GROUNDHOG_CLI_REPLAYER_RUN_REPLAY_H_

#include "cli/replayer/options.h"

namespace groundhog::cli {

// Shows progress, obeys keys and --control, writes --report and --kafka-stats, and returns the exit
// code.
int RunReplay(const ReplayOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_RUN_REPLAY_H_
