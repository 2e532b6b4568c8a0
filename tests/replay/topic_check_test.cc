#include "replay/topic_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace groundhog::replay {
namespace {

using ::testing::ElementsAre;

constexpr int kPartitions = 3;

traces::Hash128 HashOf(std::uint64_t number) {
  return MessageHash("key", std::to_string(number), 0, "");
}

// Messages by their numbers; number n belongs to partition n mod 3.
class TopicCheckTest : public ::testing::Test {
 protected:
  explicit TopicCheckTest(std::uint64_t count = 300) : count_(count), stored_(kPartitions) {
    for (std::uint64_t n = 0; n < count_; ++n) stored_[n % kPartitions].push_back(n);
  }

  void Check(bool is_keyless = false) {
    std::vector<std::size_t> next(kPartitions, 0);
    TopicCheck check(kPartitions, [&](int partition) -> std::optional<ArrivedMessage> {
      const std::vector<std::uint64_t>& stored = stored_[partition];
      if (next[partition] == stored.size()) return std::nullopt;
      const auto offset = static_cast<std::int64_t>(next[partition]++);
      return ArrivedMessage{.hash = HashOf(stored[offset]), .offset = offset};
    });
    for (std::uint64_t n = 0; n < count_; ++n) {
      const int partition = static_cast<int>(n % kPartitions);
      ASSERT_TRUE(check
                      .Expect({.hash = HashOf(n), .position = n},
                              is_keyless ? std::nullopt : std::optional<int>(partition))
                      .ok());
    }
    ASSERT_TRUE(check.Finish().ok());
    counts_ = check.counts();
    examples_ = check.examples();
  }

  // missing, extra, doubled, reordered, moved, altered.
  void ExpectFindings(const std::vector<std::uint64_t>& findings) {
    EXPECT_THAT(counts_.findings, ::testing::ElementsAreArray(findings));
    const bool is_clean = std::all_of(findings.begin(), findings.end(), [](auto n) { return !n; });
    EXPECT_EQ(counts_.is_right(), is_clean);
  }

