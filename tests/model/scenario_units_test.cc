#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "model/scenario/units.h"

namespace groundhog::model {
namespace {

TEST(ScenarioUnits, DurationsAreExact) {
  EXPECT_EQ(ParseDuration("500us"), sim::Microseconds(500));
  EXPECT_EQ(ParseDuration("1.5s"), sim::Milliseconds(1500));
  EXPECT_EQ(ParseDuration("0.000000001s"), sim::Nanoseconds(1));
  EXPECT_EQ(ParseDuration("2h30m"), sim::Minutes(150));
  EXPECT_EQ(ParseDuration("7d"), sim::Hours(168));
  EXPECT_EQ(ParseDuration("0.1s"), sim::Milliseconds(100));
  EXPECT_EQ(ParseDuration("9223372036854775807ns"), sim::Duration::Max());
}

TEST(ScenarioUnits, OtherThanDurationsAreRefused) {
  for (const std::string_view text : {"",      "5",       "ms",
                                      "-5ms",  "+5ms",    "5 ms",
                                      "5M",    "5sec",    "1e3ms",
                                      ".5s",   "5.s",     "0x5ms",
                                      "inf",   "nan",     "0.1ns",
                                      "30m2h", "1s1s",    "9223372036854775808ns",
                                      "300y",  "106752d", "99999999999999999999999999999999999999d",
                                      "1m30"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(ScenarioUnits, DurationsReadBack) {
  for (const std::int64_t nanoseconds :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{999}, std::int64_t{1'500'000},
        std::int64_t{90'000'000'000}, std::int64_t{86'400'000'000'000},
        std::int64_t{90'061'001'001'001}, std::numeric_limits<std::int64_t>::max()}) {
    const std::string text = FormatDuration(sim::Duration(nanoseconds));
    EXPECT_EQ(ParseDuration(text), sim::Duration(nanoseconds)) << text;
  }
  EXPECT_EQ(FormatDuration(sim::Minutes(845)), "14h5m");
  EXPECT_EQ(FormatDuration(sim::Hours(24)), "24h");
  EXPECT_EQ(FormatDuration(sim::Milliseconds(1500)), "1500ms");
}

TEST(ScenarioUnits, NumbersAreDecimalOnly) {
  EXPECT_EQ(ParseNumber("-0.25"), -0.25);
  EXPECT_EQ(ParseNumber("+1e-3"), 0.001);
  for (const std::string_view text : {"", "inf", "nan", ".inf", ".5", "5.", "0x10", "1,5", "1_000",
                                      "1e", "1e999", "yes", "1:30", " 1", "1 "}) {
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
  }
}

TEST(ScenarioUnits, WholeNumbersAreDigitsOnly) {
  EXPECT_EQ(ParseWhole("010"), 10u);  // ten, not eight
  EXPECT_EQ(ParseWhole("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const std::string_view text : {"", "-1", "+1", "1.0", "0o7", "18446744073709551616"}) {
    EXPECT_EQ(ParseWhole(text), std::nullopt) << text;
  }
}

TEST(ScenarioUnits, RatesNeedTheirUnitOfTime) {
  EXPECT_EQ(ParseRate("0.3/s"), 0.3);
  EXPECT_EQ(ParseRate("18/m"), 0.3);
  EXPECT_EQ(ParseRate("1080/h"), 0.3);
  for (const std::string_view text : {"0.3", "-1/s", "1/", "/s", "1/ms", "1 /s"}) {
    EXPECT_EQ(ParseRate(text), std::nullopt) << text;
  }
}

TEST(ScenarioUnits, TimestampsAreCheckedToTheDay) {
  EXPECT_EQ(ParseTimestamp("2025-01-06T00:00:00Z"), 1'736'121'600'000'000'000);
  EXPECT_EQ(ParseTimestamp("2025-01-06T02:00:00.5+02:00"), 1'736'121'600'500'000'000);
  EXPECT_TRUE(ParseTimestamp("2024-02-29T00:00:00Z"));
  for (const std::string_view text :
       {"2025-01-06", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-06T24:00:00Z",
        "2025-01-06T00:00:60Z", "2025-01-06T00:00Z", "2025-01-06 00:00:00Z", "2025-01-06T00:00:00",
        "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

TEST(ScenarioUnits, TimestampsReadBack) {
  for (const std::string_view text : {"2025-01-06T00:00:00Z", "2024-02-29T23:59:59.000000001Z"}) {
    EXPECT_EQ(FormatTimestamp(*ParseTimestamp(text)), text);
  }
}

}  // namespace
}  // namespace groundhog::model
