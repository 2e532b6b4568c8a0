#include "model/scenario/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/scenario/diagnostics.h"

namespace groundhog::model {
namespace {

using testing::HasSubstr;
using Kind = YamlNode::Kind;

// The errors about `text`; "(none)" if there are none.
std::string ErrorsOf(std::string_view text) {
  Diagnostics diagnostics("f.yaml");
  ReadYaml(text, 0, diagnostics);
  return diagnostics.ok() ? "(none)" : std::string(diagnostics.ToStatus().message());
}

YamlNode Read(std::string_view text) {
  Diagnostics diagnostics("f.yaml");
  std::optional<YamlNode> root = ReadYaml(text, 0, diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.ToStatus();
  return root.value_or(YamlNode());
}

TEST(YamlTree, KeepsKindsTextAndOrder) {
  const YamlNode root = Read("b: 1\na: [x, 'y: z', \"\"]\nc:\nd: ~\ne: \"~\"\n");
  ASSERT_EQ(root.kind, Kind::kMap);
  std::vector<std::string> keys;
  for (const YamlKey& key : root.keys) keys.push_back(key.text);
  EXPECT_EQ(keys, (std::vector<std::string>{"b", "a", "c", "d", "e"}));
  EXPECT_EQ(root.Find("b")->text, "1");
  const YamlNode& list = *root.Find("a");
  ASSERT_EQ(list.kind, Kind::kSequence);
  ASSERT_EQ(list.items.size(), 3U);
  EXPECT_EQ(list.items[1].text, "y: z");
  EXPECT_EQ(list.items[2].kind, Kind::kScalar);
  EXPECT_EQ(root.Find("c")->kind, Kind::kNull);
  EXPECT_EQ(root.Find("d")->kind, Kind::kNull);
  EXPECT_EQ(root.Find("e")->kind, Kind::kScalar);  // quoted, so text
  EXPECT_EQ(root.Find("f"), nullptr);
  EXPECT_EQ(list.Find("a"), nullptr);
}

TEST(YamlTree, PositionsCountCharactersFromOne) {
  const YamlNode root = Read("ä: {b: ö, c: d}\n\n  # comment\nlist:\n  - e\n");
  const YamlNode& map = *root.Find("ä");
  EXPECT_EQ(map.keys[1].position, (Position{.line = 1, .column = 11}));
  EXPECT_EQ(map.items[1].position, (Position{.line = 1, .column = 14}));
  EXPECT_EQ(root.Find("list")->items[0].position, (Position{.line = 5, .column = 5}));
}

TEST(YamlTree, PositionsNameTheirSource) {
  Diagnostics diagnostics("f.yaml");
  const int source = diagnostics.AddSource("--set a=&x b");
  ASSERT_TRUE(ReadYaml("&x b", source, diagnostics));
  EXPECT_THAT(std::string(diagnostics.ToStatus().message()), HasSubstr("--set a=&x b: anchors"));
}

TEST(YamlTree, AByteOrderMarkIsNoText) {
  const YamlNode root = Read(
      "\xEF\xBB\xBF"
      "a: b\n");
  EXPECT_EQ(root.keys[0].position, (Position{.line = 1, .column = 1}));
}

TEST(YamlTree, RefusesWhatHidesMeaningOrMayHarm) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a: &x 1\nb: *x\n", "f.yaml:2:4: aliases"},
      {"a: &x 1\n", "f.yaml:1:4: anchors"},
      {"a: !!str 1\n", "tags (tag:yaml.org,2002:str)"},
      {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: 'a' is given twice, first in line 1"},
      {"[a]: 1\n", "a key must be a plain word"},
      {"a: 1\n---\nb: 2\n", "f.yaml:3:1: a second document"},
      {"a:\n\tb: 1\n", "f.yaml:2:1: YAML does not allow tabs"},
      {std::string("a: \0", 4), "f.yaml:1:4: a NUL byte"},
      {"a: \x04", "f.yaml:1:4: a control character"},
      {"a: \xC3", "f.yaml:1:4: not valid UTF-8"},
      {"", "there is no scenario here"},
      {"# only a comment\n", "there is no scenario here"},
      {"a: [1\n", "not YAML: "},
      {std::string(kYamlBytesMax + 1, '#'), "larger than 4 MiB"},
      {std::string(kYamlDepthMax + 1, '['), "nested deeper than 100 levels"}};
  for (const auto& [text, error] : cases) {
    EXPECT_THAT(ErrorsOf(text), HasSubstr(error)) << text.substr(0, 40);
  }
}

TEST(YamlTree, ReportsAllRefusalsAndKeepsTheRest) {
  Diagnostics diagnostics("f.yaml");
  const std::optional<YamlNode> root = ReadYaml("a: &x 1\nb: *x\nc: 3\nc: 4\n", 0, diagnostics);
  const std::string errors(diagnostics.ToStatus().message());
  EXPECT_THAT(errors, HasSubstr("f.yaml:1:4: anchors"));
  EXPECT_THAT(errors, HasSubstr("f.yaml:2:4: aliases"));
  EXPECT_THAT(errors, HasSubstr("f.yaml:4:1: 'c' is given twice"));
  ASSERT_TRUE(root);
  EXPECT_EQ(root->Find("a")->text, "1");
  EXPECT_EQ(root->Find("b")->kind, Kind::kRefused);
  EXPECT_EQ(root->Find("c")->text, "3");
  EXPECT_EQ(root->keys.size(), 3U);
}

}  // namespace
}  // namespace groundhog::model
