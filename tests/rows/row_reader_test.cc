#include "rows/row_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rows/row_parser.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::rows {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

using Rows = std::vector<std::vector<std::string>>;

// What reading a file gives: rows, and how it ends.
struct Read {
  Rows rows;
  std::vector<std::uint64_t> lines;
  std::vector<std::string> names;
  absl::Status status;
};

Read ReadAll(std::string_view bytes, const std::vector<std::string>& wanted,
             std::optional<RowFormat> format = {}) {
  const traces::TestFile file("rows");
  traces::WriteFile(file.path(), bytes);
  Read read;
  auto reader = RowReader::Open(file.path(), format);
  read.status = reader.status();
  if (!reader.ok()) return read;
  read.names = (*reader)->names();
  (*reader)->Want(wanted);
  Row row;
  while (true) {
    const absl::StatusOr<bool> has_row = (*reader)->Next(&row);
    read.status = has_row.status();
    if (!has_row.ok() || !*has_row) return read;
    read.rows.emplace_back(row.begin(), row.end());
    read.lines.push_back((*reader)->line());
  }
}

std::string ErrorOf(std::string_view bytes) {
  const Read read = ReadAll(bytes, {"a"});
  EXPECT_FALSE(read.status.ok()) << bytes;
  return std::string(read.status.message());
}

TEST(RowReader, GivesTheWantedValuesOfJsonInTheirOrder) {
  const Read read = ReadAll("{\"a\":\"x\",\"b\":1}\n{\"b\":2,\"a\":\"y\"}\n", {"b", "a", "c", ""});
  EXPECT_TRUE(read.status.ok()) << read.status;
  EXPECT_THAT(read.rows, ElementsAre(ElementsAre("1", "x", "", ""), ElementsAre("2", "y", "", "")));
  EXPECT_THAT(read.lines, ElementsAre(1, 2));
  EXPECT_THAT(read.names, ElementsAre("a", "b"));
}

TEST(RowReader, FindsNestedMembersAndThoseWithADotInTheirName) {
  const Read read = ReadAll(R"({"log":{"text":"x","at":{"host":"h"}},"log.level":"INFO"})",
                            {"log.text", "log.at.host", "log.level", "log"});
  EXPECT_THAT(read.rows, ElementsAre(ElementsAre("x", "h", "INFO", "")));
  EXPECT_THAT(read.names, ElementsAre("log.text", "log.at.host", "log.level"));
}

TEST(RowReader, WritesOtherValuesAsJsonDoesAndTakesNullForNothing) {
  const Read read =
      ReadAll(R"({"a":null,"b":true,"c":[1,"x"],"d":2.50,"e":18446744073709551615,"f":"","g":-3})",
              {"a", "b", "c", "d", "e", "f", "g"});
  EXPECT_THAT(read.rows, ElementsAre(ElementsAre("", "true", "[1,\"x\"]", "2.5",
                                                 "18446744073709551615", "", "-3")));
}

TEST(RowReader, UnescapesTextOfJson) {
  const Read read = ReadAll(R"({"a":"\"\u00e9\n"})", {"a"});
  EXPECT_THAT(read.rows, ElementsAre(ElementsAre("\"\xC3\xA9\n")));
}

TEST(RowReader, PassesOverEmptyLinesAndByteOrderMarksAndTakesBothLineEnds) {
  const Read read = ReadAll("\xEF\xBB\xBF\r\n{\"a\":1}\r\n\n  \n{\"a\":2}", {"a"});
  EXPECT_THAT(read.rows, ElementsAre(ElementsAre("1"), ElementsAre("2")));
  EXPECT_THAT(read.lines, ElementsAre(2, 5));
}

TEST(RowReader, ReadsCsvWithQuotesAndLineEndsInThem) {
  const Read read = ReadAll("a,\"b \"\"c\"\"\",d\r\n1,\"x, \"\"y\"\"\nz\",\r\n2,\"\",3\r\n",
                            {"d", "b \"c\"", "a"});
  EXPECT_TRUE(read.status.ok()) << read.status;
  EXPECT_THAT(read.rows,
              ElementsAre(ElementsAre("", "x, \"y\"\nz", "1"), ElementsAre("3", "", "2")));
  EXPECT_THAT(read.lines, ElementsAre(2, 4));
  EXPECT_THAT(read.names, ElementsAre("a", "b \"c\"", "d"));
}

