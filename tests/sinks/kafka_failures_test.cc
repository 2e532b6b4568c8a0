// A Kafka sink whose cluster or user interferes: it waits, at most for its timeout, and never
// reports a message as acknowledged that was not.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/delivery_ledger.h"
#include "tests/sinks/kafka_fixture.h"

namespace groundhog::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Clock = std::chrono::steady_clock;

class KafkaFailures : public KafkaTest {
 protected:
  absl::Status OpenStatus(const KafkaTestOptions& options) {
    const absl::StatusOr<std::unique_ptr<Sink>> sink =
        KafkaSink::Make(options.kafka, options.common, source_.catalogue());
    return sink.ok() ? (*sink)->Open() : sink.status();
  }
  // As the player does between records.
  absl::Status PollUntilError(Sink& sink, std::chrono::nanoseconds at_most) {
    const Clock::time_point end = Clock::now() + at_most;
    while (Clock::now() < end) {
      if (absl::Status s = sink.Poll(); !s.ok()) return s;
      std::this_thread::sleep_for(milliseconds(20));
    }
    return absl::OkStatus();
  }
  void StopAfter(std::chrono::nanoseconds delay) {
    stopper_ = std::thread([this, delay] {
      std::this_thread::sleep_for(delay);
      stop_ = true;
    });
  }
  ~KafkaFailures() override {
    if (stopper_.joinable()) stopper_.join();
  }

  std::thread stopper_;
};

// A port without a listener: bound, so that no other process gets it, but not listening.
class DeafPort {
 public:
  DeafPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~DeafPort() { ::close(socket_); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int socket_;
  int port_ = 0;
};

TEST_F(KafkaFailures, AWrongPortIsUnavailableAfterTheTimeoutAndSaysWhy) {
  const DeafPort port;
  KafkaTestOptions options = Options(milliseconds(2'500));
  options.kafka.address = absl::StrCat("kafka://", port.address());
  const Clock::time_point start = Clock::now();
  const absl::Status status = OpenStatus(options);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("could not reach Kafka at ", port.address(),
                                                       " within 2500ms (connection refused)")));
  EXPECT_LT(Clock::now() - start, seconds(10));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("does not answer yet (connection refused)")));
}

TEST_F(KafkaFailures, AnUnknownHostIsUnavailableAtOnce) {
  KafkaTestOptions options = Options(seconds(60));
  options.kafka.address = "kafka://no-such-host.invalid:9092";
  const Clock::time_point start = Clock::now();
  const absl::Status status = OpenStatus(options);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("no-such-host.invalid"));
  EXPECT_LT(Clock::now() - start, seconds(40));
}

TEST_F(KafkaFailures, OneKnownHostOfTwoIsEnough) {
  KafkaTestOptions options = Options();
  options.kafka.address = absl::StrCat("kafka://no-such-host.invalid:9092,", brokers());
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  EXPECT_TRUE(sink->Flush().ok());
  ExpectAllArrivedOnce(100);
}

TEST_F(KafkaFailures, AStopEndsTheWaitForAConnection) {
  const DeafPort port;
  KafkaTestOptions options = Options(seconds(60));
  options.kafka.address = absl::StrCat("kafka://", port.address());
  StopAfter(milliseconds(300));
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE(absl::IsCancelled(OpenStatus(options)));
  EXPECT_LT(Clock::now() - start, seconds(10));
}

TEST_F(KafkaFailures, PropertiesThatContradictEachOtherAreAnInvalidArgument) {
  KafkaTestOptions options = Options();
  options.kafka.properties = {"max.in.flight=100"};
  const absl::Status status = OpenStatus(options);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("max.in.flight"));
}

