// What a Kafka sink refuses before it connects.
#include "sinks/kafka/kafka_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/kafka/kafka_sink.h"
#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

using ::testing::HasSubstr;

absl::Status MakeStatus(const KafkaOptions& kafka, const SinkOptions& options = {}) {
  static const MessageSource source;
  return KafkaSink::Make(kafka, options, source.catalogue()).status();
}

TEST(KafkaOptions, RefusesAnAlertsTopicThatIsTheTopic) {
  const absl::Status status =
      MakeStatus({.address = "kafka://embedded", .topic = "logs", .alerts_topic = "logs"});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("--alerts-topic"));
}

TEST(KafkaOptions, RefusesANameThatIsNoTopic) {
  const absl::Status status = MakeStatus({.address = "kafka://embedded", .topic = "raw logs"});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("raw logs"));
}

TEST(KafkaOptions, RefusesAHeaderWithADigestThatIsNotKnown) {
  const KafkaOptions kafka = {.address = "kafka://embedded", .headers = {.has_trace_digest = true}};
  const absl::Status status = MakeStatus(kafka);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("--headers trace_digest"));
  EXPECT_EQ(MakeStatus(kafka, {.trace_digest = "0123"}), absl::OkStatus());
}

TEST(KafkaOptions, ASinkDescribesItselfWithoutItsProperties) {
  const traces::Catalogue catalogue;
  const auto sink =
      KafkaSink::Make({.address = "kafka://localhost:9092",
                       .properties = {"security.protocol=sasl_plaintext", "sasl.mechanism=PLAIN",
                                      "sasl.username=me", "sasl.password=opensesame"}},
                      {}, catalogue);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Describe(), "kafka://localhost:9092 raw_logs");
}

}  // namespace
}  // namespace groundhog::sinks
