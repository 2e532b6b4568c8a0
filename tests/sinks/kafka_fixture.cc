#include "tests/sinks/kafka_fixture.h"

#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

constexpr std::int16_t kProduceRequest = 0;

using MessagePointer = std::unique_ptr<rd_kafka_message_t, KafkaDeleter<rd_kafka_message_destroy>>;

KafkaHandle MakeConsumer(const std::string& brokers) {
  std::array<char, 512> error{};
  KafkaConfig config(rd_kafka_conf_new());
  const std::pair<const char*, std::string> properties[] = {
      {"bootstrap.servers", brokers},    {"group.id", "tests"},
      {"enable.partition.eof", "true"},  {"enable.auto.commit", "false"},
      {"auto.offset.reset", "earliest"}, {"log.queue", "true"},
      {"fetch.wait.max.ms", "10"},
  };
  for (const auto& [key, value] : properties) {
    rd_kafka_conf_set(config.get(), key, value.c_str(), error.data(), error.size());
  }
  KafkaHandle consumer(
      rd_kafka_new(RD_KAFKA_CONSUMER, config.release(), error.data(), error.size()));
  rd_kafka_poll_set_consumer(consumer.get());
  return consumer;
}

ConsumedMessage Copy(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  ConsumedMessage copy{.has_key = message.key != nullptr,
                       .value = std::string(static_cast<const char*>(message.payload), message.len),
                       .partition = message.partition,
                       .timestamp_unix_milliseconds = rd_kafka_message_timestamp(&message, &type)};
  if (copy.has_key) copy.key.assign(static_cast<const char*>(message.key), message.key_len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      absl::StrAppend(&copy.headers, name, "=", std::string(static_cast<const char*>(value), size),
                      ";");
    }
  }
  return copy;
}

}  // namespace

std::vector<ConsumedMessage> Consume(const std::string& brokers, const std::string& topic,
                                     int partitions) {
  const KafkaHandle consumer = MakeConsumer(brokers);
  rd_kafka_topic_partition_list_t* const all = rd_kafka_topic_partition_list_new(partitions);
  for (int partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(all, topic.c_str(), partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer.get(), all);
  rd_kafka_topic_partition_list_destroy(all);
  std::vector<ConsumedMessage> messages;
  for (int ends = 0; ends < partitions;) {
    const MessagePointer message(rd_kafka_consumer_poll(consumer.get(), 20'000));
    if (message == nullptr) {
      ADD_FAILURE() << "the consumer got nothing from " << topic << " for 20 s";
      break;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ends;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) messages.push_back(Copy(*message));
  }
  rd_kafka_consumer_close(consumer.get());
  return messages;
}

KafkaTest::KafkaTest() {
  auto kafka = EmbeddedKafka::Start({"raw_logs", "alerts"});
  EXPECT_TRUE(kafka.ok()) << kafka.status();
  kafka_ = *std::move(kafka);
}

KafkaTestOptions KafkaTest::Options(std::chrono::nanoseconds timeout) {
  return {.kafka = {.address = absl::StrCat("kafka://", brokers())},
          .common = {.timeout = timeout,
                     .notice = [this](std::string_view line) { notices_.emplace_back(line); },
                     .stop_requested = [this] { return stop_.load(); }}};
}

std::unique_ptr<Sink> KafkaTest::Open(const KafkaTestOptions& options,
                                      const MessageSource& source) {
  absl::StatusOr<std::unique_ptr<Sink>> sink =
      KafkaSink::Make(options.kafka, options.common, source.catalogue());
  EXPECT_TRUE(sink.ok()) << sink.status();
  const absl::Status opened = (*sink)->Open();
  EXPECT_TRUE(opened.ok()) << opened;
  return *std::move(sink);
}

void KafkaTest::FailProduceRequests(const std::vector<rd_kafka_resp_err_t>& errors) {
  rd_kafka_mock_push_request_errors_array(cluster(), kProduceRequest, errors.size(), errors.data());
}

void KafkaTest::ExpectAllArrivedOnce(std::uint64_t count) {
  std::map<std::string, std::vector<std::string>> expected;
  std::map<std::string, std::vector<std::string>> expected_alerts;
  for (std::uint64_t i = 0; i < count; ++i) {
    const TestMessage message = source_.Message(i);
    expected[message.service].push_back(message.line);
    if (message.is_error) expected_alerts[message.service].push_back(message.line);
  }
  for (const auto& [topic, lines] :
       {std::pair("raw_logs", &expected), std::pair("alerts", &expected_alerts)}) {
    std::map<std::string, std::vector<std::string>> arrived;
    std::map<std::string, std::int32_t> partitions;
    for (const ConsumedMessage& message : Consume(brokers(), topic)) {
      arrived[message.key].push_back(message.value);
      EXPECT_EQ(partitions.emplace(message.key, message.partition).first->second,
                message.partition);
    }
    EXPECT_TRUE(arrived == *lines) << topic << " holds something else";
  }
}

void KafkaTest::ExpectSettled(const Counts& counts) {
  EXPECT_EQ(counts.messages_acknowledged + counts.messages_failed, counts.messages_sent);
}

}  // namespace groundhog::sinks
