// What a Kafka sink delivers without faults. See kafka_failures_test.cc for faults.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/sinks/kafka_fixture.h"

namespace groundhog::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using Clock = std::chrono::steady_clock;

class KafkaSinkTest : public KafkaTest {};

TEST_F(KafkaSinkTest, DeliversEveryRecordOnceAndInOrderPerKeyAndTheErrorsTwice) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 5'000).ok());
  ASSERT_TRUE(sink->Flush().ok());
  const Counts counts = sink->counts();
  EXPECT_EQ(counts.messages_sent, 5'500U);
  EXPECT_EQ(counts.messages_acknowledged, 5'500U);
  EXPECT_EQ(counts.messages_failed, 0U);
  EXPECT_EQ(counts.copies_acknowledged, 500U);
  EXPECT_EQ(sink->acknowledgement_delays().count(), 5'500U);
  EXPECT_TRUE(sink->Close().ok());
  EXPECT_THAT(notices_, IsEmpty());
  ExpectAllArrivedOnce(5'000);
}

TEST_F(KafkaSinkTest, CountsThePayloadBytesOfRecordsAndCopies) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 4).ok());
  std::uint64_t bytes = source_.Message(3).line.size();
  for (std::uint64_t i = 0; i < 4; ++i) bytes += source_.Message(i).line.size();
  EXPECT_EQ(sink->counts().bytes, bytes);
}

TEST_F(KafkaSinkTest, KeepsEachRecordsTimestamp) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  ASSERT_TRUE(sink->Flush().ok());
  std::multiset<std::int64_t> expected;
  for (std::uint64_t i = 0; i < 100; ++i) {
    expected.insert(source_.Message(i).timestamp_unix_milliseconds);
  }
  std::multiset<std::int64_t> arrived;
  for (const ConsumedMessage& message : Consume(brokers(), "raw_logs")) {
    arrived.insert(message.timestamp_unix_milliseconds);
  }
  EXPECT_EQ(arrived, expected);
}

TEST_F(KafkaSinkTest, SendsNoAlertsWhenThereIsNoAlertsTopic) {
  KafkaTestOptions options = Options();
  options.kafka.alerts_topic = "";
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->counts().messages_acknowledged, 100U);
  EXPECT_EQ(sink->counts().copies_acknowledged, 0U);
  EXPECT_THAT(Consume(brokers(), "alerts"), IsEmpty());
}

TEST_F(KafkaSinkTest, TheTraceIdAsKeyIsThatOfTheLine) {
  KafkaTestOptions options = Options();
  options.kafka.key = MessageKey::kTraceId;
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 40).ok());
  ASSERT_TRUE(sink->Flush().ok());
  std::set<std::string> keys;
  for (const ConsumedMessage& message : Consume(brokers(), "raw_logs")) {
    EXPECT_THAT(message.value, HasSubstr(",\"trace_id\":\"" + message.key + "\""));
    EXPECT_EQ(message.key.size(), 32U);
    keys.insert(message.key);
  }
  EXPECT_EQ(keys.size(), 10U);  // four messages share one
}

TEST_F(KafkaSinkTest, WithoutAKeyThereIsNone) {
  KafkaTestOptions options = Options();
  options.kafka.key = MessageKey::kNone;
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 10).ok());
  ASSERT_TRUE(sink->Flush().ok());
  const std::vector<ConsumedMessage> messages = Consume(brokers(), "raw_logs");
  EXPECT_EQ(messages.size(), 10U);
  EXPECT_TRUE(std::none_of(messages.begin(), messages.end(),
                           [](const ConsumedMessage& message) { return message.has_key; }));
}

// Hashes from UtilsTest.testMurmur2 of Apache Kafka's own clients.
TEST_F(KafkaSinkTest, PartitionsAreThoseOfJavasProducer) {
  const std::map<std::string, std::int32_t> hashes = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  std::vector<std::string> names;
  for (const auto& [name, hash] : hashes) names.push_back(name);
  const MessageSource source(names);
  const std::unique_ptr<Sink> sink = Open(Options(), source);
  ASSERT_TRUE(source.WriteMany(*sink, 0, names.size()).ok());
  ASSERT_TRUE(sink->Flush().ok());
  const std::vector<ConsumedMessage> messages = Consume(brokers(), "raw_logs");
  EXPECT_EQ(messages.size(), names.size());
  for (const ConsumedMessage& message : messages) {
    EXPECT_EQ(message.partition, (hashes.at(message.key) & 0x7FFFFFFF) % 3) << message.key;
  }
}

TEST_F(KafkaSinkTest, AQueueThatIsFullHoldsBackAndLosesNothing) {
  KafkaTestOptions options = Options();
  options.kafka.properties = {"queue.buffering.max.messages=50", "linger.ms=0"};
  rd_kafka_mock_broker_set_rtt(cluster(), -1, 20);
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 1'000).ok());
  ASSERT_TRUE(sink->Flush().ok());
  ExpectAllArrivedOnce(1'000);
}

// A player sleeps between two records, so a delay measured between its polls would be its sleep.
TEST_F(KafkaSinkTest, AnAcknowledgementIsTimedWhenItComes) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.Write(*sink, 0).ok());
  ASSERT_TRUE(sink->Flush().ok());  // connected, from here
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(source_.Write(*sink, i).ok());
    std::this_thread::sleep_for(milliseconds(400));
  }
  EXPECT_EQ(sink->counts().messages_acknowledged, 5U);
  EXPECT_LT(sink->acknowledgement_delays().Percentile(60), milliseconds(300));
}

