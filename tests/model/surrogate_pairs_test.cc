#include "model/scenario/surrogate_pairs.h"

#include <gtest/gtest.h>

#include "model/scenario/diagnostics.h"
#include "model/scenario/yaml_tree.h"

namespace groundhog::model {
namespace {

// What ReadYaml makes of a scalar, or the first error.
std::string Read(std::string_view yaml) {
  Diagnostics diagnostics("f");
  const auto node = ReadYaml(yaml, 0, diagnostics);
  if (!diagnostics.ok()) return std::string(diagnostics.ToStatus().message());
  return node ? node->text : "";
}

TEST(SurrogatePairs, BecomeTheirCharacterInDoubleQuotes) {
  EXPECT_EQ(Read(R"("\ud83d\ude00")"), "\U0001F600");
  EXPECT_EQ(Read(R"("a\uD83D\uDE00b\ud834\udd1e\ud83d\ude00")"),
            "a\U0001F600b\U0001D11E\U0001F600");
  EXPECT_EQ(Read(R"("\ud800\udc00\udbff\udfff")"), "\U00010000\U0010FFFF");
  EXPECT_EQ(Read(R"("\u20ac\ud83d\ude00\u20ac")"), "€\U0001F600€");
}

TEST(SurrogatePairs, StayLettersWhereNothingIsEscaped) {
  EXPECT_EQ(Read(R"('\ud83d\uDE00')"), R"(\ud83d\uDE00)");
  EXPECT_EQ(Read(R"(a \uD83d\udE00 b)"), R"(a \uD83d\udE00 b)");
  EXPECT_EQ(Read("|\n  \\ud83d\\ude00\n"), "\\ud83d\\ude00\n");
  EXPECT_EQ(Read(R"("\\ud83d\\ude00 \ud83d\ude00")"), "\\ud83d\\ude00 \U0001F600");
}

TEST(SurrogatePairs, HalvesAloneAreRefusedWhereTheyStand) {
  const std::string words =
      ": this escape is no character; a surrogate needs the other half of its pair beside it "
      "(\\ud83d\\ude00), or write the character itself";
  EXPECT_EQ(Read(R"("ab\ud83d")"), "f:1:4" + words);
  EXPECT_EQ(Read(R"("\ude00\ud83d")"), "f:1:2" + words);
  EXPECT_EQ(Read(R"("\ud83d\ude00 \ud83dx\ude00")"), "f:1:15" + words);
  EXPECT_EQ(Read(R"("\\\ud83d\\ude00")"), "f:1:4" + words);
  EXPECT_EQ(Read("\"a\n b\\ud83d\""), "f:2:3" + words);
}

TEST(SurrogatePairs, AreNotReadBesidePrivateCharactersThatTheyWouldBeTakenFor) {
  for (const std::string_view text :
       {R"("\ue83d\ud83d\ude00")", R"("\uEC00\ud83d\ude00")", "\"\uE83D\\ud83d\\ude00\""}) {
    EXPECT_NE(Read(text).find("this escape is no character"), std::string::npos) << text;
  }
  EXPECT_EQ(Read("\"\uE83D\uEC00\""), "\uE83D\uEC00");
  EXPECT_EQ(Read(R"("\uf8ff\ud83d\ude00")"), "\uF8FF\U0001F600");
}

TEST(SurrogatePairs, KeepTheLengthOfTheText) {
  const std::string_view text = R"({"a": "\ud83d\ude00", b: '\uD83D\uDE00'})";
  EXPECT_EQ(SurrogatePairs(text).text().size(), text.size());
  EXPECT_NE(SurrogatePairs(text).text(), text);
}

}  // namespace
}  // namespace groundhog::model
