// The time that a message carries in Kafka.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_TIMESTAMP_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_TIMESTAMP_H_

#include <cstdint>

namespace groundhog::sinks {

// Milliseconds since 1970, as sent for a record of that time: the same, but 1 for 0. librdkafka
// takes 0 for "now", and its interface has no other way to say 1970-01-01T00:00:00.000Z. Times
// before are sent as they are.
constexpr std::int64_t KafkaTimestamp(std::int64_t record_unix_milliseconds) {
  return record_unix_milliseconds == 0 ? 1 : record_unix_milliseconds;
}

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_TIMESTAMP_H_
