#include "text/suggestion.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace groundhog::text {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"timeout", "retries", "fallback",
                                                    "auth-service"};

TEST(Suggestion, DistanceCountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(EditDistance("timeout", "timeout"), 0);
  EXPECT_EQ(EditDistance("timout", "timeout"), 1);
  EXPECT_EQ(EditDistance("timeeout", "timeout"), 1);
  EXPECT_EQ(EditDistance("timeaut", "timeout"), 1);
  EXPECT_EQ(EditDistance("tmieout", "timeout"), 1);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

TEST(Suggestion, DistanceOfHugeWordsIsBounded) {
  EXPECT_EQ(EditDistance(std::string(100'000, 'a'), std::string(100'000, 'b')), 64);
}

TEST(Suggestion, NearestWordIsNamed) {
  EXPECT_EQ(DidYouMean("retires", kWords), "; did you mean 'retries'?");
}

TEST(Suggestion, BeginningOfAWordIsEnough) {
  EXPECT_EQ(NearestWord("auth", kWords), "auth-service");
}

TEST(Suggestion, NothingNearGivesNoHint) {
  EXPECT_EQ(DidYouMean("zebra", kWords), "");
  EXPECT_EQ(DidYouMean("", kWords), "");
  const std::string huge(1'000'000, 'x');
  EXPECT_EQ(DidYouMean("zebra", std::vector<std::string_view>{huge}), "");
}

TEST(Suggestion, WhatIsUnlikeAllIsAnsweredByTheFirstCandidates) {
  EXPECT_EQ(GuessOrList("retires", kWords), "; did you mean 'retries'?");
  EXPECT_EQ(GuessOrList("zebra", kWords), "; it has timeout, retries, fallback, auth-service");
  const std::vector<std::string_view> many(23, "x");
  EXPECT_TRUE(GuessOrList("zebra", many).ends_with(", x and 3 more"));
}

}  // namespace
}  // namespace groundhog::text
