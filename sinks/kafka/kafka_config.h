// The producer's configuration: what delivery needs, then our defaults, then the user's -X.
//
// Fixed, as correctness rests on it: the idempotent producer with acks=all (no loss, no doubles, no
// reordering on retries), a fatal error rather than a gap (enable.gapless.guarantee), no time after
// which librdkafka drops a message by itself (message.timeout.ms=0; --timeout bounds the waiting),
// a report for every message. Another value for one of these is refused, not overridden silently.
// Defaults that -X may change: no compression, murmur2_random (partitions as Java's producer
// chooses them), linger.ms=5, no Nagle, at most 100,000 messages and 64 MiB waiting.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_CONFIG_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_handles.h"

namespace groundhog::sinks {

// `properties` are KEY=VALUE, a later one winning. `transactional_id`, where not empty, makes it a
// transactional producer. InvalidArgument names the property that is unknown, has a bad value or is
// fixed; values are repeated only if librdkafka does so.
absl::StatusOr<KafkaConfig> MakeKafkaConfig(const std::vector<std::string>& properties,
                                            const std::string& transactional_id = "");

// The most bytes that go into one batch, if more than one message is in it.
std::int64_t BatchBytesOf(const KafkaConfig& config);

// The brokers end a transaction that has been open for so long.
std::chrono::milliseconds TransactionTimeoutOf(const KafkaConfig& config);

// For reading back: no commits, and no group where `group` is empty. `properties` are those of a
// replay; what only a producer knows has no effect. kAll also sees what is not committed (yet), and
// so where a topic ends. What is read ahead of so many partitions takes half a GiB at most, or
// 64 KiB each if that is more.
enum class Isolation { kCommitted, kAll };
absl::StatusOr<KafkaConfig> MakeKafkaReaderConfig(const std::vector<std::string>& properties,
                                                  Isolation isolation, std::size_t partitions,
                                                  const std::string& group = "");

// What chooses a key's partition. InvalidArgument: a choice that follows from no key.
using KafkaPartitioner = std::int32_t (*)(const rd_kafka_topic_t*, const void*, std::size_t,
                                          std::int32_t, void*, void*);
absl::StatusOr<KafkaPartitioner> PartitionerOf(const std::vector<std::string>& properties);

// All properties that librdkafka has, with their meaning: a long text.
std::string KafkaPropertiesText();

// KEY = VALUE, a line each, of a replay with these properties; secrets are masked. Errors as
// MakeKafkaConfig.
absl::StatusOr<std::string> KafkaConfigText(const std::vector<std::string>& properties);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_CONFIG_H_
