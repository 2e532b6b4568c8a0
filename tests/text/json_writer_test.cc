#include "text/json_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace groundhog::text {
namespace {

using Layout = JsonWriter::Layout;

// The same object in each layout.
std::string Sample(Layout layout) {
  JsonWriter json;
  json.BeginObject(layout);
  json.Put("text", "a \"b\"").Put("whole", -7).Put("is_right", true);
  json.Key("list").BeginArray(layout);
  json.Value(1).Value(2);
  json.EndArray();
  json.Key("none").BeginObject(layout).EndObject();
  json.Key("empty").BeginArray(layout).EndArray();
  json.EndObject();
  return json.Take();
}

TEST(JsonWriter, WritesCompactly) {
  EXPECT_EQ(Sample(Layout::kCompact),
            R"({"text":"a \"b\"","whole":-7,"is_right":true,"list":[1,2],"none":{},"empty":[]})");
}

TEST(JsonWriter, WritesWithSpaces) {
  EXPECT_EQ(Sample(Layout::kSpaced),
            R"({"text": "a \"b\"", "whole": -7, "is_right": true, "list": [1, 2], "none": {}, )"
            R"("empty": []})");
}

TEST(JsonWriter, WritesLinesTwoBlanksALevel) {
  EXPECT_EQ(Sample(Layout::kLines), R"({
  "text": "a \"b\"",
  "whole": -7,
  "is_right": true,
  "list": [
    1,
    2
  ],
  "none": {},
  "empty": []
})");
}

TEST(JsonWriter, PutsOneLineWithinLines) {
  JsonWriter json;
  json.BeginArray(Layout::kLines);
  json.BeginObject(Layout::kSpaced).Put("a", 1).Put("b", 2).EndObject();
  json.Json("[3,4]");
  json.EndArray();
  EXPECT_EQ(json.Take(), "[\n  {\"a\": 1, \"b\": 2},\n  [3,4]\n]");
}

TEST(JsonWriter, GivesTheSameInPieces) {
  JsonWriter json;
  json.BeginArray(Layout::kLines);
  std::string whole = json.TakeSoFar();
  for (const int number : {1, 2}) {
    json.BeginObject(Layout::kSpaced).Key("a");
    whole += json.TakeSoFar();
    json.Value(number).EndObject();
    whole += json.TakeSoFar();
  }
  json.EndArray();
  EXPECT_EQ(whole + json.Take(), "[\n  {\"a\": 1},\n  {\"a\": 2}\n]");
}

std::string Written(const auto& value) { return JsonWriter().Value(value).Take(); }

TEST(JsonWriter, WritesNumbersExactly) {
  EXPECT_EQ(Written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(Written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(Written(0.1), "0.1");
  EXPECT_EQ(Written(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(Written(-0.0), "-0");
  EXPECT_EQ(Written(1e300), "1e+300");
}

TEST(JsonWriter, WritesNullForWhatJsonHasNotAndForNothing) {
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(Written(std::optional<int>()), "null");
  EXPECT_EQ(Written(std::optional<int>(3)), "3");
  EXPECT_EQ(Written(std::optional<std::string>("x")), "\"x\"");
}

TEST(JsonWriter, EscapesWhatJsonMustNotHold) {
  EXPECT_EQ(Written("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(Written(std::string("\0\x01\x1F\x7F", 4)), "\"\\u0000\\u0001\\u001f\x7F\"");
  JsonWriter json;
  json.BeginObject(Layout::kCompact).Put("\n", 1).EndObject();
  EXPECT_EQ(json.Take(), R"({"\n":1})");
}

TEST(JsonWriter, LeavesUtf8AsItIs) {
  EXPECT_EQ(Written("\xC3\xA9\xE2\x80\xA8\xF0\x9F\xA6\xAB"),
            "\"\xC3\xA9\xE2\x80\xA8\xF0\x9F\xA6\xAB\"");
}

TEST(JsonWriter, ReplacesEachByteThatIsNoUtf8) {
  EXPECT_EQ(Written("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(Written("\xC3"), "\"\xEF\xBF\xBD\"");                                  // cut
  EXPECT_EQ(Written("\xC0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(Written("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // surrogate
}

TEST(JsonWriterDeathTest, StopsWhereTheOrderMakesNoSense) {
  EXPECT_DEATH(JsonWriter().BeginObject(Layout::kCompact).Value(1), "has a key");
  EXPECT_DEATH(JsonWriter().BeginArray(Layout::kCompact).Key("a"), "in an object");
  EXPECT_DEATH(JsonWriter().BeginObject(Layout::kCompact).EndArray(), "ends what it began");
  EXPECT_DEATH(JsonWriter().BeginObject(Layout::kCompact).Take(), "ends what it began");
  EXPECT_DEATH(JsonWriter().BeginArray(Layout::kSpaced).BeginArray(Layout::kLines), "lines");
}

}  // namespace
}  // namespace groundhog::text
