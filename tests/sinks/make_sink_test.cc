#include "sinks/make_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sinks/message_source.h"

namespace groundhog::sinks {
namespace {

using ::testing::HasSubstr;

absl::Status MakeStatus(const SinkOptions& options) {
  static const MessageSource source;
  return MakeSink(options, source.catalogue()).status();
}

TEST(MakeSink, NamesAllSinksWhenTheKindIsUnknown) {
  const absl::Status status = MakeStatus({.to = "redis://localhost"});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("redis://localhost"));
  for (const char* kind : {"kafka://HOST:PORT", "kafka://embedded", "jsonl:PATH", "null:"}) {
    EXPECT_THAT(status.message(), HasSubstr(kind));
  }
}

TEST(MakeSink, RefusesJsonLinesWithoutAPath) {
  EXPECT_TRUE(absl::IsInvalidArgument(MakeStatus({.to = "jsonl:"})));
}

TEST(MakeSink, RefusesAnAlertsTopicThatIsTheTopic) {
  const absl::Status status =
      MakeStatus({.to = "kafka://embedded", .topic = "logs", .alerts_topic = "logs"});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("--alerts-topic"));
}

TEST(MakeSink, RefusesANameThatIsNoTopic) {
  const absl::Status status = MakeStatus({.to = "kafka://embedded", .topic = "raw logs"});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(), HasSubstr("raw logs"));
}

TEST(MakeSink, DescribesAKafkaSinkWithoutItsProperties) {
  const traces::Catalogue catalogue;
  const auto sink =
      MakeSink({.to = "kafka://localhost:9092",
                .kafka_config = {"security.protocol=sasl_plaintext", "sasl.mechanism=PLAIN",
                                 "sasl.username=me", "sasl.password=opensesame"}},
               catalogue);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->Describe(), "kafka://localhost:9092 raw_logs");
}

TEST(NullSink, AcknowledgesEverythingAtOnce) {
  const MessageSource source;
  const auto sink = MakeSink({.to = "null:"}, source.catalogue());
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Open().ok());
  ASSERT_TRUE(source.WriteMany(**sink, 0, 10).ok());
  const Counts counts = (*sink)->counts();
  EXPECT_EQ(counts.messages_sent, 10U);
  EXPECT_EQ(counts.messages_acknowledged, 10U);
  EXPECT_EQ(counts.messages_failed, 0U);
  EXPECT_GT(counts.bytes, 0U);
  EXPECT_EQ((*sink)->Describe(), "null:");
}

}  // namespace
}  // namespace groundhog::sinks
