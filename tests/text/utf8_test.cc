#include "text/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace groundhog::text {
namespace {

TEST(Utf8, TakesTheFirstAndLastOfEveryLength) {
  for (const std::string_view text :
       {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text));
    EXPECT_EQ(FirstInvalidUtf8(text), std::string_view::npos);
    if (!text.empty()) {
      EXPECT_EQ(Utf8Length(text), text.size());
    }
  }
}

TEST(Utf8, RefusesWhatIsIllFormed) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xE1\x80",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF1\x80\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(IsUtf8(text));
    EXPECT_EQ(FirstInvalidUtf8(text), 0u);
    EXPECT_EQ(Utf8Length(text), 0u);
  }
}

TEST(Utf8, SaysWhereTextStopsBeingIt) {
  EXPECT_EQ(FirstInvalidUtf8("größer\xFF"), 8u);
  EXPECT_EQ(FirstInvalidUtf8("ab\xE2\x82"), 2u);
}

TEST(Utf8, ABeginningCutsNoCharacterInTwo) {
  EXPECT_EQ(Utf8Beginning("größer", 6), "größ");
  EXPECT_EQ(Utf8Beginning("größer", 5), "grö");
  EXPECT_EQ(Utf8Beginning("größer", 8), "größer");
  EXPECT_EQ(Utf8Beginning("größer", 100), "größer");
  EXPECT_EQ(Utf8Beginning("\xF4\x8F\xBF\xBFx", 3), "");
  EXPECT_EQ(Utf8Beginning("", 0), "");
  EXPECT_EQ(Utf8Beginning("x", 0), "");
}

TEST(Utf8, ABeginningOfBytesThatAreNoTextIsAsLongAsItMayBe) {
  const std::string bytes(200, '\x86');
  EXPECT_EQ(Utf8Beginning(bytes, 100).size(), 100u);
  EXPECT_EQ(Utf8Beginning(bytes, 2).size(), 2u);
}

}  // namespace
}  // namespace groundhog::text