TEST_F(KafkaSinkTest, CloseIsIdempotentAndCountsWhatWasNotFlushed) {
  const std::unique_ptr<Sink> sink = Open(Options());
  TakeBrokersDown();
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  EXPECT_TRUE(sink->Close().ok());
  EXPECT_TRUE(sink->Close().ok());
  ExpectSettled(sink->counts());
  EXPECT_GT(sink->counts().messages_failed, 0U);
}

class EmbeddedKafkaTest : public ::testing::Test {
 protected:
  KafkaTestOptions Options(std::chrono::nanoseconds linger) {
    return {.kafka = {.address = "kafka://embedded", .linger = linger},
            .common = {.notice = [this](std::string_view line) { notices_.emplace_back(line); },
                       .stop_requested = [this] { return stop_.load(); }}};
  }
  absl::StatusOr<std::unique_ptr<Sink>> Make(const KafkaTestOptions& options) {
    return KafkaSink::Make(options.kafka, options.common, source_.catalogue());
  }

  const MessageSource source_;
  std::vector<std::string> notices_;
  std::atomic<bool> stop_{false};
};

TEST_F(EmbeddedKafkaTest, SaysItsAddressAndServesConsumersWhileItLingers) {
  const auto sink = Make(Options(seconds(3)));
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Open().ok());
  ASSERT_THAT(notices_, ElementsAre(MatchesRegex("embedded Kafka at 127\\.0\\.0\\.1:[0-9]+"),
                                    HasSubstr("a client that knows only newer ones")));
  const std::string address = notices_[0].substr(std::string("embedded Kafka at ").size());
  ASSERT_TRUE(source_.WriteMany(**sink, 0, 100).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  std::size_t consumed = 0;
  std::thread consumer([&] { consumed = Consume(address, "raw_logs").size(); });
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE((*sink)->Close().ok());
  EXPECT_GE(Clock::now() - start, seconds(3));
  consumer.join();
  EXPECT_EQ(consumed, 100U);
  EXPECT_EQ((*sink)->counts().messages_acknowledged, 110U);
  EXPECT_EQ((*sink)->counts().messages_forgotten, 0U);
}

TEST_F(EmbeddedKafkaTest, CountsExactlyWhatItHasForgotten) {
  KafkaTestOptions options = Options(seconds(60));
  options.kafka.alerts_topic = "";
  options.kafka.partitions = 1;
  const auto sink = Make(options);
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Open().ok());
  const std::uint64_t count = 6 * kEmbeddedPartitionBytes / 5 / source_.Message(0).line.size();
  ASSERT_TRUE(source_.WriteMany(**sink, 0, count).ok());
  EXPECT_EQ((*sink)->counts().messages_forgotten, std::nullopt);
  ASSERT_TRUE((*sink)->Flush().ok());
  const std::uint64_t forgotten = (*sink)->counts().messages_forgotten.value_or(0);
  EXPECT_GT(forgotten, count / 10);
  const std::string address = notices_[0].substr(notices_[0].rfind(' ') + 1);
  EXPECT_EQ(Consume(address, "raw_logs", 1).size(), count - forgotten);
  stop_ = true;
}

TEST_F(EmbeddedKafkaTest, AStopEndsTheLingering) {
  const auto sink = Make(Options(seconds(30)));
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Open().ok());
  ASSERT_TRUE(source_.Write(**sink, 0).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(200));
    stop_ = true;
  });
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE((*sink)->Close().ok());
  EXPECT_LT(Clock::now() - start, seconds(10));
  stopper.join();
}

TEST_F(KafkaSinkTest, KnowsUpToWhereEverythingIsAcknowledged) {
  KafkaTestOptions options = Options();
  options.kafka.properties = {"max.in.flight=1"};
  const std::unique_ptr<Sink> sink = Open(options);
  EXPECT_EQ(sink->AcknowledgedPosition(), 0U);
  // Many more than its epochs hold, so that they run full.
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 50'000).ok());
  EXPECT_LE(sink->AcknowledgedPosition(), sink->counts().messages_acknowledged);
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->AcknowledgedPosition(), 50'000U);
  TakeBrokersDown();
  ASSERT_TRUE(source_.WriteMany(*sink, 50'000, 1'000).ok());
  EXPECT_EQ(sink->AcknowledgedPosition(), 50'000U);
  BringBrokersUp();
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->AcknowledgedPosition(), 51'000U);
}

TEST_F(KafkaSinkTest, GivesMessagesTheHeadersAskedFor) {
  KafkaTestOptions options = Options();
  options.kafka.headers = {.has_position = true, .has_trace_digest = true};
  options.common.trace_digest = "0123";
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 3).ok());
  ASSERT_TRUE(sink->Flush().ok());
  std::multiset<std::string> headers;
  for (const ConsumedMessage& message : Consume(brokers(), "raw_logs")) {
    headers.insert(message.headers);
  }
  EXPECT_THAT(headers, ElementsAre("position=0;trace_digest=0123;", "position=1;trace_digest=0123;",
                                   "position=2;trace_digest=0123;"));
}

TEST_F(KafkaSinkTest, RoutesCopiesAndNamesTopicsByTheRecord) {
  KafkaTestOptions options = Options();
  options.kafka.address = "kafka://embedded";
  options.kafka.topic = "logs.{service}";
  options.kafka.routes = {*ParseRoute("service=order-service:orders")};
  options.kafka.partitions = 5;
  options.kafka.linger = seconds(60);
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 30).ok());
  ASSERT_TRUE(sink->Flush().ok());
  const std::string address = notices_.front().substr(notices_.front().rfind(' ') + 1);
  EXPECT_EQ(Consume(address, "logs.order-service", 5).size(), 10U);
  EXPECT_EQ(Consume(address, "orders", 5).size(), 10U);
  EXPECT_EQ(Consume(address, "alerts", 5).size(), 3U);
  stop_ = true;
}

}  // namespace
}  // namespace groundhog::sinks
