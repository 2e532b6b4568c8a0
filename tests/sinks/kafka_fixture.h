// A mock cluster in the process, a sink on it, and a consumer that reads back what arrived.
#ifndef GROUNDHOG_TESTS_SINKS_KAFKA_FIXTURE_H_
#define GROUNDHOG_TESTS_SINKS_KAFKA_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sinks/kafka/embedded_kafka.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/kafka/kafka_sink.h"
#include "sinks/sink_options.h"
#include "tests/sinks/message_source.h"

namespace groundhog::sinks {

struct ConsumedMessage {
  std::string key;
  bool has_key = false;
  std::string value;
  std::int32_t partition = 0;
  std::int64_t timestamp_unix_milliseconds = 0;
  std::string headers;  // name=value; in order
};

// A topic's messages from its beginning to its end, partition by partition, in order.
std::vector<ConsumedMessage> Consume(const std::string& brokers, const std::string& topic,
                                     int partitions = 3);

struct KafkaTestOptions {
  KafkaOptions kafka;
  SinkOptions common;
};

class KafkaTest : public ::testing::Test {
 protected:
  KafkaTest();

  // Options for a sink on the mock cluster, reached over its port as any other.
  KafkaTestOptions Options(std::chrono::nanoseconds timeout = std::chrono::seconds(30));
  // The sink, opened. Fails the test if that fails.
  std::unique_ptr<Sink> Open(const KafkaTestOptions& options, const MessageSource& source);
  std::unique_ptr<Sink> Open(const KafkaTestOptions& options) { return Open(options, source_); }

  std::string brokers() const { return kafka_->inner_address(); }
  rd_kafka_mock_cluster_t* cluster() const { return kafka_->cluster(); }
  void TakeBrokersDown() { rd_kafka_mock_broker_set_down(cluster(), -1); }
  void BringBrokersUp() { rd_kafka_mock_broker_set_up(cluster(), -1); }
  // The next requests to produce get these answers.
  void FailProduceRequests(const std::vector<rd_kafka_resp_err_t>& errors);

  // Every message of [0, count) arrived once, in order per key, on one partition per key,
  // unaltered; exactly the ERRORs among them in the alerts topic.
  void ExpectAllArrivedOnce(std::uint64_t count);
  static void ExpectSettled(const Counts& counts);

  const MessageSource source_;
  std::unique_ptr<EmbeddedKafka> kafka_;
  std::vector<std::string> notices_;
  std::atomic<bool> stop_{false};
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_TESTS_SINKS_KAFKA_FIXTURE_H_
