// The begins and ends of partitions, requested for many at a time: one after another, thousands of
// partitions would take minutes.
#ifndef GROUNDHOG_SINKS_KAFKA_PARTITION_RANGES_H_
#define GROUNDHOG_SINKS_KAFKA_PARTITION_RANGES_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

struct PartitionRange {
  std::string topic;
  std::int32_t partition = 0;
  // Offsets: of the first message that is there, and after the last one.
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// What follows when we have no right to see a partition. Not OK: the search ends with that.
using OnHiddenPartition = std::function<absl::Status(const PartitionRange&)>;

// Fills in `begin` and `end`, as the client's isolation level sees them. Some hundred partitions
// are one request to each of their leaders; the patience starts anew with each such answer. What no
// leader serves yet is asked about again. Unavailable: not served in time. Cancelled: asked to
// stop.
absl::Status FindRanges(KafkaClient& client, std::span<PartitionRange> ranges, Patience& patience,
                        const OnHiddenPartition& hidden);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_PARTITION_RANGES_H_
