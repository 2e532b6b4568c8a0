// Topics by the brokers' metadata: whether they exist, and their numbers of partitions.
#ifndef GROUNDHOG_SINKS_KAFKA_TOPIC_METADATA_H_
#define GROUNDHOG_SINKS_KAFKA_TOPIC_METADATA_H_

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/kafka_handles.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

using KafkaMetadata =
    std::unique_ptr<const rd_kafka_metadata_t, KafkaDeleter<rd_kafka_metadata_destroy>>;

// About the brokers and `topic`, or with null about all topics that the client has a handle of.
// Errors as KafkaClient::Connect.
absl::StatusOr<KafkaMetadata> AskForMetadata(KafkaClient& client, rd_kafka_topic_t* topic,
                                             Patience& patience);

// Of each topic, asked for at once. 0: there is no such topic. Waits for those that have no leader
// yet. Errors as KafkaClient::Connect; InvalidArgument: we may not see one.
absl::StatusOr<std::vector<int>> CountPartitions(KafkaClient& client,
                                                 std::span<const KafkaTopic> topics,
                                                 Patience& patience);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_TOPIC_METADATA_H_
