// groundhog-replay FILE --audit kafka://HOST:PORT/TOPIC: reads what a pipeline put out and holds it
// against what the replay with these options sent.
#ifndef GROUNDHOG_CLI_REPLAYER_AUDIT_H_
#define GROUNDHOG_CLI_REPLAYER_AUDIT_H_

#include "cli/replayer/options.h"
#include "sinks/kafka/kafka_options.h"

namespace groundhog::cli {

// Prints what was found on stdout, writes --report, and returns the exit code, as `groundhog audit`
// does; kExitInterrupted: a signal. Of `kafka` the properties count, of `options` the address.
int AuditTopics(const ReplayOptions& options, const sinks::KafkaOptions& kafka);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_AUDIT_H_
