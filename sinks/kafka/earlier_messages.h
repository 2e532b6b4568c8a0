// Topics that have messages before a replay begins: whoever sends into them must learn of it.
#ifndef GROUNDHOG_SINKS_KAFKA_EARLIER_MESSAGES_H_
#define GROUNDHOG_SINKS_KAFKA_EARLIER_MESSAGES_H_

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/make_sink.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

// Notices the first topic that has some, with what follows from it. Errors as
// FindTopicWithMessages.
absl::Status TellOfEarlierMessages(KafkaClient& client, std::span<const KafkaTopic> topics,
                                   Patience& patience, const SinkOptions& options,
                                   std::string_view what_follows);

// The same for a replay without transactions, as whoever sends a trace a second time by mistake
// doubles it. One that goes on, or was told to begin anew, knows. Errors likewise, except that who
// may not read a topic may still write it.
absl::Status TellOfAddition(KafkaClient& client, std::span<const KafkaTopic> topics,
                            Patience& patience, const SinkOptions& options);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_EARLIER_MESSAGES_H_
