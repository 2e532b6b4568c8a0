// The yardstick for a replay into Kafka at full speed: a bare librdkafka produce loop that sends
// the same messages, ready-made, with the topics and configuration of a replay, and does nothing
// else.
//
//   produce_loop HOST:PORT|embedded FILE TOPIC ALERTS-TOPIC [COMMIT-RECORDS]
//
// FILE has JSON lines as `groundhog cat` prints them; ERRORs go to both topics. With COMMIT-RECORDS
// it commits a transaction after every COMMIT-RECORDS records. Prints the seconds from the first
// message to the last acknowledgement; the topics are made before.
#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "sinks/kafka/embedded_kafka.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/kafka_config.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/kafka/kafka_topics.h"
#include "sinks/patience.h"

namespace groundhog {
namespace {

struct Payload {
  std::string line;
  std::size_t key_begin = 0;
  std::size_t key_size = 0;
  std::int64_t timestamp = 0;  // Unix milliseconds
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

std::int64_t TimestampOf(const std::string& line) {
  constexpr std::string_view kBefore = "\",\"timestamp\":\"";
  constexpr std::size_t kSize = 24;  // 2025-01-06T14:03:27.123Z
  absl::Time time;
  std::string error;
  const std::string text = line.substr(line.find(kBefore) + kBefore.size(), kSize);
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    Require(absl::InvalidArgumentError(error));
  }
  return absl::ToUnixMillis(time);
}

std::vector<Payload> ReadPayloads(const char* path) {
  constexpr std::string_view kBefore = "{\"service\":\"";
  std::vector<Payload> payloads;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t end = line.find('"', kBefore.size());
    const bool is_error = line.compare(end, 18, "\",\"level\":\"ERROR\",") == 0;
    const std::int64_t timestamp = TimestampOf(line);
    payloads.push_back({.line = std::move(line),
                        .key_begin = kBefore.size(),
                        .key_size = end - kBefore.size(),
                        .timestamp = timestamp,
                        .is_error = is_error});
  }
  return payloads;
}

// Waits until a broker has answered; makes the topics, unless they are embedded.
void Prepare(const std::string& brokers, const std::vector<std::string>& topics, bool makes_them) {
  auto config = sinks::MakeKafkaConfig({});
  Require(config.status());
  auto client = sinks::KafkaClient::CreateProducer(
      *std::move(config), brokers,
      {.acknowledged = [](std::span<void* const>) {}, .failed = [](const rd_kafka_message_t&) {}});
  Require(client.status());
  sinks::Patience patience(std::chrono::seconds(30), nullptr);
  Require((*client)->Connect(patience, nullptr));
  if (!makes_them) return;
  Require(sinks::PrepareTopics(**client, topics, sinks::kNewTopicPartitions, patience, nullptr)
              .status());
}

void OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++*static_cast<std::size_t*>(opaque);
}

class Loop {
 public:
  // With COMMIT-RECORDS (not 0) transactional.
  Loop(const std::string& brokers, const std::vector<std::string>& topics,
       std::size_t commit_records)
      : commit_records_(commit_records) {
    auto config = sinks::MakeKafkaConfig(
        {}, commit_records != 0 ? absl::StrCat("produce-loop-", topics[0]) : "");
    Require(config.status());
    std::array<char, 512> error{};
    rd_kafka_conf_set(config->get(), "bootstrap.servers", brokers.c_str(), error.data(),
                      error.size());
    rd_kafka_conf_set_dr_msg_cb(config->get(), OnReport);
    rd_kafka_conf_set_opaque(config->get(), &acknowledged_);
    handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, config->release(), error.data(), error.size()));
    if (handle_ == nullptr) Require(absl::UnavailableError(error.data()));
    topic_.reset(rd_kafka_topic_new(handle_.get(), topics[0].c_str(), nullptr));
    alerts_.reset(rd_kafka_topic_new(handle_.get(), topics[1].c_str(), nullptr));
    if (commit_records != 0) Require(rd_kafka_init_transactions(handle_.get(), 30'000));
    while (rd_kafka_controllerid(handle_.get(), 30'000) < 0) {
    }
  }

  // How long it took.
  std::chrono::duration<double> Run(std::vector<Payload>& payloads) {
    const bool is_transactional = commit_records_ != 0;
    const auto start = std::chrono::steady_clock::now();
    std::size_t count = 0;
    for (Payload& payload : payloads) {
      if (is_transactional && count % commit_records_ == 0) {
        Require(rd_kafka_begin_transaction(handle_.get()));
      }
      Produce(topic_.get(), payload);
      if (payload.is_error) Produce(alerts_.get(), payload);
      if (is_transactional && ++count % commit_records_ == 0) {
        Require(rd_kafka_commit_transaction(handle_.get(), -1));
      }
    }
    if (is_transactional && count % commit_records_ != 0) {
      Require(rd_kafka_commit_transaction(handle_.get(), -1));
    }
    rd_kafka_flush(handle_.get(), 60'000);
    return std::chrono::steady_clock::now() - start;
  }

  std::size_t acknowledged() const { return acknowledged_; }

 private:
  // As librdkafka's own example does it: a poll after each message.
  void Produce(rd_kafka_topic_t* topic, Payload& payload) {
    char* const line = payload.line.data();
    char* const key = line + payload.key_begin;
    while (true) {
      const rd_kafka_resp_err_t error = rd_kafka_producev(
          handle_.get(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(key, payload.key_size), RD_KAFKA_V_VALUE(line, payload.line.size()),
          RD_KAFKA_V_TIMESTAMP(payload.timestamp), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        Require(absl::UnavailableError(rd_kafka_err2str(error)));
      }
      rd_kafka_poll(handle_.get(), 1);
    }
    rd_kafka_poll(handle_.get(), 0);
  }

  const std::size_t commit_records_;
  std::size_t acknowledged_ = 0;  // only this thread polls
  sinks::KafkaHandle handle_;
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
    brokers = embedded->inner_address();
  }
  Prepare(brokers, topics, embedded == nullptr);
  Loop loop(brokers, topics, commit_records);
  const std::chrono::duration<double> seconds = loop.Run(payloads);
  std::size_t expected = payloads.size();
  for (const Payload& payload : payloads) expected += payload.is_error ? 1 : 0;
  if (loop.acknowledged() != expected) Require(absl::UnavailableError("not all was acknowledged"));
  std::printf("%.6f\n", seconds.count());
  return 0;
}

}  // namespace
}  // namespace groundhog

int main(int argc, char** argv) { return groundhog::Main(argc, argv); }
