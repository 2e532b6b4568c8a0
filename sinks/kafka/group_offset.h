// The committed position of a consumer group, requested as its consumers do.
//
// Not with the admin call ListConsumerGroupOffsets: from a producer, librdkafka up to 2.16 aborts
// in it when the group's coordinator is not ready, which takes some seconds after a broker has
// started or died (its issue 5040).
#ifndef GROUNDHOG_SINKS_KAFKA_GROUP_OFFSET_H_
#define GROUNDHOG_SINKS_KAFKA_GROUP_OFFSET_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

struct GroupOffsetRequest {
  std::vector<std::string> properties;  // -X, as a replay's
  std::string brokers;                  // HOST:PORT[,HOST:PORT...]
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::function<void(std::string_view)> notice;  // hears, after two seconds, that it waits
};

struct GroupOffset {
  std::int64_t offset = 0;
  std::string metadata;
};

// The offset that the group has committed; nullopt: none. Waits for a transaction that is just
// committing one. Does not join the group. Errors as KafkaClient::Connect, and InvalidArgument: no
// permission, or the brokers refuse for another reason that will not pass.
absl::StatusOr<std::optional<GroupOffset>> ReadGroupOffset(const GroupOffsetRequest& request,
                                                           Patience& patience);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_GROUP_OFFSET_H_
