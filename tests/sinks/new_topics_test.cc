// Against fake brokers, which know, allow and cannot do different things.
#include "sinks/kafka/new_topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kBefore[] = "message.timestamp.before.max.ms";
constexpr char kAfter[] = "message.timestamp.after.max.ms";
constexpr char kDifference[] = "message.timestamp.difference.max.ms";
constexpr char kNoBound[] = "9223372036854775806";

std::vector<std::string> Topics(int count) {
  std::vector<std::string> topics;
  for (int i = 0; i < count; ++i) topics.push_back(absl::StrCat("logs.", i));
  return topics;
}

class NewTopics : public ::testing::Test {
 protected:
  absl::Status Make(const std::vector<std::string>& topics, int partitions = 3,
                    std::chrono::nanoseconds timeout = seconds(10)) {
    Patience patience(timeout, nullptr);
    return MakeTopics(topics,
                      {.partitions = partitions,
                       .request =
                           [&](std::span<const std::string> some, const TopicSettings& settings) {
                             return Answer(some, settings, partitions);
                           },
                       .made =
                           [this](std::span<const std::string> some) {
                             made_.insert(made_.end(), some.begin(), some.end());
                             return absl::OkStatus();
                           },
                       .refused =
                           [this](const NewTopicAnswer& refused) {
                             if (is_there_.contains(refused.topic)) return absl::OkStatus();
                             return absl::InvalidArgumentError(refused.text);
                           },
                       .check_waiting = [] { return absl::OkStatus(); },
                       .notice = [this](std::string_view line) { notices_.emplace_back(line); }},
                      patience);
  }

  absl::StatusOr<std::vector<NewTopicAnswer>> Answer(std::span<const std::string> topics,
                                                     const TopicSettings& settings,
                                                     int partitions) {
    ++requests_;
    const std::size_t lines =
        topics.size() * (1 + settings.size() + static_cast<std::size_t>(partitions));
    lines_max_ = std::max(lines_max_, lines);
    std::vector<NewTopicAnswer> answers;
    for (const std::string& topic : topics) answers.push_back(AnswerOne(topic, settings));
    return answers;
  }

  NewTopicAnswer AnswerOne(const std::string& topic, const TopicSettings& settings) {
    if (is_there_.contains(topic)) {
      return {topic, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, "Topic exists."};
    }
    if (failures_left_ > 0) {
      --failures_left_;
      if (is_made_when_late_) is_there_.emplace(topic, settings);
      return {topic, failure_, "Unable to replicate the partition 3 time(s)."};
    }
    for (const auto& [name, value] : settings) {
      if (unknown_.contains(name)) {
        return {topic, RD_KAFKA_RESP_ERR_INVALID_CONFIG, "Unknown topic config name: " + name};
      }
    }
    is_there_.emplace(topic, settings);
    return {topic, RD_KAFKA_RESP_ERR_NO_ERROR, ""};
  }

  std::set<std::string> unknown_;                  // settings
  std::map<std::string, TopicSettings> is_there_;  // topics
  int failures_left_ = 0;
  rd_kafka_resp_err_t failure_ = RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
  bool is_made_when_late_ = false;
  std::vector<std::string> made_;
  std::vector<std::string> notices_;
  int requests_ = 0;
  std::size_t lines_max_ = 0;
};

TEST_F(NewTopics, TakeRecordsOfAnyDateAndKeepThem) {
  ASSERT_TRUE(Make({"logs"}).ok());
  EXPECT_THAT(is_there_["logs"],
              ElementsAre(Pair("cleanup.policy", "delete"), Pair(kAfter, kNoBound),
                          Pair(kBefore, kNoBound), Pair("message.timestamp.type", "CreateTime"),
                          Pair("retention.bytes", "-1"), Pair("retention.ms", "-1")));
  EXPECT_THAT(made_, ElementsAre("logs"));
}

TEST_F(NewTopics, OfAnOldBrokerHaveTheBoundThatItKnows) {
  unknown_ = {kBefore, kAfter};  // before 3.6
  ASSERT_TRUE(Make(Topics(2)).ok());
  for (const auto& [topic, settings] : is_there_) {
    EXPECT_THAT(settings, Contains(Pair(kDifference, kNoBound))) << topic;
    EXPECT_THAT(settings, Contains(Pair("retention.bytes", "-1"))) << topic;
  }
  EXPECT_EQ(requests_, 2);
}

TEST_F(NewTopics, OfABrokerThatKnowsNoBoundAreMadeAllTheSame) {
  unknown_ = {kBefore, kAfter, kDifference};
  ASSERT_TRUE(Make({"logs"}).ok());
  EXPECT_THAT(is_there_["logs"], ElementsAre(Pair("retention.ms", "-1")));
}

TEST_F(NewTopics, WithSettingsThatNoBrokerTakesAreRefusedWithItsWords) {
  unknown_ = {"retention.ms"};
  const absl::Status status = Make({"logs"});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("Unknown topic config name: retention.ms"));
}

TEST_F(NewTopics, AreAskedForInPortionsThatAControllerTakes) {
  const std::vector<std::string> topics = Topics(2'100);
  ASSERT_TRUE(Make(topics).ok());
  EXPECT_THAT(made_, ElementsAreArray(topics));
  EXPECT_LE(lines_max_, 10'000U);
  EXPECT_LE(requests_, 20);
}

TEST_F(NewTopics, WithManyPartitionsAreAskedForOneByOne) {
  ASSERT_TRUE(Make(Topics(3), /*partitions=*/5'000).ok());
  EXPECT_EQ(requests_, 3);
}

TEST_F(NewTopics, SettingsThatABrokerDoesNotKnowAreNotTriedAgainInTheNextPortion) {
  unknown_ = {kBefore, kAfter};
  ASSERT_TRUE(Make(Topics(3), /*partitions=*/5'000).ok());
  EXPECT_EQ(requests_, 4);
}

TEST_F(NewTopics, ThatExistAreNotCalledMade) {
  is_there_["logs.0"] = {};
  ASSERT_TRUE(Make(Topics(2)).ok());
  EXPECT_THAT(made_, ElementsAre("logs.1"));
}

TEST_F(NewTopics, WaitForABrokerThatIsDown) {
  failures_left_ = 4;
  ASSERT_TRUE(Make(Topics(2)).ok());
  EXPECT_THAT(made_, ElementsAre("logs.0", "logs.1"));
  EXPECT_THAT(notices_, IsEmpty());  // it was quick
}

TEST_F(NewTopics, ThatCannotBeMadeInTimeSayWhatTheBrokerSaid) {
  failures_left_ = 1'000;
  const absl::Status status = Make({"logs"}, 3, milliseconds(2'600));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(),
              HasSubstr("topic logs is not there and could not be created within 2600ms: Unable to "
                        "replicate the partition 3 time(s): are all brokers running?"));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("topic logs cannot be created yet: Unable to "
                                              "replicate the partition 3 time(s); waiting up to "
                                              "2600ms")));
}

TEST_F(NewTopics, OfARequestThatTookTooLongAreAwaitedAsOurs) {
  failures_left_ = 1;
  failure_ = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
  is_made_when_late_ = true;
  ASSERT_TRUE(Make({"logs"}).ok());
  EXPECT_THAT(made_, ElementsAre("logs"));
}

TEST_F(NewTopics, AreNotWaitedForWhereTheRightIsMissing) {
  failures_left_ = 1'000;
  failure_ = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  EXPECT_TRUE(absl::IsInvalidArgument(Make({"logs"})));
  EXPECT_EQ(requests_, 1);
}

}  // namespace
}  // namespace groundhog::sinks