TEST(RowReader, AnEmptyFileHasNoRows) {
  for (const char* const bytes : {"", "\n\n", "a,b\n"}) {
    const Read read = ReadAll(bytes, {"a"});
    EXPECT_TRUE(read.status.ok()) << read.status;
    EXPECT_TRUE(read.rows.empty());
  }
}

TEST(RowReader, BlanksAroundNamesOfAHeaderAreNoPartOfThem) {
  const Read read = ReadAll("a, b\n1, 2\n", {"b"});
  ASSERT_EQ(read.rows.size(), 1U);
  EXPECT_EQ(read.rows[0], std::vector<std::string>{" 2"});
}

TEST(RowReader, SaysInWhichLineSomethingIsWrong) {
  EXPECT_THAT(ErrorOf("{\"a\":1}\n{\"a\":"), HasSubstr(":2: not JSON"));
  EXPECT_THAT(ErrorOf("{\"a\":1}\n[1]\n"), EndsWith(":2: not a JSON object"));
  EXPECT_THAT(ErrorOf("{\"a\":1} {\"a\":2}\n"), HasSubstr(":1: not JSON"));
  EXPECT_THAT(ErrorOf("{\n  \"a\": 1\n}\n"),
              EndsWith(R"(:1: not JSON: cut off, or no object: "{"; write one object a line, as )"
                       "jq -c does"));
  EXPECT_THAT(ErrorOf("{\"a\":1}\nready \x1b[1m\n"),
              EndsWith(R"(:2: not JSON: cut off, or no object: "ready \u001b[1m")"));
  EXPECT_THAT(ErrorOf("{\"a\":1}\n" + std::string(99, 'x')),
              EndsWith(std::string(40, 'x') + "\"..."));
  for (const char* const printed : {"Ready, now", "[INFO] ready", "[2025-01-06] ready"}) {
    EXPECT_THAT(ErrorOf(std::string(printed) + "\n{\"a\":1}\n"),
                AllOf(HasSubstr(":1: not JSON: "), EndsWith(": \"" + std::string(printed) + "\"")));
  }
  for (const char* const header : {"a;b", "a\tb", "a|b"}) {
    EXPECT_THAT(ErrorOf(std::string(header) + "\n1;2\n"),
                HasSubstr(":1: not CSV: a header without commas"));
  }
  EXPECT_THAT(ErrorOf("{\"a\":NaN}\n"), HasSubstr(":1: not JSON"));
  EXPECT_THAT(ErrorOf("{\"a\":\"\xFF\"}\n"), EndsWith(":1: not JSON: not UTF-8"));
  EXPECT_THAT(ErrorOf("[{\"a\":1}]\n"), HasSubstr("a JSON array"));
  EXPECT_THAT(ErrorOf("a,b\n1,2\n\n3\n"), EndsWith(":4: fewer cells than the header's 2"));
  EXPECT_THAT(ErrorOf("a,b\n1,2,3\n"), EndsWith(":2: more cells than the header's 2"));
  EXPECT_THAT(ErrorOf("a,b\n1,\"2"), HasSubstr(":2: not CSV"));
  EXPECT_THAT(ErrorOf("a,b\n1,\"2\"x\n"), HasSubstr(":2: not CSV"));
  EXPECT_THAT(ErrorOf("a,b\n1,5\" disk\n2,6\" disk\n"), HasSubstr(":2: not CSV: quotes"));
}

TEST(RowReader, RefusesTwoValuesOfOneName) {
  EXPECT_THAT(ErrorOf("b,a,b\n1,2,3\n"),
              EndsWith(":1: the header has two columns 'b'; each column needs a name of its own"));
  EXPECT_THAT(ErrorOf("a,\"b\", b\n1,2,3\n"), HasSubstr(":1: the header has two columns 'b'"));
  EXPECT_TRUE(ReadAll("a,,\n1,2,3\n", {"a"}).status.ok()) << "columns without a name";
  for (const char* const second :
       {R"({"a":1,"b":2,"a":3})", R"({"a":null,"a":1})", R"({"a":"x","a":"x"})"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("{\"a\":1}\n", second, "\n")),
                EndsWith(":2: the row has two values 'a'; each value needs a name of its own"));
  }
  const Read inner = ReadAll(R"({"log":{"a":1},"log.a":2})", {"log.a"});
  EXPECT_THAT(std::string(inner.status.message()), HasSubstr("two values 'log.a'"));
  const Read others = ReadAll(R"({"a":1,"b":2,"b":3,"log":{"a":4}})", {"a"});
  EXPECT_TRUE(others.status.ok()) << "nobody wants b: " << others.status;
}

TEST(RowReader, RefusesWhatIsCompressedAndSaysHowToUnpackIt) {
  EXPECT_THAT(ErrorOf("\x1F\x8B\x08rest"),
              EndsWith(": compressed by gzip; unpack it first: gzip -dc "
                       "OUT | groundhog audit FILE -"));
  EXPECT_THAT(ErrorOf("\x28\xB5\x2F\xFDrest"), HasSubstr(" zstd -dc OUT |"));
  EXPECT_THAT(ErrorOf("\xFD"
                      "7zXZ"),
              HasSubstr(" xz -dc OUT |"));
  EXPECT_THAT(ErrorOf("BZh91AY&SY"), HasSubstr(" bzip2 -dc OUT |"));
  EXPECT_THAT(ErrorOf("\x04\x22\x4D\x18"), HasSubstr(" lz4 -dc OUT |"));
}

TEST(RowReader, RefusesLogfmt) {
  for (const char* const line : {"level=INFO msg=\"a, b\"", "level=INFO,b=1"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat(line, "\n", line, "\n")),
                HasSubstr(":1: neither NDJSON nor CSV: "));
  }
  EXPECT_TRUE(ReadAll("a,b=c\n1,2\n", {"a"}).status.ok());
  EXPECT_THAT(
      ErrorOf("00:01 INFO started\n00:02 WARN slow, very\n"),
      EndsWith(":2: more cells than the header's 1: neither NDJSON nor CSV with a header?"));
}

