#include "text/spaced_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace groundhog::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SpacedWords, AreSplitAtSpaces) {
  EXPECT_THAT(SplitWords("rate code callers"), ElementsAre("rate", "code", "callers"));
  EXPECT_THAT(SplitWords("rate"), ElementsAre("rate"));
  EXPECT_THAT(SplitWords(""), IsEmpty());
}

TEST(SpacedWords, HaveWholeWordsOnly) {
  static_assert(HasWord("rate code", "rate") && HasWord("rate code", "code"));
  EXPECT_FALSE(HasWord("rate code", "rat"));
  EXPECT_FALSE(HasWord("rate code", "rate code"));
  EXPECT_FALSE(HasWord("rate code", ""));
  EXPECT_FALSE(HasWord("", "rate"));
}

}  // namespace
}  // namespace groundhog::text
