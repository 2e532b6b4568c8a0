#include "text/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <random>

#include "tests/sim/seed_flag.h"

namespace groundhog::text {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'736'121'600 * kSecond;  // 2025-01-06T00:00:00Z
constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();

std::int64_t Parsed(std::string_view text) {
  const absl::StatusOr<sim::Duration> duration = ParseDuration(text);
  EXPECT_TRUE(duration.ok()) << text << ": " << duration.status();
  return duration.ok() ? duration->nanoseconds() : -1;
}

std::string WhyNotADuration(std::string_view text) {
  const absl::StatusOr<sim::Duration> duration = ParseDuration(text);
  EXPECT_EQ(duration.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(duration.status().message());
}

TEST(ParseDuration, ReadsEveryUnit) {
  EXPECT_EQ(Parsed("7ns"), 7);
  EXPECT_EQ(Parsed("7us"), 7'000);
  EXPECT_EQ(Parsed("7ms"), 7'000'000);
  EXPECT_EQ(Parsed("7s"), 7 * kSecond);
  EXPECT_EQ(Parsed("7m"), 420 * kSecond);
  EXPECT_EQ(Parsed("7h"), 25'200 * kSecond);
  EXPECT_EQ(Parsed("7d"), 604'800 * kSecond);
}

TEST(ParseDuration, AddsPartsFromTheLargestDown) {
  EXPECT_EQ(Parsed("2h30m"), 9'000 * kSecond);
  EXPECT_EQ(Parsed("1d1h1m1s1ms1us1ns"), 90'061 * kSecond + 1'001'001);
  for (const char* text : {"30m2h", "1s1s", "1ms1s", "1m1h"}) {
    EXPECT_THAT(WhyNotADuration(text), HasSubstr("not a duration")) << text;
  }
}

TEST(ParseDuration, TakesFractionsThatAreWholeNanoseconds) {
  EXPECT_EQ(Parsed("1.5s"), 1'500'000'000);
  EXPECT_EQ(Parsed("0.25ms"), 250'000);
  EXPECT_EQ(Parsed("1.500000000000000000000000s"), 1'500'000'000);
}

TEST(ParseDuration, RefusesFractionsOfANanosecond) {
  for (const char* text : {"0.5ns", "1.0000000001s", "1.00000000001s", "0.0000000000000000001d",
                           "1.00000000000000000000000000001s", "0.000000000001h"}) {
    EXPECT_THAT(WhyNotADuration(text), HasSubstr("finer than a nanosecond")) << text;
  }
}

TEST(ParseDuration, FindsTheWholeNanosecondsOfLongUnits) {
  EXPECT_EQ(Parsed("0.000000000005h"), 18);
  EXPECT_EQ(Parsed("0.0000000000125d"), 1'080);
}

TEST(ParseDuration, ZeroNeedsNoUnit) {
  EXPECT_EQ(Parsed("0"), 0);
  EXPECT_EQ(Parsed("0s"), 0);
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"",     "1",   "s",    "1 s", "1x",    "-1s", "1.s",   ".5s", "1..5s", "1s ",  "1S",
        "1e3s", "+1s", "1sec", "00",  "1m-1s", "5M",  "0x5ms", "inf", "nan",   "300y", "1m30"}) {
    EXPECT_THAT(WhyNotADuration(text), HasSubstr("like 250ms")) << text;
  }
}

TEST(ParseDuration, RefusesWhatIsTooLong) {
  EXPECT_EQ(Parsed("9223372036854775807ns"), kLatest);
  for (const char* text : {"9223372036854775808ns", "9223372037s", "106752d",
                           "99999999999999999999d", "9223372036s854775808ns", "106751d24h"}) {
    EXPECT_THAT(WhyNotADuration(text), HasSubstr("292 years")) << text;
  }
}

TEST(FormatDuration, IsShort) {
  EXPECT_EQ(FormatDuration(sim::Duration(0)), "0s");
  EXPECT_EQ(FormatDuration(sim::Hours(24)), "24h");
  EXPECT_EQ(FormatDuration(sim::Minutes(150)), "2h30m");
  EXPECT_EQ(FormatDuration(sim::Milliseconds(250)), "250ms");
  EXPECT_EQ(FormatDuration(sim::Minutes(845)), "14h5m");
  EXPECT_EQ(FormatDuration(sim::Hours(47)), "47h");
  EXPECT_EQ(FormatDuration(sim::Hours(48)), "2d");
  EXPECT_EQ(FormatDuration(sim::Hours(171)), "7d3h");
  EXPECT_EQ(FormatDuration(sim::Duration::Max()), "forever");
  EXPECT_EQ(FormatDuration(std::chrono::milliseconds(1'500)), "1500ms");
  EXPECT_EQ(FormatDuration(sim::Seconds(-90)), "-1m30s");
  EXPECT_EQ(FormatDuration(sim::Duration(kEarliest)), "-106751d23h47m16s854ms775us808ns");
}

TEST(FormatDuration, IsOneNumberBelowAMinute) {
  EXPECT_EQ(FormatDuration(sim::Milliseconds(1500)), "1500ms");
  EXPECT_EQ(FormatDuration(sim::Nanoseconds(1'001)), "1001ns");
  EXPECT_EQ(FormatDuration(sim::Milliseconds(-1500)), "-1500ms");
  EXPECT_EQ(FormatDuration(sim::Milliseconds(60'500)), "1m500ms");
}

TEST(FormatDuration, IsReadBack) {
  std::mt19937_64 random(sim::TestSeed());
  for (int i = 0; i < 10'000; ++i) {
    const auto value = static_cast<std::int64_t>(random() >> (1 + random() % 62));
    if (value == kLatest) continue;
    EXPECT_EQ(Parsed(FormatDuration(sim::Duration(value))), value) << sim::TestSeed();
  }
}

TEST(ParseRfc3339, ReadsTimesAndZones) {
  const auto parsed = [](const char* text) { return ParseRfc3339(text).value_or(-1); };
  EXPECT_EQ(parsed("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parsed("2025-01-06T00:00:00Z"), kStart);
  EXPECT_EQ(parsed("2025-01-06t00:00:00z"), kStart);
  EXPECT_EQ(parsed("2025-01-06 00:00:00Z"), kStart);
  EXPECT_EQ(parsed("2025-01-06T01:30:00+01:30"), kStart);
  EXPECT_EQ(parsed("2025-01-05T19:00:00-05:00"), kStart);
  EXPECT_EQ(parsed("2025-01-06T00:00:00.5Z"), kStart + kSecond / 2);
  EXPECT_EQ(parsed("2025-01-06T00:00:00.000000001Z"), kStart + 1);
  EXPECT_EQ(parsed("2024-02-29T00:00:00Z"), 1'709'164'800 * kSecond);
}

TEST(ParseRfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2025-01-06",
                           "2025-01-06T00:00Z",
                           "2025-01-06T00:00:00",
                           "2025-1-6T00:00:00Z",
                           "2025-01-06T00:00:00.Z",
                           "2025-01-06T00:00:00.1234567890Z",
                           "2025-01-06T00:00:00+1:00",
                           "2025-01-06T00:00:00+24:00",
                           "2025-01-06T00:00:00+01:60",
                           "2025-01-06T00:00:00Zx",
                           "2025-13-06T00:00:00Z",
                           "2025-00-06T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "2025-01-32T00:00:00Z",
                           "2025-01-06T24:00:00Z",
                           "2025-01-06T00:60:00Z",
                           "2025-01-06T00:00:60Z",
                           "1969-12-31T23:59:59Z",
                           "2262-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseRfc3339(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(FormatRfc3339, LeavesOutTheZerosThatSayNothing) {
  EXPECT_EQ(FormatRfc3339(kStart), "2025-01-06T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(kStart + 900'000'000), "2025-01-06T00:00:00.9Z");
  EXPECT_EQ(FormatRfc3339(kStart + 10'000'000), "2025-01-06T00:00:00.01Z");
  EXPECT_EQ(FormatRfc3339(kStart + 1'000), "2025-01-06T00:00:00.000001Z");
  EXPECT_EQ(FormatRfc3339(kStart - 1), "2025-01-05T23:59:59.999999999Z");
}

TEST(FormatRfc3339, ShowsNanosecondsBeforeAndAfter1970) {
  EXPECT_EQ(FormatRfc3339Nanoseconds(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(FormatRfc3339Nanoseconds(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(FormatRfc3339Nanoseconds(kStart + 1), "2025-01-06T00:00:00.000000001Z");
  EXPECT_EQ(FormatRfc3339Nanoseconds(kLatest), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(FormatRfc3339Nanoseconds(kEarliest), "1677-09-21T00:12:43.145224192Z");
}

TEST(FormatRfc3339, IsReadBack) {
  std::mt19937_64 random(sim::TestSeed());
  for (int i = 0; i < 10'000; ++i) {
    const auto value =
        static_cast<std::int64_t>((random() % 9'214'646'400) * std::uint64_t(kSecond));
    const absl::StatusOr<std::int64_t> back = ParseRfc3339(FormatRfc3339Nanoseconds(value));
    ASSERT_TRUE(back.ok()) << value << " with --seed=" << sim::TestSeed();
    EXPECT_EQ(*back, value);
  }
}

TEST(CivilDate, AgreesWithItselfOverCenturies) {
  std::int64_t days = DaysFromCivil({.year = 1600, .month = 1, .day = 1});
  CivilDate before = CivilFromDays(days - 1);
  for (; days < DaysFromCivil({.year = 2400, .month = 1, .day = 1}); ++days) {
    const CivilDate date = CivilFromDays(days);
    ASSERT_EQ(DaysFromCivil(date), days);
    const bool is_next_day = date.day == before.day + 1 && date.month == before.month;
    const bool is_next_month = date.day == 1 && before.day >= 28;
    ASSERT_TRUE(is_next_day || is_next_month) << days;
    before = date;
  }
}

TEST(TimeArgument, IsAnOffsetOrADate) {
  const auto parsed = [](const char* text) {
    return ParseTimeArgument(text, kStart)->nanoseconds();
  };
  EXPECT_EQ(parsed("2h30m"), 9'000 * kSecond);
  EXPECT_EQ(parsed("0"), 0);
  EXPECT_EQ(parsed("2025-01-06T00:00:01Z"), kSecond);
  EXPECT_EQ(parsed("2025-01-05T23:59:59Z"), -kSecond);
}

TEST(TimeArgument, SaysWhatItCouldBe) {
  for (const char* text : {"", "yesterday", "12:00", "-5m", "2025-01-06"}) {
    const absl::StatusOr<sim::VirtualTime> time = ParseTimeArgument(text, kStart);
    EXPECT_EQ(time.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(time.status().message()), HasSubstr("2025-01-06T14:03:27Z")) << text;
  }
  for (const char* text : {"yesterday", "12:00"}) {
    const absl::StatusOr<sim::VirtualTime> time = ParseTimeArgument(text, kStart);
    EXPECT_THAT(std::string(time.status().message()), HasSubstr("like 2h30m")) << text;
  }
  EXPECT_FALSE(ParseTimeArgument("2025-01-06T00:00:00Z", kEarliest).ok());
}

TEST(TimeOfDay, IsAfterMidnight) {
  EXPECT_EQ(*ParseTimeOfDay("00:00"), sim::Duration());
  EXPECT_EQ(*ParseTimeOfDay("14:05"), sim::Hours(14) + sim::Minutes(5));
  EXPECT_EQ(*ParseTimeOfDay("23:59:59"), sim::Hours(24) - sim::Seconds(1));
  for (const char* text :
       {"",        ":",     "14",     "14:",      "1405",    "1:05",      "14:5",
        "24:00",   "14:60", "14:05:", "14:05:60", "14:05:3", "14:05:300", "14:05:30Z",
        "14:05.5", "-1:05", "+1:05",  " 14:05",   "14.05",   "14;05"}) {
    const absl::StatusOr<sim::Duration> time = ParseTimeOfDay(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_NE(std::string(time.status().message()).find("14:05:30"), std::string::npos);
  }
}

TEST(TimeOfDay, IsShownAsItIsRead) {
  for (const char* text : {"00:00", "14:05", "14:05:30", "23:59:59"}) {
    EXPECT_EQ(FormatTimeOfDay(*ParseTimeOfDay(text)), text);
  }
  EXPECT_EQ(TimeOfDay(kStart + 3'600 * kSecond), sim::Hours(1));
  EXPECT_EQ(TimeOfDay(-kSecond), sim::Hours(24) - sim::Seconds(1));
}

TEST(UnixTime, SaturatesAndRoundsDown) {
  EXPECT_EQ(UnixNanoseconds(kLatest, sim::VirtualTime(1)), kLatest);
  EXPECT_EQ(UnixNanoseconds(kEarliest, sim::VirtualTime(-1)), kEarliest);
  EXPECT_EQ(UnixMilliseconds(0, sim::VirtualTime(1'999'999)), 1);
  EXPECT_EQ(UnixMilliseconds(0, sim::VirtualTime(-1)), -1);
  EXPECT_EQ(UnixMilliseconds(0, sim::VirtualTime(-1'000'000)), -1);
}

}  // namespace
}  // namespace groundhog::text
