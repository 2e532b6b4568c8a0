#include "traces/json_renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/traces/sample_trace.h"

namespace groundhog::traces {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// A catalogue with one template, rendered for one record.
std::string MessageOf(std::string text, std::vector<SlotKind> slots, Record record) {
  Catalogue catalogue = SampleCatalogue();
  catalogue.templates = {{.text = std::move(text), .slots = std::move(slots)}};
  record.message = TemplateId{0};
  JsonRenderer renderer(SampleInfo(), catalogue);
  const std::string line(renderer.Render(record));
  const std::size_t begin = line.find("\"message\":\"") + 11;
  return line.substr(begin, line.find("\",\"timestamp\"") - begin);
}

std::string LineOf(const Record& record, JsonRendererOptions options = {}) {
  JsonRenderer renderer(SampleInfo(), SampleCatalogue(), options);
  return std::string(renderer.Render(record));
}

Record WithSlot(std::int64_t value) {
  Record record = SampleRecord(0);
  record.slots[0] = value;
  return record;
}

TEST(JsonRenderer, KeysStandInTheirOrder) {
  Record record = SampleRecord(1'918'000'000);
  record.level = Level::kError;
  record.dependency = ServiceId{1};
  record.error_code = ErrorCodeId{1};
  JsonRenderer renderer(SampleInfo(), SampleCatalogue());
  const std::string id = std::string(renderer.DeriveTraceIdHex(record.request));
  EXPECT_EQ(LineOf(record),
            "{\"service\":\"gateway-service\",\"level\":\"ERROR\","
            "\"message\":\"Plain text with {braces} and \\\"quotes\\\"\","
            "\"timestamp\":\"2025-01-06T00:00:01.918Z\",\"latency_ms\":7,\"trace_id\":\"" +
                id +
                "\",\"dependency\":\"order-service\",\"error_code\":\"ERR_504\","
                "\"hostname\":\"gateway-service-1\"}");
}

TEST(JsonRenderer, OptionalKeysAreAbsent) {
  const std::string line = LineOf(SampleRecord(0));
  EXPECT_THAT(line, Not(HasSubstr("dependency")));
  EXPECT_THAT(line, Not(HasSubstr("error_code")));
  EXPECT_THAT(line, Not(HasSubstr("truth")));
  EXPECT_THAT(line, Not(HasSubstr("null")));
}

TEST(JsonRenderer, EveryLevelHasItsName) {
  Record record = SampleRecord(0);
  EXPECT_THAT(LineOf(record), HasSubstr("\"level\":\"INFO\","));
  record.level = Level::kWarn;
  EXPECT_THAT(LineOf(record), HasSubstr("\"level\":\"WARN\","));
  record.level = Level::kError;
  record.error_code = ErrorCodeId{0};
  EXPECT_THAT(LineOf(record), HasSubstr("\"level\":\"ERROR\","));
}

TEST(JsonRenderer, LatencyIsRoundedDown) {
  Record record = SampleRecord(0);
  record.duration = sim::Nanoseconds(999'999);
  EXPECT_THAT(LineOf(record), HasSubstr("\"latency_ms\":0,"));
  record.duration = sim::Nanoseconds(249'999'999);
  EXPECT_THAT(LineOf(record), HasSubstr("\"latency_ms\":249,"));
  record.duration = sim::Milliseconds(250);
  EXPECT_THAT(LineOf(record), HasSubstr("\"latency_ms\":250,"));
}

TEST(JsonRenderer, TimestampIsRoundedDownAndRollsOver) {
  EXPECT_THAT(LineOf(SampleRecord(999'999)), HasSubstr("\"2025-01-06T00:00:00.000Z\""));
  EXPECT_THAT(LineOf(SampleRecord(86'399'999'999'999)), HasSubstr("\"2025-01-06T23:59:59.999Z\""));
  EXPECT_THAT(LineOf(SampleRecord(86'400'000'000'000)), HasSubstr("\"2025-01-07T00:00:00.000Z\""));
}

TEST(JsonRenderer, TimestampDoesNotDependOnTheRecordBefore) {
  JsonRenderer renderer(SampleInfo(), SampleCatalogue());
  for (const std::int64_t seconds : {0, 1, 1, 86'400 * 400, 59, 60, 3'600, 0}) {
    const Record record = SampleRecord(seconds * 1'000'000'000 + 7'000'000);
    EXPECT_EQ(renderer.Render(record), LineOf(record));
  }
}

TEST(JsonRenderer, TimestampIsThatOfTheHostsClock) {
  Record record = SampleRecord(5'000'000'000);
  record.clock_skew = sim::Milliseconds(1'500);
  EXPECT_THAT(LineOf(record), HasSubstr("\"2025-01-06T00:00:06.500Z\""));
  record.clock_skew = sim::Nanoseconds(-5'000'000'001);
  EXPECT_THAT(LineOf(record), HasSubstr("\"2025-01-05T23:59:59.999Z\""));
  record.time = sim::VirtualTime::Max();
  record.clock_skew = kClockSkewMax;
  EXPECT_THAT(LineOf(record), HasSubstr("\"2262-04-11T23:47:16.854Z\"")) << "the end of time";
}

TEST(JsonRenderer, AnotherTimestampReplacesTheRecords) {
  JsonRenderer renderer(SampleInfo(), SampleCatalogue());
  const Record record = SampleRecord(5'000'000'000);
  const std::string other(renderer.Render(record, 1'999));
  EXPECT_THAT(other, HasSubstr("\"timestamp\":\"1970-01-01T00:00:01.999Z\""));
  EXPECT_THAT(std::string(renderer.Render(record, -1)), HasSubstr("\"1969-12-31T23:59:59.999Z\""));
  EXPECT_EQ(renderer.TimestampUnixMilliseconds(record), 1'736'121'605'000);
}

TEST(JsonRenderer, EscapesNamesAndMessages) {
  Record record = SampleRecord(0);
  record.dependency = ServiceId{2};
  record.message = TemplateId{6};
  const std::string line = LineOf(record);
  EXPECT_THAT(line, HasSubstr("\"dependency\":\"caf\xC3\xA9 \\\"b\\\\c\\\"\""));
  EXPECT_THAT(line, HasSubstr("tab\\t, line\\n, bell\\u0007, na\xC3\xAFve \xF0\x9F\xA6\xAB 0"));
}

TEST(JsonRenderer, ShowsStoredSlots) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const auto shown = [](SlotKind kind, std::int64_t value) {
    return MessageOf("<{}>", {kind}, WithSlot(value));
  };
  EXPECT_EQ(shown(SlotKind::kInteger, -12), "<-12>");
  EXPECT_EQ(shown(SlotKind::kInteger, kMin), "<-9223372036854775808>");
  EXPECT_EQ(shown(SlotKind::kMilliseconds, 1'999'999), "<1>");
  EXPECT_EQ(shown(SlotKind::kHundredths, 1234), "<12.34>");
  EXPECT_EQ(shown(SlotKind::kHundredths, -5), "<-0.05>");
  EXPECT_EQ(shown(SlotKind::kHundredths, 0), "<0.00>");
  EXPECT_EQ(shown(SlotKind::kHundredths, kMin), "<-92233720368547758.08>");
  EXPECT_EQ(shown(SlotKind::kHex, 0), "<00000000>");
  EXPECT_EQ(shown(SlotKind::kHex, 1), "<9e3779b1>");
  EXPECT_EQ(shown(SlotKind::kHex, -1), "<61c8864f>");
  EXPECT_EQ(shown(RequestField(2, SlotKind::kHundredths), 1234), "<12.34>");
  EXPECT_EQ(shown(RequestField(7, SlotKind::kHex), 1), "<9e3779b1>");
  EXPECT_EQ(shown(SlotKind::kService, 1), "<order-service>");
  EXPECT_EQ(shown(SlotKind::kHost, 3), "<order-service-2>");
}

TEST(JsonRenderer, ShowsIntegersOfEveryLength) {
  std::vector<std::int64_t> values = {std::numeric_limits<std::int64_t>::min(), 0};
  std::int64_t power = 1;
  for (int digits = 1; digits <= 18; ++digits, power *= 10) {
    for (const std::int64_t value : {power - 1, power, power + 1, 7 * power + power / 3}) {
      values.push_back(value);
      values.push_back(-value);
    }
  }
  values.push_back(std::numeric_limits<std::int64_t>::max());
  for (const std::int64_t value : values) {
    EXPECT_EQ(MessageOf("{}", {SlotKind::kInteger}, WithSlot(value)), std::to_string(value));
  }
}

TEST(JsonRenderer, ShowsSlotsOfTheRecordItself) {
  Record record = SampleRecord(0);
  record.queue_wait = sim::Microseconds(3'999);
  record.attempt = 2;
  const auto shown = [&](SlotKind kind) { return MessageOf("{}", {kind}, record); };
  EXPECT_EQ(shown(SlotKind::kDuration), "7");
  EXPECT_EQ(shown(SlotKind::kQueueWait), "3");
  EXPECT_EQ(shown(SlotKind::kDependency), "none");
  EXPECT_EQ(shown(SlotKind::kErrorCode), "none");
  EXPECT_EQ(shown(SlotKind::kAttempt), "2");
  EXPECT_EQ(shown(SlotKind::kOwnService), "gateway-service");
  EXPECT_EQ(shown(SlotKind::kOwnHost), "gateway-service-1");
  EXPECT_EQ(shown(SlotKind::kRequest), "17");
  EXPECT_THAT(shown(SlotKind::kOrder), MatchesRegex("[0-9]{3}-[0-9]{7}-[0-9]{7}"));
  record.dependency = ServiceId{1};
  record.level = Level::kError;
  record.error_code = ErrorCodeId{0};
  EXPECT_EQ(shown(SlotKind::kDependency), "order-service");
  EXPECT_EQ(shown(SlotKind::kErrorCode), "ERR_503");
}

TEST(JsonRenderer, MixesStoredSlotsWithOthersInOrder) {
  Record record = SampleRecord(0);
  record.slots = {1, 2, 3};
  EXPECT_EQ(MessageOf("{}{}{{{}}}{}{}",
                      {SlotKind::kInteger, SlotKind::kAttempt, SlotKind::kInteger,
                       SlotKind::kOwnHost, SlotKind::kInteger},
                      record),
            "11{2}gateway-service-13");
}

TEST(JsonRenderer, LongestLineFits) {
  Catalogue catalogue = SampleCatalogue();
  const std::string long_name(5'000, '\x01');
  catalogue.services[0].name = catalogue.entities[0].name = catalogue.error_codes[0] = long_name;
  catalogue.call_paths[0].name = catalogue.faults[0].name = long_name;
  std::string text;
  for (int i = 0; i < 40; ++i) text += "{}\x02";
  catalogue.templates = {{.text = text, .slots = std::vector<SlotKind>(40, SlotKind::kOwnHost)}};
  Record record = SampleRecord(0);
  record.level = Level::kError;
  record.error_code = ErrorCodeId{0};
  record.dependency = ServiceId{0};
  record.truth = {
      .fault = FaultId{0}, .root = ServiceId{0}, .occurrence = 0xFFFF'FFFF, .hops = 255};
  JsonRenderer renderer(SampleInfo(), catalogue, {.with_truth = true});
  const std::string_view line = renderer.Render(record);
  EXPECT_GT(line.size(), 5'000u * 6 * 46);
  EXPECT_THAT(std::string(line.substr(line.size() - 20)), EndsWith("\"slots\":[]}}"));
}

TEST(JsonRenderer, TruthTellsCauseAndSpan) {
  Record record = SampleRecord(0);
  record.message = TemplateId{1};
  record.slots = {4, 5'000'000, -6};
  record.parent_span = SpanId{1};
  record.truth = {.fault = FaultId{0}, .root = ServiceId{1}, .occurrence = 2, .hops = 3};
  EXPECT_THAT(
      LineOf(record, {.with_truth = true}),
      EndsWith(",\"truth\":{\"cause\":\"order-outage/2\",\"root\":\"order-service\",\"hops\":3,"
               "\"span\":\"0000abcd\",\"parent_span\":\"00000001\","
               "\"call_path\":\"checkout/gateway-service\",\"attempt\":1,"
               "\"duration_ns\":7900000,\"queue_wait_ns\":0,"
               "\"template\":\"{} items, {} ms, {} %\",\"slots\":[4,5000000,-6]}}"));
}

TEST(JsonRenderer, TruthTellsClockSkewWhereThereIsOne) {
  Record record = SampleRecord(0);
  record.clock_skew = sim::Milliseconds(-3);
  EXPECT_THAT(LineOf(record, {.with_truth = true}),
              HasSubstr("\"queue_wait_ns\":0,\"clock_skew_ns\":-3000000,\"template\":"));
  record.clock_skew = sim::Duration();
  EXPECT_THAT(LineOf(record, {.with_truth = true}), Not(HasSubstr("clock_skew")));
}

TEST(JsonRenderer, TruthLeavesOutWhatIsNotThere) {
  Record record;
  record.service = ServiceId{0};
  EXPECT_THAT(LineOf(record, {.with_truth = true}),
              HasSubstr("\"truth\":{\"duration_ns\":0,\"queue_wait_ns\":0,\"template\":"));
}

TEST(JsonRenderer, TruthOfAFaultThatComesOnceHasNoNumber) {
  Record record = SampleRecord(0);
  record.truth = {.fault = FaultId{1}, .occurrence = 1};
  EXPECT_THAT(LineOf(record, {.with_truth = true}), HasSubstr("{\"cause\":\"slow\",\"hops\":0,"));
}

TEST(JsonRenderer, TruthOfARandomFaultHasItsNumber) {
  Catalogue catalogue = SampleCatalogue();
  catalogue.faults = {{.name = "flap", .kind = "crash", .target = "t", .is_random = true}};
  Record record = SampleRecord(0);
  record.truth = {.fault = FaultId{0}, .occurrence = 1};
  JsonRenderer renderer(SampleInfo(), catalogue, {.with_truth = true});
  EXPECT_THAT(std::string(renderer.Render(record)), HasSubstr("{\"cause\":\"flap/1\",\"hops\":"));
}

TEST(TraceIdIn, FindsTheIdOfALine) {
  const Record record = SampleRecord(0);
  JsonRenderer renderer(SampleInfo(), SampleCatalogue(), {.with_truth = true});
  const std::string id(renderer.DeriveTraceIdHex(record.request));
  EXPECT_EQ(TraceIdIn(renderer.Render(record)), id);
}

TEST(TraceIdIn, IsNotMisledByAMessageThatLooksLikeTheKey) {
  Catalogue catalogue = SampleCatalogue();
  catalogue.templates = {{.text = "\",\"trace_id\":\"0123456789abcdef0123456789abcdef\""}};
  Record record = SampleRecord(0);
  record.message = TemplateId{0};
  JsonRenderer renderer(SampleInfo(), catalogue);
  const std::string id(renderer.DeriveTraceIdHex(record.request));
  EXPECT_EQ(TraceIdIn(renderer.Render(record)), id);
}

TEST(TraceIdIn, IsEmptyWhereALineHasNone) {
  EXPECT_EQ(TraceIdIn(""), "");
  EXPECT_EQ(TraceIdIn("{\"service\":\"a\"}"), "");
  EXPECT_EQ(TraceIdIn("{\"a\":1,\"trace_id\":\"cut"), "cut");
}

TEST(JsonRenderer, ChunksMayHaveTraceKeysOfTheirOwn) {
  JsonRenderer renderer(SampleInfo(), SampleCatalogue());
  const Record record = SampleRecord(0);
  const std::string before(renderer.Render(record));
  renderer.set_trace_key(99);
  const std::string after(renderer.Render(record));
  EXPECT_NE(before, after);
  TraceInfo info = SampleInfo();
  info.trace_key = 99;
  EXPECT_EQ(after, JsonRenderer(info, SampleCatalogue()).Render(record));
}

}  // namespace
}  // namespace groundhog::traces
