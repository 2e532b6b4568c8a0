// Topics that have messages before a replay begins: the user must be warned.
#ifndef GROUNDHOG_SINKS_KAFKA_EARLIER_MESSAGES_H_
#define GROUNDHOG_SINKS_KAFKA_EARLIER_MESSAGES_H_

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/patience.h"
#include "sinks/sink_options.h"

namespace groundhog::sinks {

// Gives a notice of the first topic that has some, with the consequence. Errors as
// FindTopicWithMessages.
absl::Status TellOfEarlierMessages(KafkaClient& client, std::span<const KafkaTopic> topics,
                                   Patience& patience, const SinkOptions& options,
                                   std::string_view what_follows);

// The same for a replay without transactions, because sending a trace twice by mistake doubles it.
// No notice for a replay that continues, or that starts again by --reset. The same errors, except
// that a topic that may be written but not read is no error.
absl::Status WarnIfTopicsHaveMessages(KafkaClient& client, std::span<const KafkaTopic> topics,
                                      Patience& patience, const SinkOptions& options);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_EARLIER_MESSAGES_H_
