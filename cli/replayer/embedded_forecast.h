// The warning that precedes a replay into kafka://embedded, which keeps only the newest messages.
#ifndef GROUNDHOG_CLI_REPLAYER_EMBEDDED_FORECAST_H_
#define GROUNDHOG_CLI_REPLAYER_EMBEDDED_FORECAST_H_

#include <cstdint>
#include <functional>
#include <string>

#include "cli/replayer/options.h"
#include "sinks/kafka/kafka_options.h"

namespace groundhog::cli {

// A line about what the embedded Kafka is going to forget of this replay, from `start_position` on;
// empty where everything fits. Reads the trace until it knows: at most once to the end, and little
// more than the embedded Kafka keeps. For a pipe the line only gives the limit. `stop_requested`
// ends it early.
std::string EmbeddedForecast(const ReplayOptions& options, const sinks::KafkaOptions& kafka,
                             std::uint64_t start_position,
                             const std::function<bool()>& stop_requested);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_EMBEDDED_FORECAST_H_
