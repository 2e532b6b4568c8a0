// Reads topics back, as a checker needs it: each partition by itself, from its beginning to where
// it ended when reading began, committed messages only. Joins no consumer group and commits
// nothing.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_READER_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_READER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/kafka_config.h"
#include "sinks/kafka/partition_ranges.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

// A message of Kafka. Views are valid until the next call for the same partition.
struct StoredMessage {
  std::int64_t offset = 0;
  std::string_view key;  // no data at all (null): no key
  std::string_view value;
  std::int64_t timestamp_unix_milliseconds = 0;
  // NAME=VALUE; for each header, in order.
  std::string headers;
};

struct KafkaReaderOptions {
  std::string address;                    // kafka://HOST:PORT[,HOST:PORT...]
  std::vector<std::string> kafka_config;  // KEY=VALUE; what only a producer knows is passed over
  std::vector<std::string> topics;
  // The longest wait for a connection, or without a message while more are expected.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  std::function<void(std::string_view)> notice;
  std::function<bool()> stop_requested;
};

// Not thread-safe. Errors: Unavailable: not reached, or nothing came in time. InvalidArgument: the
// address, a property, or no right to read. Cancelled: asked to stop.
class KafkaReader {
 public:
  static absl::StatusOr<std::unique_ptr<KafkaReader>> Open(KafkaReaderOptions options);
  ~KafkaReader();
  KafkaReader(const KafkaReader&) = delete;
  KafkaReader& operator=(const KafkaReader&) = delete;

  // Of the topic with this index in the options; 0: there is no such topic.
  int partitions(std::size_t topic) const;

  // The offsets that a partition had when reading began. Not each has a message: transactions and
  // compaction leave gaps.
  struct Extent {
    std::int64_t begin = 0;
    std::int64_t end = 0;  // after the last one
  };
  Extent ExtentOf(std::size_t topic, int partition) const;

  // Whether the broker replaced timestamps by the time of arrival. Looks at one message.
  absl::StatusOr<bool> HasArrivalTimes(std::size_t topic);

  // The partition to which the replay's producer sends this key, with the same properties.
  int PartitionOf(std::size_t topic, std::string_view key) const;

  // The next message of a partition. False: there are no more.
  absl::StatusOr<bool> Next(std::size_t topic, int partition, StoredMessage* message);

 private:
  struct Partition;
  struct Topic;
  KafkaReader(KafkaReaderOptions options, KafkaPartitioner partitioner);

  absl::StatusOr<std::vector<PartitionRange>> FindAllRanges(const std::string& brokers);
  absl::Status OpenTopics(std::vector<PartitionRange> ranges);
  absl::Status Fill(Topic& topic, int number);
  absl::Status Take(Topic& topic, int number, rd_kafka_message_t* message);

  const KafkaReaderOptions options_;
  Patience patience_;
  KafkaPartitioner partitioner_;
  std::unique_ptr<KafkaClient> client_;
  std::vector<std::unique_ptr<Topic>> topics_;
  int held_up_slices_ = 0;  // that were waited for transactions to end
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_READER_H_
