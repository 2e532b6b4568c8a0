// Topics made ready before the first message: created when missing, looked at when not.
//
// A topic that we create has 3 partitions or what --partitions says, the brokers' default
// replication and retention.ms=-1: records dated 2025 would else be deleted by the default
// retention within minutes. Creating comes first and "it exists" is the usual answer: asking first
// would, on brokers that create topics by themselves, make them with the default retention.
#ifndef GROUNDHOG_SINKS_KAFKA_TOPICS_H_
#define GROUNDHOG_SINKS_KAFKA_TOPICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/kafka_client.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

inline constexpr int kNewTopicPartitions = 3;

// InvalidArgument: Kafka allows no topic of this name.
absl::Status CheckTopicName(const std::string& topic);

// A topic's settings by Kafka's names ("retention.ms").
using TopicSettings = std::map<std::string, std::string>;

// Creates those that are missing, with so many partitions, and returns the settings of each, which
// only serve warnings: those of topics whose settings cannot be had (no right to see them, a broker
// that does not answer within five seconds) are left out. The client is connected. Errors as
// KafkaClient::Connect; InvalidArgument: a topic is neither there nor may we create it.
absl::StatusOr<std::map<std::string, TopicSettings>> PrepareTopics(
    KafkaClient& client, const std::vector<std::string>& topics, int partitions,
    Patience& patience);

// 0: there is no such topic. Errors as KafkaClient::Connect; InvalidArgument: we may not see it.
absl::StatusOr<int> CountPartitions(KafkaClient& client, rd_kafka_topic_t* topic,
                                    Patience& patience);

// Whether a topic has messages already, as far as its brokers say so within a second each; for a
// notice. Errors as CountPartitions.
absl::StatusOr<bool> HasMessages(KafkaClient& client, rd_kafka_topic_t* topic, Patience& patience);

// Lines for a person about what a topic with these settings will do to records of that time that it
// would not do to those of today. `now_unix_milliseconds` absent: any limit counts as too short.
std::vector<std::string> WarningsAbout(const std::string& topic, const TopicSettings& settings,
                                       std::int64_t record_unix_milliseconds,
                                       std::optional<std::int64_t> now_unix_milliseconds);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_TOPICS_H_
