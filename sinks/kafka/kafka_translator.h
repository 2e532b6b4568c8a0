// Translates Kafka's protocol: requests of clients for librdkafka's mock cluster, and its answers
// for clients. For one connection; requests and answers each in their order.
//
// Two things need it. Clients begin with ApiVersions of version 3 or 4; the mock cluster refuses
// these in a form that they cannot read (Java reads from it that it shall wait for 19.7 minutes).
// And the addresses of brokers in answers must be those of the gate, see sinks/kafka/kafka_gate.h.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_TRANSLATOR_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_TRANSLATOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace groundhog::sinks {

// Numbers of https://kafka.apache.org/protocol, "Api Keys".
inline constexpr std::int16_t kKafkaFetch = 1;
inline constexpr std::int16_t kKafkaListOffsets = 2;
inline constexpr std::int16_t kKafkaMetadata = 3;
inline constexpr std::int16_t kKafkaFindCoordinator = 10;
inline constexpr std::int16_t kKafkaApiVersions = 18;

// The newest versions whose answers it can read.
inline constexpr std::int16_t kMetadataVersionMax = 7;
inline constexpr std::int16_t kFindCoordinatorVersionMax = 2;
inline constexpr std::int16_t kApiVersionsVersionMax = 4;

// Not thread-safe.
class KafkaTranslator {
 public:
  // `ports`: of each broker, its own and the one at which clients are to find it.
  explicit KafkaTranslator(std::map<std::int32_t, std::int32_t> ports);

  // Messages are without the four bytes of their length before them. nullopt: it is none of
  // Kafka's protocol, and the connection is of no use any more.
  std::optional<std::string> Request(std::string_view request);
  std::optional<std::string> Answer(std::string_view answer);

 private:
  struct Asked {
    std::int16_t api = 0;
    std::int16_t version = 0;
  };

  const std::map<std::int32_t, std::int32_t> ports_;
  std::unordered_map<std::int32_t, Asked> asked_;  // by correlation id
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_TRANSLATOR_H_
