#include "text/printable.h"

#include <gtest/gtest.h>

#include <string>

namespace groundhog::text {
namespace {

TEST(Printable, NothingActsOnATerminal) {
  EXPECT_EQ(Printable("caf\u00e9 \"x\" \\"), "caf\u00e9 \"x\" \\");
  EXPECT_EQ(Printable("a\033[31m\n\x7f"), "a\\x1b[31m\\x0a\\x7f");
  EXPECT_EQ(Printable("\xc2\x85\xc2\xa0"), "\\x85\xc2\xa0");
  EXPECT_EQ(Printable("\xff\xc2"), "\\xff\\xc2");
  EXPECT_EQ(PrintableLines("a\n\tb\n"), "a\n\\x09b\n");
}

TEST(QuotedName, IsOneShortLine) {
  EXPECT_EQ(QuotedName("api"), "'api'");
  EXPECT_EQ(QuotedName("a\nb"), "'a\\x0ab'");
  EXPECT_EQ(QuotedName(std::string(100, 'x')), "'" + std::string(100, 'x') + "'");
  EXPECT_EQ(QuotedName(std::string(1'000'000, 'x')), "'" + std::string(100, 'x') + "...'");
}

TEST(QuotedName, IsNotCutWithinACharacter) {
  std::string name(99, 'x');
  name += "\u00e9\u00e9";
  EXPECT_EQ(QuotedName(name), "'" + std::string(99, 'x') + "...'");
}

}  // namespace
}  // namespace groundhog::text
