#include "sinks/kafka/embedded_kafka.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sinks/kafka/kafka_translator.h"

namespace groundhog::sinks {
namespace {

constexpr int kAnswerMilliseconds = 10'000;

// After the cluster's thread has done a task, it empties the pipe that woke it. If the next task
// has come already, its wake-up is lost with that, and it waits for a second. Once the cluster has
// answered a request, its thread is past this point.
absl::Status AwaitAnswer(rd_kafka_t* client) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t result =
      rd_kafka_metadata(client, 0, nullptr, &metadata, kAnswerMilliseconds);
  if (result != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(
        absl::StrCat("the embedded Kafka does not answer: ", rd_kafka_err2str(result)));
  }
  rd_kafka_metadata_destroy(metadata);
  return absl::OkStatus();
}

struct VersionMax {
  std::int16_t api = 0;
  std::int16_t version = 0;
};

// The newest versions that librdkafka 2.0's mock cluster answers correctly.
constexpr std::array kVersionsMax = {
    // From 4 on, the epoch of the leader has 8 bytes in place of 4, and what follows is nonsense.
    VersionMax{.api = kKafkaListOffsets, .version = 3},
    // From 7 on there are sessions, of which it repeats only the name.
    VersionMax{.api = kKafkaFetch, .version = 6},
    // It allows no more than 2, which no tool for topics speaks; from 8 on a field is missing.
    VersionMax{.api = kKafkaMetadata, .version = kMetadataVersionMax},
    VersionMax{.api = kKafkaFindCoordinator, .version = kFindCoordinatorVersionMax},
};

absl::Status LimitVersions(rd_kafka_t* client, rd_kafka_mock_cluster_t* cluster) {
  for (const VersionMax& one : kVersionsMax) {
    if (absl::Status s = AwaitAnswer(client); !s.ok()) return s;
    const rd_kafka_resp_err_t result =
        rd_kafka_mock_set_apiversion(cluster, one.api, 0, one.version);
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(
          absl::StrCat("cannot set up the embedded Kafka: ", rd_kafka_err2str(result)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedKafka>> EmbeddedKafka::Start(
    const std::vector<std::string>& topics, int partitions, int brokers) {
  std::array<char, 512> error{};
  KafkaConfig config(rd_kafka_conf_new());
  // Its log lines stay in a queue without a reader.
  rd_kafka_conf_set(config.get(), "log.queue", "true", error.data(), error.size());
  std::unique_ptr<EmbeddedKafka> kafka(new EmbeddedKafka());
  kafka->host_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, config.get(), error.data(), error.size()));
  if (kafka->host_ == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot start an embedded Kafka: ", error.data()));
  }
  (void)config.release();  // the handle owns it now
  kafka->cluster_.reset(rd_kafka_mock_cluster_new(kafka->host_.get(), brokers));
  if (kafka->cluster_ == nullptr) {
    return absl::UnavailableError("cannot start an embedded Kafka: is a loopback port free?");
  }
  rd_kafka_brokers_add(kafka->host_.get(), kafka->inner_address().c_str());
  if (absl::Status s = LimitVersions(kafka->host_.get(), kafka->cluster_.get()); !s.ok()) return s;
  for (const std::string& topic : topics) {
    if (absl::Status s = AwaitAnswer(kafka->host_.get()); !s.ok()) return s;
    const rd_kafka_resp_err_t result =
        rd_kafka_mock_topic_create(kafka->cluster_.get(), topic.c_str(), partitions, brokers);
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(absl::StrCat(
          "cannot create topic ", topic, " in the embedded Kafka: ", rd_kafka_err2str(result)));
    }
  }
  absl::StatusOr<std::unique_ptr<KafkaGate>> gate = KafkaGate::Open(kafka->inner_address());
  if (!gate.ok()) {
    return absl::UnavailableError(
        absl::StrCat("cannot start an embedded Kafka: ", gate.status().message()));
  }
  kafka->gate_ = *std::move(gate);
  return kafka;
}

}  // namespace groundhog::sinks
