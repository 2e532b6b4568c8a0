// Reading back from librdkafka's mock cluster.
#include "sinks/kafka/kafka_reader.h"

#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/kafka_timestamp.h"
#include "tests/sinks/kafka_fixture.h"

namespace groundhog::sinks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

class KafkaReaderTest : public KafkaTest {
 protected:
  std::unique_ptr<KafkaReader> Read(std::vector<std::string> topics) {
    auto reader = KafkaReader::Open(
        {.address = absl::StrCat("kafka://", brokers()),
         .topics = std::move(topics),
         .notice = [this](std::string_view line) { notices_.emplace_back(line); }});
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }

  // Of one partition.
  std::vector<std::string> Lines(KafkaReader& reader, std::size_t topic, int partition) {
    std::vector<std::string> lines;
    StoredMessage message;
    while (true) {
      const absl::StatusOr<bool> has_message = reader.Next(topic, partition, &message);
      EXPECT_TRUE(has_message.ok()) << has_message.status();
      if (!has_message.ok() || !*has_message) return lines;
      lines.emplace_back(message.value);
    }
  }
};

// If partitions were read one by one, each would wait for an answer, and for messages that never
// come.
TEST_F(KafkaReaderTest, ManyPartitionsWithLittleInThemAreReadInLittleTime) {
  constexpr int kTopics = 100;
  std::vector<std::string> services;
  std::vector<std::string> topics;
  for (int i = 0; i < kTopics; ++i) {
    services.push_back(absl::StrCat("s", i));
    topics.push_back(absl::StrCat("logs.s", i));
  }
  auto kafka = EmbeddedKafka::Start(topics, /*partitions=*/3, /*brokers=*/3);
  ASSERT_TRUE(kafka.ok()) << kafka.status();
  kafka_ = *std::move(kafka);
  const MessageSource source(services);
  KafkaTestOptions options = Options();
  options.kafka.topic = "logs.{service}";
  options.kafka.alerts_topic = "";
  options.kafka.key = MessageKey::kNone;  // over all partitions
  const std::unique_ptr<Sink> sink = Open(options, source);
  ASSERT_TRUE(source.WriteMany(*sink, 0, 1'000).ok());
  ASSERT_TRUE(sink->Flush().ok());

  const Clock::time_point start = Clock::now();
  const std::unique_ptr<KafkaReader> reader = Read(topics);
  ASSERT_NE(reader, nullptr);
  std::multiset<std::string> arrived;
  for (std::size_t topic = 0; topic < kTopics; ++topic) {
    ASSERT_EQ(reader->partitions(topic), 3);
    for (int partition = 0; partition < 3; ++partition) {
      for (std::string& line : Lines(*reader, topic, partition)) arrived.insert(std::move(line));
    }
  }
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));  // it takes one
  std::multiset<std::string> expected;
  for (std::uint64_t i = 0; i < 1'000; ++i) expected.insert(source.Message(i).line);
  EXPECT_TRUE(arrived == expected);
}

TEST_F(KafkaReaderTest, ATopicThatIsNotThereHasNoPartitionsAndIsTold) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 10).ok());
  ASSERT_TRUE(sink->Flush().ok());
  // The mock cluster creates a requested topic, unless a test states that it does not exist.
  rd_kafka_mock_topic_set_error(cluster(), "absent", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const std::unique_ptr<KafkaReader> reader = Read({"absent", "raw_logs"});
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->partitions(0), 0);
  EXPECT_EQ(reader->partitions(1), 3);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("there is no topic absent")));
}

// librdkafka takes 0 for "now".
TEST_F(KafkaReaderTest, TheBeginningOf1970IsSentAMillisecondLaterAndToldOnce) {
  KafkaTestOptions options = Options();
  options.kafka.key = MessageKey::kNone;
  options.kafka.properties = {"partitioner=consistent"};  // all on one partition
  options.kafka.alerts_topic = "";
  const std::unique_ptr<Sink> sink = Open(options);
  traces::Record record;
  record.service = traces::ServiceId(0);
  const std::vector<std::int64_t> times = {-2'500, 0, 0, 1, 1'000};
  for (const std::int64_t time : times) {
    ASSERT_TRUE(
        sink->Write({.record = record, .line = "{}", .timestamp_unix_milliseconds = time}).ok());
  }
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("1970-01-01T00:00:00.000Z")));
  std::vector<std::int64_t> arrived;
  for (const ConsumedMessage& message : Consume(brokers(), "raw_logs")) {
    arrived.push_back(message.timestamp_unix_milliseconds);
  }
  EXPECT_THAT(arrived, ElementsAre(-2'500, 1, 1, 1, 1'000));
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(KafkaTimestamp(times[i]), arrived[i]);
}

}  // namespace
}  // namespace groundhog::sinks
