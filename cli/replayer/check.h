// groundhog-replay FILE --check kafka://...: reads the topics back and compares them with the
// trace.
#ifndef GROUNDHOG_CLI_REPLAYER_CHECK_H_
#define GROUNDHOG_CLI_REPLAYER_CHECK_H_

#include "cli/replayer/options.h"
#include "sinks/kafka/kafka_options.h"

namespace groundhog::cli {

// Prints what was found on stderr, writes --report, and returns the exit code: kExitDone when every
// message is there once, unaltered, in order per key, on the partition of its key; kExitNo when
// not.
int CheckReplay(const ReplayOptions& options, const sinks::KafkaOptions& kafka);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_CHECK_H_
