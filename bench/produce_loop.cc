// The yardstick for a replay into Kafka at full speed: a bare librdkafka produce loop that sends
// ready-made payloads, with the keys, topics and configuration of a replay, and does nothing else.
//
//   produce_loop HOST:PORT|embedded FILE TOPIC ALERTS-TOPIC [COMMIT-RECORDS]
//
// FILE has JSON lines as `groundhog cat` prints them; ERRORs go to both topics. With COMMIT-RECORDS
// it commits a transaction every so many records. Prints the seconds from the first message to the
// last acknowledgement; the topics are made before.
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sinks/embedded_kafka.h"
#include "sinks/kafka_client.h"
#include "sinks/kafka_config.h"
#include "sinks/kafka_topics.h"
#include "sinks/patience.h"

namespace groundhog {
namespace {

struct Payload {
  std::string line;
  std::size_t key_begin = 0;
  std::size_t key_size = 0;
  bool is_error = false;
};

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "produce_loop: %s\n", std::string(status.message()).c_str());
  std::exit(1);
}

void Require(rd_kafka_error_t* raw) {
  const sinks::KafkaError error(raw);
  if (error == nullptr) return;
  std::fprintf(stderr, "produce_loop: %s\n", rd_kafka_error_string(error.get()));
  std::exit(1);
}

std::vector<Payload> ReadPayloads(const char* path) {
  constexpr std::string_view kBefore = "{\"service\":\"";
  std::vector<Payload> payloads;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t end = line.find('"', kBefore.size());
    const bool is_error = line.compare(end, 18, "\",\"level\":\"ERROR\",") == 0;
    payloads.push_back({.line = std::move(line),
                        .key_begin = kBefore.size(),
                        .key_size = end - kBefore.size(),
                        .is_error = is_error});
  }
  return payloads;
}

class Loop {
 public:
  Loop(sinks::KafkaClient& client, const char* topic, const char* alerts)
      : client_(client),
        topic_(rd_kafka_topic_new(client.handle(), topic, nullptr)),
        alerts_(rd_kafka_topic_new(client.handle(), alerts, nullptr)) {}

  double Run(std::vector<Payload>& payloads, std::size_t commit_records) {
    const bool is_transactional = commit_records != 0;
    const auto start = std::chrono::steady_clock::now();
    std::size_t count = 0;
    for (Payload& payload : payloads) {
      if (is_transactional && count % commit_records == 0) {
        Require(rd_kafka_begin_transaction(client_.handle()));
      }
      Produce(topic_.get(), payload);
      if (payload.is_error) Produce(alerts_.get(), payload);
      if (is_transactional && ++count % commit_records == 0) {
        Require(rd_kafka_commit_transaction(client_.handle(), -1));
      }
    }
    if (is_transactional && count % commit_records != 0) {
      Require(rd_kafka_commit_transaction(client_.handle(), -1));
    }
    rd_kafka_flush(client_.handle(), 60'000);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  void Produce(rd_kafka_topic_t* topic, Payload& payload) {
    while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, payload.line.data(),
                            payload.line.size(), payload.line.data() + payload.key_begin,
                            payload.key_size, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        Require(absl::UnavailableError(rd_kafka_err2str(rd_kafka_last_error())));
      }
      rd_kafka_poll(client_.handle(), 1);
    }
  }

  sinks::KafkaClient& client_;
  sinks::KafkaTopic topic_;
  sinks::KafkaTopic alerts_;
};

int Main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "produce_loop HOST:PORT|embedded FILE TOPIC ALERTS [COMMIT-RECORDS]\n");
    return 2;
  }
  const std::vector<std::string> topics = {argv[3], argv[4]};
  const std::size_t commit_records = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 0;
  std::vector<Payload> payloads = ReadPayloads(argv[2]);
  std::string brokers = argv[1];
  std::unique_ptr<sinks::EmbeddedKafka> embedded;
  if (brokers == "embedded") {
    auto started = sinks::EmbeddedKafka::Start(topics);
    Require(started.status());
    embedded = *std::move(started);
    brokers = embedded->address();
  }
  auto config = sinks::MakeKafkaConfig(
      {}, commit_records != 0 ? absl::StrCat("produce-loop-", topics[0]) : "");
  Require(config.status());
  std::atomic<std::size_t> delivered = 0;
  auto client = sinks::KafkaClient::CreateProducer(
      *std::move(config), brokers,
      [&](const rd_kafka_message_t& message) { delivered += message.err == 0 ? 1 : 0; }, nullptr);
  Require(client.status());
  sinks::Patience patience(std::chrono::seconds(30), nullptr);
  Require((*client)->Connect(patience, nullptr));
  if (embedded == nullptr) {
    Require(sinks::PrepareTopics(**client, topics, sinks::kNewTopicPartitions, patience).status());
  }
  if (commit_records != 0) Require(rd_kafka_init_transactions((*client)->handle(), 30'000));
  const double seconds = Loop(**client, argv[3], argv[4]).Run(payloads, commit_records);
  std::size_t expected = payloads.size();
  for (const Payload& payload : payloads) expected += payload.is_error ? 1 : 0;
  if (delivered != expected) Require(absl::UnavailableError("not all was acknowledged"));
  std::printf("%.6f\n", seconds);
  return 0;
}

}  // namespace
}  // namespace groundhog

int main(int argc, char** argv) { return groundhog::Main(argc, argv); }
