// The address in --to kafka://HOST:PORT[,HOST:PORT...] or kafka://embedded.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_ADDRESS_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_ADDRESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace groundhog::sinks {

struct KafkaAddress {
  bool is_embedded = false;
  std::string brokers;  // HOST:PORT,HOST:PORT...; empty when embedded
};

// `to` begins with "kafka:". A HOST may be a name, an IPv4 address or an IPv6 one in brackets;
// without a port, 9092. InvalidArgument says what is wrong, without repeating a password.
absl::StatusOr<KafkaAddress> ParseKafkaAddress(std::string_view to);

// kafka://HOST:PORT[,HOST:PORT...]/TOPIC[,TOPIC...]
struct KafkaTopicsAddress {
  std::string address;  // without the topics
  std::vector<std::string> topics;
};

// `address` begins with "kafka:". InvalidArgument: there is no topic in it, or one twice. The rest
// is ParseKafkaAddress's.
absl::StatusOr<KafkaTopicsAddress> ParseKafkaTopicsAddress(std::string_view address);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_ADDRESS_H_
