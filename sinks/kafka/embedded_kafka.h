// kafka://embedded: librdkafka's mock cluster in this process, one broker on a loopback port, for
// demos and tests without a Kafka. It keeps the newest 5 MiB of each partition, knows no
// transactions and dies with the process.
//
// Its answers to some requests are such that only librdkafka reads them. So clients come through a
// gate, and newer versions of these requests are switched off, as a client asks for the newest
// that both know. Clients that know nothing older than Kafka 2.4's protocol are not served.
#ifndef GROUNDHOG_SINKS_KAFKA_EMBEDDED_KAFKA_H_
#define GROUNDHOG_SINKS_KAFKA_EMBEDDED_KAFKA_H_

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_gate.h"
#include "sinks/kafka/kafka_handles.h"
#include "sinks/kafka/kafka_options.h"

namespace groundhog::sinks {

// Of each partition it keeps the newest batches that have no more bytes than this in all, as they
// were sent: compressed, if they were. (rd_kafka_mock_topic_new in librdkafka.)
inline constexpr std::uint64_t kEmbeddedPartitionBytes = 5 << 20;

// Thread-safe, except the destructor, which ends the cluster.
class EmbeddedKafka {
 public:
  // Starts it with these topics. Unavailable: no port, no thread.
  static absl::StatusOr<std::unique_ptr<EmbeddedKafka>> Start(
      const std::vector<std::string>& topics, int partitions = kNewTopicPartitions,
      int brokers = 1);

  // HOST:PORT[,HOST:PORT...] for clients of any kind.
  const std::string& address() const { return gate_->address(); }
  // The same without the gate, for librdkafka in this process.
  std::string inner_address() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }
  // For tests: to inject failures.
  rd_kafka_mock_cluster_t* cluster() const { return cluster_.get(); }

 private:
  EmbeddedKafka() = default;

  KafkaHandle host_;  // hosts the cluster, and outlives it
  std::unique_ptr<rd_kafka_mock_cluster_t, KafkaDeleter<rd_kafka_mock_cluster_destroy>> cluster_;
  std::unique_ptr<KafkaGate> gate_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_EMBEDDED_KAFKA_H_