TEST(RowReader, NamesThatAreWantedBeforeARowHasThemAreSeen) {
  const auto parser = MakeJsonParser();
  parser->Want({"b.c", "d"});
  const std::string bytes = R"({"a":1,"b":{"c":2}})";
  const std::string padded = bytes + std::string(kPaddingBytes, ' ');
  Row row;
  ASSERT_TRUE(parser->Parse(std::string_view(padded).substr(0, bytes.size()), &row).ok());
  EXPECT_THAT(parser->names(), ElementsAre("a", "b.c"));
}

TEST(RowReader, RefusesWhatIsTooDeepOrTooLong) {
  constexpr std::size_t kDeep = 100'000;
  EXPECT_THAT(ErrorOf("{\"a\":" + std::string(kDeep, '[') + std::string(kDeep, ']') + "}"),
              HasSubstr(":1: JSON nested deeper"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  EXPECT_THAT(ErrorOf(deep + "1" + std::string(100, '}')), HasSubstr(":1: JSON nested deeper"));
  EXPECT_THAT(ErrorOf("{\"a\":1}\n{\"a\":\"" + std::string(kRecordBytesMax, 'x')),
              EndsWith(":2: a row of 16 MiB or more"));
  EXPECT_THAT(ErrorOf("a\n1\n\"" + std::string(kRecordBytesMax, '\n')),
              EndsWith(":3: a row of 16 MiB or more"));
}

TEST(RowReader, RowsOfAnyLengthAndManyOfThemComeWhole) {
  std::string bytes;
  Rows expected;
  for (std::size_t i = 0; i < 3'000; ++i) {
    const std::string text((i * 7'919) % 2'000 + (i == 1'500 ? 1'000'000 : 0), 'x');
    bytes += "{\"n\":" + std::to_string(i) + ",\"a\":\"" + text + "\"}\n";
    expected.push_back({std::to_string(i), text});
  }
  EXPECT_EQ(ReadAll(bytes, {"n", "a"}).rows, expected);
}

TEST(RowReader, NoDamagedByteMakesItCrash) {
  const std::string sound = R"({"a":{"b":["x",1.5,null]},"c":"\u00e9"})"
                            "\n{\"a\":1}\n";
  for (std::size_t i = 0; i < sound.size(); ++i) {
    for (const char byte : {'\0', '"', '\\', '{', ']', '\n', ',', '\xE2'}) {
      std::string damaged = sound;
      damaged[i] = byte;
      for (const RowFormat format : {RowFormat::kNdjson, RowFormat::kCsv}) {
        EXPECT_LE(ReadAll(damaged, {"a", "c", "a.b"}, format).rows.size(), 3U);
      }
    }
  }
}

}  // namespace
}  // namespace groundhog::rows
