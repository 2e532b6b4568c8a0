// What a replay into Kafka is asked for, besides what any sink is. Without librdkafka's headers, so
// that who holds these options needs none.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_OPTIONS_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_OPTIONS_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/routes.h"
#include "sinks/message_key.h"
#include "traces/catalogue.h"

namespace groundhog::sinks {

inline constexpr int kNewTopicPartitions = 3;

struct HeaderOptions {
  bool has_position = false;      // "position": decimal
  bool has_cause = false;         // "cause": the occurrence's name; absent where there is none
  bool has_trace_digest = false;  // "trace_digest": 32 hex digits

  bool any() const { return has_position || has_cause || has_trace_digest; }
};

struct KafkaOptions {
  std::string address;  // kafka://HOST:PORT[,HOST:PORT...] or kafka://embedded
  // Topics are patterns, see sinks/kafka/routes.h.
  std::string topic = "raw_logs";
  std::string alerts_topic = "alerts";   // copies of ERROR records; empty: none
  std::vector<Route> routes;             // more copies
  int partitions = kNewTopicPartitions;  // of topics that we create
  MessageKey key = MessageKey::kService;
  HeaderOptions headers;
  // librdkafka's, as KEY=VALUE, over our defaults, in order.
  std::vector<std::string> properties;
  // The embedded cluster dies with the process: how long Close waits for consumers to finish.
  std::chrono::nanoseconds linger = std::chrono::seconds(2);
  // librdkafka's statistics, one JSON object at a time, by any thread. Empty: none.
  std::function<void(std::string_view)> statistics;
};

// The routes that topic, alerts_topic and routes make together. Errors as Routes::Make.
absl::StatusOr<Routes> MakeRoutes(const KafkaOptions& options, const traces::Catalogue& catalogue);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_OPTIONS_H_