TEST_F(KafkaFailures, TransientErrorsLoseAndDoubleNothing) {
  KafkaTestOptions options = Options();
  // One request at a time: the mock cluster does not look at sequence numbers, so it would keep
  // twice what arrived just before it cut the connection.
  options.kafka.properties = {"max.in.flight=1"};
  const std::unique_ptr<Sink> sink = Open(options);
  FailProduceRequests({RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                       RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
                       RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT});
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 2'000).ok());
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->counts().messages_acknowledged, 2'200U);
  ExpectAllArrivedOnce(2'000);
}

TEST_F(KafkaFailures, ABrokerThatComesBackInTimeIsWaitedForAndTheWaitIsTold) {
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 500).ok());
  ASSERT_TRUE(sink->Flush().ok());
  TakeBrokersDown();
  ASSERT_TRUE(source_.WriteMany(*sink, 500, 500).ok());
  ASSERT_TRUE(PollUntilError(*sink, milliseconds(2'500)).ok());
  BringBrokersUp();
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->counts().messages_failed, 0U);
  ExpectAllArrivedOnce(1'000);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("does not answer"), HasSubstr("answers again")));
}

// Three brokers, each the leader of one partition of each topic.
TEST_F(KafkaFailures, OneOfThreeBrokersDownIsWaitedForAndNothingIsClaimedMeanwhile) {
  auto three = EmbeddedKafka::Start({"raw_logs", "alerts"}, /*partitions=*/3, /*brokers=*/3);
  ASSERT_TRUE(three.ok()) << three.status();
  kafka_ = *std::move(three);
  for (int partition = 0; partition < 3; ++partition) {
    rd_kafka_mock_partition_set_leader(cluster(), "raw_logs", partition, partition + 1);
    rd_kafka_mock_partition_set_leader(cluster(), "alerts", partition, partition + 1);
  }
  KafkaTestOptions options = Options();
  options.kafka.key = MessageKey::kTraceId;  // of many, so that each broker gets some
  options.kafka.properties = {"max.in.flight=1"};
  options.kafka.alerts_topic = "";
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 500).ok());
  ASSERT_TRUE(sink->Flush().ok());
  rd_kafka_mock_broker_set_down(cluster(), 2);
  FailProduceRequests({RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  ASSERT_TRUE(source_.WriteMany(*sink, 500, 500).ok());
  ASSERT_TRUE(PollUntilError(*sink, milliseconds(1'500)).ok());
  const Counts meanwhile = sink->counts();
  EXPECT_LT(meanwhile.messages_acknowledged, 1'000U);
  EXPECT_GT(meanwhile.messages_acknowledged, 500U);
  EXPECT_LT(sink->AcknowledgedPosition(), 1'000U);
  rd_kafka_mock_broker_set_up(cluster(), 2);
  ASSERT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->counts().messages_acknowledged, 1'000U);
  std::multiset<std::string> expected;
  std::multiset<std::string> arrived;
  for (std::uint64_t i = 0; i < 1'000; ++i) expected.insert(source_.Message(i).line);
  for (const ConsumedMessage& message : Consume(brokers(), "raw_logs")) {
    arrived.insert(message.value);
  }
  EXPECT_TRUE(arrived == expected);
}

TEST_F(KafkaFailures, ABrokerGoneForGoodIsGivenUpAfterTheTimeout) {
  const std::unique_ptr<Sink> sink = Open(Options(milliseconds(1'500)));
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  ASSERT_TRUE(sink->Flush().ok());
  TakeBrokersDown();
  ASSERT_TRUE(source_.WriteMany(*sink, 100, 100).ok());
  const Clock::time_point start = Clock::now();
  const absl::Status status = PollUntilError(*sink, seconds(30));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("has acknowledged nothing for 1500ms"));
  EXPECT_LT(Clock::now() - start, seconds(15));
  EXPECT_EQ(source_.Write(*sink, 200), status);
  EXPECT_EQ(sink->Flush(), status);
  (void)sink->Close();
  const Counts counts = sink->counts();
  EXPECT_EQ(counts.messages_sent, 220U);
  EXPECT_EQ(counts.messages_acknowledged, 110U);
  EXPECT_EQ(counts.messages_failed, 110U);
}

// The commit waits for acknowledgements before it calls librdkafka, whose calls have timeouts of
// their own.
TEST_F(KafkaFailures, ABrokerThatStandsStillWithinATransactionIsToldAndGivenUpAfterTheTimeout) {
  KafkaTestOptions options = Options(milliseconds(3'500));
  options.common.exactly_once = "still";
  const std::unique_ptr<Sink> sink = Open(options);
  ASSERT_NE(sink, nullptr);
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  rd_kafka_mock_broker_set_rtt(cluster(), 1, 60'000);
  ASSERT_TRUE(source_.WriteMany(*sink, 100, 100).ok());
  const Clock::time_point start = Clock::now();
  const absl::Status status = sink->Flush();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("has acknowledged nothing for 3500ms"));
  EXPECT_THAT(notices_, Contains(HasSubstr("does not answer")));
  EXPECT_LT(Clock::now() - start, seconds(20));
  EXPECT_EQ(sink->counts().messages_acknowledged, 0u);  // nothing was committed
  rd_kafka_mock_broker_set_rtt(cluster(), 1, 0);
}

TEST_F(KafkaFailures, AFullQueueBehindABrokerGoneForGoodIsGivenUpToo) {
  KafkaTestOptions options = Options(milliseconds(1'000));
  options.kafka.properties = {"queue.buffering.max.messages=50"};
  const std::unique_ptr<Sink> sink = Open(options);
  TakeBrokersDown();
  const absl::Status status = source_.WriteMany(*sink, 0, 1'000);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  ExpectSettled(sink->counts());
}

TEST_F(KafkaFailures, NothingWaitsSoNothingIsGivenUp) {
  const std::unique_ptr<Sink> sink = Open(Options(milliseconds(500)));
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  ASSERT_TRUE(sink->Flush().ok());
  TakeBrokersDown();
  EXPECT_TRUE(PollUntilError(*sink, milliseconds(1'200)).ok());
  BringBrokersUp();
}

TEST_F(KafkaFailures, AStopEndsAWriteThatWaits) {
  KafkaTestOptions options = Options(seconds(60));
  options.kafka.properties = {"queue.buffering.max.messages=50"};
  const std::unique_ptr<Sink> sink = Open(options);
  TakeBrokersDown();
  StopAfter(milliseconds(300));
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE(absl::IsCancelled(source_.WriteMany(*sink, 0, 1'000)));
  EXPECT_LT(Clock::now() - start, seconds(10));
}

TEST_F(KafkaFailures, AfterAStopWhatWasTakenIsStillFlushed) {
  rd_kafka_mock_broker_set_rtt(cluster(), -1, 300);
  const std::unique_ptr<Sink> sink = Open(Options());
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  stop_ = true;
  EXPECT_TRUE(sink->Flush().ok());
  EXPECT_EQ(sink->counts().messages_acknowledged, 110U);
}

TEST_F(KafkaFailures, AfterAStopAFlushWaitsNoLongerThanTheGrace) {
  const std::unique_ptr<Sink> sink = Open(Options(seconds(60)));
  TakeBrokersDown();
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 100).ok());
  stop_ = true;
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE(absl::IsCancelled(sink->Flush()));
  EXPECT_LT(Clock::now() - start, seconds(20));
  (void)sink->Close();
  ExpectSettled(sink->counts());
}

TEST_F(KafkaFailures, NothingIsSentOnPastAMessageThatWasRefused) {
  KafkaTestOptions options = Options();
  // One request at a time, as the mock cluster does not look at sequence numbers.
  options.kafka.properties = {"batch.num.messages=10", "max.in.flight=1"};
  options.kafka.alerts_topic = "";
  const MessageSource source({"payment-service"});
  const std::unique_ptr<Sink> sink = Open(options, source);
  FailProduceRequests({RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR,
                       RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  absl::Status status = source.WriteMany(*sink, 0, 1'000);
  if (status.ok()) status = sink->Flush();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("key payment-service"));
  EXPECT_THAT(status.message(), HasSubstr("Message size too large"));
  EXPECT_EQ(source.Write(*sink, 1'000), status);
  (void)sink->Close();
  const Counts counts = sink->counts();
  ExpectSettled(counts);
  EXPECT_GT(counts.messages_failed, 0U);
  const std::vector<ConsumedMessage> arrived = Consume(brokers(), "raw_logs");
  ASSERT_EQ(arrived.size(), counts.messages_acknowledged);
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    ASSERT_EQ(arrived[i].value, source.Message(i).line);
  }
}

// librdkafka reports a deleted topic by one error or the other, by chance.
TEST(KafkaRemedies, OfADeletedTopicAreTheSameHoweverItIsTold) {
  for (const auto error : {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__DESTROY,
                           RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION}) {
    EXPECT_THAT(RemedyFor(error), HasSubstr("was the topic deleted meanwhile?"));
  }
}

// "shift" moves only the first record to the present.
TEST(KafkaRemedies, OfADateThatATopicDoesNotTakeAreRightForThePastAndTheFuture) {
  const std::string remedy = RemedyFor(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
  EXPECT_THAT(remedy, HasSubstr("--timestamps wall"));
  EXPECT_THAT(remedy, Not(HasSubstr("shift")));
}

TEST(KafkaRemedies, OfASizeThatATopicDoesNotTakeNameMessagesAndBatches) {
  const std::string remedy = RemedyFor(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_THAT(remedy, HasSubstr("max.message.bytes"));
  EXPECT_THAT(remedy, HasSubstr("-X batch.size"));
}

TEST_F(KafkaFailures, ATopicWithoutTheRightToWriteSaysSo) {
  const std::unique_ptr<Sink> sink = Open(Options());
  FailProduceRequests({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  ASSERT_TRUE(source_.WriteMany(*sink, 0, 1).ok());
  const absl::Status status = sink->Flush();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("topic raw_logs"));
  EXPECT_THAT(status.message(), HasSubstr("ask for the right to write"));
}

TEST_F(KafkaFailures, ARecordThatIsTooLargeForTheProducerSaysSo) {
  KafkaTestOptions options = Options();
  options.kafka.properties = {"message.max.bytes=1000"};
  const std::unique_ptr<Sink> sink = Open(options);
  const std::string line(2'000, 'x');
  traces::Record record;
  record.service = traces::ServiceId(0);
  const absl::Status status = sink->Write({.position = 17, .record = record, .line = line});
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("record 17 has 2000 bytes"));
  EXPECT_THAT(status.message(), HasSubstr("message.max.bytes"));
  EXPECT_EQ(sink->counts().messages_failed, 1U);
}

}  // namespace
}  // namespace groundhog::sinks
