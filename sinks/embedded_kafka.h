// kafka://embedded: librdkafka's mock cluster in this process, one broker on a loopback port, for
// demos and tests without a Kafka. It keeps the newest 5 MiB of each partition, knows no
// transactions and dies with the process.
#ifndef GROUNDHOG_SINKS_EMBEDDED_KAFKA_H_
#define GROUNDHOG_SINKS_EMBEDDED_KAFKA_H_

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka_handles.h"
#include "sinks/kafka_topics.h"

namespace groundhog::sinks {

// Thread-safe, but for the destructor, which ends the cluster.
class EmbeddedKafka {
 public:
  // Starts it with these topics. Unavailable: no port, no thread.
  static absl::StatusOr<std::unique_ptr<EmbeddedKafka>> Start(
      const std::vector<std::string>& topics, int partitions = kNewTopicPartitions,
      int brokers = 1);

  // HOST:PORT.
  std::string address() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }
  // For tests: to inject failures.
  rd_kafka_mock_cluster_t* cluster() const { return cluster_.get(); }

 private:
  EmbeddedKafka() = default;

  KafkaHandle host_;  // hosts the cluster, and outlives it
  std::unique_ptr<rd_kafka_mock_cluster_t, KafkaDeleter<rd_kafka_mock_cluster_destroy>> cluster_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_EMBEDDED_KAFKA_H_
