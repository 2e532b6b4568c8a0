// Prepares topics before the first message: creates missing ones, checks existing ones.
//
// A topic that we create has 3 partitions or what --partitions says, the brokers' default
// replication and settings that take a replay (see new_topics.h): records dated 2025 would
// otherwise be deleted by the default retention within minutes, those dated next week be refused.
// Creating comes first and "it exists" is the usual answer: asking first would, on brokers that
// create topics by themselves, make them with the default settings.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_TOPICS_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_TOPICS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/new_topics.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

// Creates those that are missing, with so many partitions, and returns the settings of each, which
// only serve warnings: those of topics whose settings cannot be had (no right to see them, a broker
// that does not answer within five seconds) are left out. What a cluster cannot do at the moment,
// as brokers are down, is waited for, and `notice`, if not empty, is called with a line about it.
// The client is connected. Errors as KafkaClient::Connect; InvalidArgument: a topic is neither
// there nor may we create it.
absl::StatusOr<std::map<std::string, TopicSettings>> PrepareTopics(
    KafkaClient& client, const std::vector<std::string>& topics, int partitions, Patience& patience,
    const std::function<void(std::string_view)>& notice);

// The first topic that has messages already, as far as brokers say so within some seconds; for a
// notice. nullopt: none has. Errors as CountPartitions.
absl::StatusOr<std::optional<std::string>> FindTopicWithMessages(KafkaClient& client,
                                                                 std::span<const KafkaTopic> topics,
                                                                 Patience& patience);

// The most bytes that a batch may have for all of these topics; nullopt: they do not say.
std::optional<std::int64_t> LeastBatchMax(const std::map<std::string, TopicSettings>& topics);

// How many messages these topics no longer have: where their partitions begin, added up. Only of a
// cluster that began with this replay. Errors as CountPartitions; Unavailable: brokers do not say
// it within some seconds.
absl::StatusOr<std::uint64_t> CountForgotten(KafkaClient& client,
                                             std::span<const KafkaTopic> topics,
                                             Patience& patience);

// Lines for a person: what a topic with these settings will do to records of that time, but not to
// records of today. `now_unix_milliseconds` absent: any limit counts as too short.
std::vector<std::string> WarningsAbout(const std::string& topic, const TopicSettings& settings,
                                       std::int64_t record_unix_milliseconds,
                                       std::optional<std::int64_t> now_unix_milliseconds);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_TOPICS_H_
