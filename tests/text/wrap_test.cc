#include "text/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace groundhog::text {
namespace {

using ::testing::ElementsAre;

TEST(Wrap, LinesAreAsLongAsAllowed) {
  EXPECT_THAT(Wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("one two three", 6), ElementsAre("one", "two", "three"));
  EXPECT_THAT(Wrap("one two three", 13), ElementsAre("one two three"));
}

TEST(Wrap, ALongWordHasALineOfItsOwn) {
  EXPECT_THAT(Wrap("a extraordinary b", 4), ElementsAre("a", "extraordinary", "b"));
}

TEST(Wrap, SpacesAreOne) { EXPECT_THAT(Wrap("  a   b ", 80), ElementsAre("a b")); }

TEST(Wrap, NothingIsOneEmptyLine) { EXPECT_THAT(Wrap("", 10), ElementsAre("")); }

}  // namespace
}  // namespace groundhog::text
