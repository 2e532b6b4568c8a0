#include "sinks/kafka/kafka_topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace groundhog::sinks {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kMonday = 1736121600000;  // 2025-01-06T00:00:00Z
constexpr std::int64_t kDay = std::int64_t{24} * 60 * 60 * 1000;

std::vector<std::string> Warnings(const TopicSettings& settings, std::int64_t days_later) {
  return WarningsAbout("logs", settings, kMonday, kMonday + days_later * kDay);
}

TEST(TopicWarnings, RetentionShorterThanTheRecordsAge) {
  EXPECT_THAT(Warnings({{"retention.ms", "604800000"}}, 8),
              ElementsAre(HasSubstr("topic logs deletes what is older than 7d")));
  EXPECT_THAT(Warnings({{"retention.ms", "604800000"}}, 6), IsEmpty());
}

TEST(TopicWarnings, UnlimitedRetentionIsFine) {
  EXPECT_THAT(Warnings({{"retention.ms", "-1"}, {"cleanup.policy", "delete"}}, 5000), IsEmpty());
}

TEST(TopicWarnings, RetentionBySizeLosesRecordsOfAnyAge) {
  EXPECT_THAT(Warnings({{"retention.bytes", "1000000"}}, 0),
              ElementsAre(HasSubstr("topic logs keeps only some of the newest 1000000 bytes of "
                                    "each partition (retention.bytes=1000000)")));
  EXPECT_THAT(Warnings({{"retention.bytes", "-1"}}, 5000), IsEmpty());
  EXPECT_THAT(Warnings({{"retention.bytes", "1000000"}, {"cleanup.policy", "compact"}}, 0),
              ElementsAre(HasSubstr("only the newest record of each key")));
}

TEST(TopicWarnings, RecordsTooOldForTheBroker) {
  EXPECT_THAT(Warnings({{"message.timestamp.before.max.ms", "3600000"}}, 1),
              ElementsAre(HasSubstr("refuses what is older than 1h")));
  EXPECT_THAT(Warnings({{"message.timestamp.difference.max.ms", "3600000"}}, 1),
              ElementsAre(HasSubstr("refuses what is older than 1h")));
  EXPECT_THAT(Warnings({{"message.timestamp.before.max.ms", "9223372036854775807"}}, 5000),
              IsEmpty());
}

TEST(TopicWarnings, TheBoundOfOldCountsWhereTheNewOneIsNotSet) {
  const TopicSettings old = {{"message.timestamp.difference.max.ms", "3600000"},
                             {"message.timestamp.before.max.ms", "9223372036854775807"}};
  EXPECT_THAT(Warnings(old, 1), ElementsAre(HasSubstr("refuses what is older than 1h")));
  TopicSettings ours = old;  // as the replay makes a topic
  ours["message.timestamp.before.max.ms"] = "9223372036854775806";
  EXPECT_THAT(Warnings(ours, 5000), IsEmpty());
}

TEST(TopicWarnings, SayWhenTheRecordsBegin) {
  EXPECT_THAT(Warnings({{"retention.ms", "60000"}}, 1),
              ElementsAre(HasSubstr("older than 1m (retention.ms=60000); the records begin on "
                                    "2025-01-06: they may vanish")));
}

TEST(TopicWarnings, RecordsFromTheFuture) {
  EXPECT_THAT(Warnings({{"message.timestamp.after.max.ms", "3600000"}}, -1),
              ElementsAre(AllOf(HasSubstr("refuses what is dated later than 1h from now"),
                                HasSubstr("--timestamps wall"))));
}

TEST(TopicWarnings, CompactionKeepsOneRecordAKey) {
  EXPECT_THAT(Warnings({{"cleanup.policy", "compact"}, {"retention.ms", "604800000"}}, 8),
              ElementsAre(HasSubstr("only the newest record of each key")));
}

TEST(TopicWarnings, TimeOfArrivalReplacesTimestamps) {
  EXPECT_THAT(Warnings({{"message.timestamp.type", "LogAppendTime"}, {"retention.ms", "1000"}}, 8),
              ElementsAre(HasSubstr("replaces timestamps by the time of arrival")));
}

TEST(TopicWarnings, AnyLimitCountsWhenTheTimeOfDayIsUnknown) {
  EXPECT_THAT(WarningsAbout("logs", {{"retention.ms", "604800000"}}, kMonday, std::nullopt),
              ElementsAre(HasSubstr("retention.ms=604800000")));
  for (const char* unlimited : {"-1", "9223372036854775806"}) {
    EXPECT_THAT(WarningsAbout("logs", {{"retention.ms", unlimited}}, kMonday, std::nullopt),
                IsEmpty());
  }
}

TEST(BatchMax, IsTheLeastOfAllTopics) {
  EXPECT_EQ(LeastBatchMax({{"logs", {{"max.message.bytes", "1048588"}}},
                           {"alerts", {{"max.message.bytes", "100000"}}},
                           {"others", {{"retention.ms", "-1"}}}}),
            100'000);
  EXPECT_EQ(LeastBatchMax({{"logs", {{"retention.ms", "-1"}}}}), std::nullopt);
}

}  // namespace
}  // namespace groundhog::sinks