  const std::uint64_t count_;
  std::vector<std::vector<std::uint64_t>> stored_;
  TopicCounts counts_;
  std::vector<Example> examples_;
};

// More than the windows hold.
class LongTopicCheckTest : public TopicCheckTest {
 protected:
  LongTopicCheckTest() : TopicCheckTest(60'000) {}
};

TEST_F(TopicCheckTest, WhatIsAllThereIsRight) {
  Check();
  ExpectFindings({0, 0, 0, 0, 0, 0});
  EXPECT_EQ(counts_.right, 300U);
}

TEST_F(TopicCheckTest, FindsADroppedMessage) {
  stored_[1].erase(stored_[1].begin() + 10);
  Check();
  ExpectFindings({1, 0, 0, 0, 0, 0});
  ASSERT_EQ(examples_.size(), 1U);
  EXPECT_EQ(examples_[0].position, 31U);
  EXPECT_EQ(examples_[0].partition, 1);
}

TEST_F(TopicCheckTest, FindsTheFirstAndTheLastMessageDropped) {
  stored_[0].erase(stored_[0].begin());
  stored_[2].pop_back();
  Check();
  ExpectFindings({2, 0, 0, 0, 0, 0});
}

TEST_F(TopicCheckTest, FindsADoubledMessageBesideItselfAndLater) {
  stored_[1].insert(stored_[1].begin() + 10, stored_[1][10]);
  stored_[2].push_back(stored_[2][0]);
  Check();
  ExpectFindings({0, 0, 2, 0, 0, 0});
  EXPECT_EQ(examples_[0].offset, 11);
}

TEST_F(TopicCheckTest, FindsADoubledMessageThatCameTooEarly) {
  stored_[1].insert(stored_[1].begin() + 10, stored_[1][20]);
  Check();
  ExpectFindings({0, 0, 1, 0, 0, 0});
}

TEST_F(TopicCheckTest, FindsADoubledMessageOnAnotherPartition) {
  stored_[2].insert(stored_[2].begin() + 10, stored_[1][10]);
  Check();
  ExpectFindings({0, 0, 1, 0, 0, 0});
}

TEST_F(TopicCheckTest, FindsTwoMessagesSwapped) {
  std::swap(stored_[1][10], stored_[1][11]);
  Check();
  ExpectFindings({0, 0, 0, 1, 0, 0});
  EXPECT_EQ(counts_.right, 299U);
}

TEST_F(TopicCheckTest, FindsAMessageThatCameMuchTooEarly) {
  std::rotate(stored_[1].begin() + 10, stored_[1].begin() + 80, stored_[1].begin() + 81);
  Check();
  ExpectFindings({0, 0, 0, 1, 0, 0});
}

TEST_F(TopicCheckTest, FindsAnAlteredMessage) {
  stored_[1][10] = 1'000'000;
  Check();
  ExpectFindings({0, 0, 0, 0, 0, 1});
  EXPECT_EQ(examples_[0].position, 31U);
  EXPECT_EQ(examples_[0].offset, 10);
}

TEST_F(TopicCheckTest, FindsAMovedMessage) {
  stored_[1].erase(stored_[1].begin() + 10);
  stored_[2].insert(stored_[2].begin() + 10, 31);
  Check();
  ExpectFindings({0, 0, 0, 0, 1, 0});
  EXPECT_EQ(examples_[0].position, 31U);
  EXPECT_EQ(examples_[0].partition, 2);
}

TEST_F(TopicCheckTest, FindsAStranger) {
  stored_[0].insert(stored_[0].begin() + 5, 1'000'000);
  stored_[1].push_back(1'000'001);
  Check();
  ExpectFindings({0, 2, 0, 0, 0, 0});
}

TEST_F(TopicCheckTest, FindsSeveralThingsAtOnce) {
  stored_[0].erase(stored_[0].begin() + 5);
  stored_[0][50] = 1'000'000;
  stored_[1].insert(stored_[1].begin() + 10, stored_[1][10]);
  std::swap(stored_[2][20], stored_[2][21]);
  Check();
  ExpectFindings({1, 0, 1, 1, 0, 1});
}

TEST_F(TopicCheckTest, AnEmptyTopicLacksEverything) {
  stored_.assign(kPartitions, {});
  Check();
  ExpectFindings({300, 0, 0, 0, 0, 0});
  EXPECT_EQ(examples_.size(), TopicCheck::kExamplesMax);
}

TEST_F(TopicCheckTest, ATopicThatIsNotThereLacksEverything) {
  TopicCheck check(0, [](int) { return std::optional<ArrivedMessage>(); });
  ASSERT_TRUE(check.Expect({.hash = HashOf(1), .position = 1}, std::nullopt).ok());
  ASSERT_TRUE(check.Finish().ok());
  EXPECT_EQ(check.counts().count(Finding::kMissing), 1U);
  ASSERT_EQ(check.examples().size(), 1U);
  EXPECT_EQ(check.examples()[0].partition, std::nullopt);
}

TEST_F(TopicCheckTest, WithoutKeysAnyPartitionAndAnyOrderIsRight) {
  stored_.assign(kPartitions, {});
  for (std::uint64_t n = 0; n < count_; ++n) stored_[n / 50 % kPartitions].push_back(n);
  std::reverse(stored_[1].begin(), stored_[1].end());
  Check(/*is_keyless=*/true);
  ExpectFindings({0, 0, 0, 0, 0, 0});
}

TEST_F(TopicCheckTest, WithoutKeysADroppedAndADoubledMessageAreFound) {
  stored_[1].erase(stored_[1].begin() + 10);
  stored_[2].push_back(stored_[0][0]);
  Check(/*is_keyless=*/true);
  ExpectFindings({1, 0, 1, 0, 0, 0});
  ASSERT_EQ(examples_.size(), 2U);
  for (const Example& example : examples_) {
    EXPECT_EQ(example.partition.has_value(), example.finding == Finding::kDoubled);
  }
}

TEST_F(LongTopicCheckTest, WhatIsAllThereIsRight) {
  Check();
  ExpectFindings({0, 0, 0, 0, 0, 0});
}

TEST_F(LongTopicCheckTest, AHoleWithinTheWindowIsMissing) {
  stored_[1].erase(stored_[1].begin() + 5'000, stored_[1].begin() + 9'000);
  Check();
  ExpectFindings({4'000, 0, 0, 0, 0, 0});
}

TEST_F(LongTopicCheckTest, AHoleBeyondTheWindowIsStillNoReasonToSayYes) {
  stored_[1].erase(stored_[1].begin() + 5'000, stored_[1].begin() + 15'000);
  Check();
  EXPECT_FALSE(counts_.is_right());
  EXPECT_EQ(counts_.count(Finding::kMissing) + counts_.count(Finding::kAltered), 10'000U);
}

TEST_F(LongTopicCheckTest, ALongStretchSentAgainIsDoubled) {
  const std::vector<std::uint64_t> again(stored_[1].begin() + 1'000, stored_[1].begin() + 9'000);
  stored_[1].insert(stored_[1].begin() + 9'000, again.begin(), again.end());
  Check();
  ExpectFindings({0, 0, 8'000, 0, 0, 0});
}

TEST_F(LongTopicCheckTest, WithoutKeysALongStretchSentAgainIsDoubled) {
  for (std::vector<std::uint64_t>& stored : stored_) {
    const std::vector<std::uint64_t> again(stored.begin() + 1'000, stored.begin() + 9'000);
    stored.insert(stored.begin() + 9'000, again.begin(), again.end());
  }
  Check(/*is_keyless=*/true);
  ExpectFindings({0, 0, 24'000, 0, 0, 0});
  EXPECT_TRUE(counts_.is_there());
}

// What a replay at full speed sends between two savings of its position, a second apart.
class SecondAtFullSpeedTest : public TopicCheckTest {
 protected:
  SecondAtFullSpeedTest() : TopicCheckTest(450'000) {}
};

TEST_F(SecondAtFullSpeedTest, WhatAKilledReplaySentAgainIsDoubled) {
  for (std::vector<std::uint64_t>& stored : stored_) {
    const std::vector<std::uint64_t> again(stored.begin() + 10'000, stored.begin() + 110'000);
    stored.insert(stored.begin() + 110'000, again.begin(), again.end());
  }
  Check();
  ExpectFindings({0, 0, 300'000, 0, 0, 0});
  EXPECT_TRUE(counts_.is_there());
}

TEST_F(SecondAtFullSpeedTest, AReplayThatWasRepeatedIsDoubled) {
  for (std::vector<std::uint64_t>& stored : stored_) {
    const std::vector<std::uint64_t> again = stored;
    stored.insert(stored.end(), again.begin(), again.end());
  }
  Check();
  ExpectFindings({0, 0, 450'000, 0, 0, 0});
  EXPECT_TRUE(counts_.is_there());
}

TEST_F(LongTopicCheckTest, AMessageMovedFarIsFound) {
  stored_[1].erase(stored_[1].begin() + 100);
  stored_[2].push_back(301);
  Check();
  ExpectFindings({0, 0, 0, 0, 1, 0});
}

TEST(MessageHash, SeesEveryPartAndWhereItBelongs) {
  const traces::Hash128 hash = MessageHash("ab", "cd", 5, "e");
  EXPECT_EQ(hash, MessageHash("ab", "cd", 5, "e"));
  EXPECT_NE(hash, MessageHash("a", "bcd", 5, "e"));
  EXPECT_NE(hash, MessageHash("ab", "ce", 5, "e"));
  EXPECT_NE(hash, MessageHash("ab", "cd", 6, "e"));
  EXPECT_NE(hash, MessageHash("ab", "cd", std::nullopt, "e"));
  EXPECT_NE(hash, MessageHash("abe", "cd", 5, ""));
}

}  // namespace
}  // namespace groundhog::replay
