#include "text/numbers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace groundhog::text {
namespace {

TEST(Numbers, AreDecimalOnly) {
  EXPECT_EQ(ParseNumber("-0.25"), -0.25);
  EXPECT_EQ(ParseNumber("+1e-3"), 0.001);
  for (const std::string_view text : {"", "inf", "nan", ".inf", ".5", "5.", "0x10", "1,5", "1_000",
                                      "1e", "1e999", "yes", "1:30", " 1", "1 "}) {
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
  }
}

TEST(Numbers, AreDigitsOnlyWhereTheyAreWhole) {
  EXPECT_EQ(ParseWhole("010"), 10u);  // ten, not eight
  EXPECT_EQ(ParseWhole("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const std::string_view text : {"", "-1", "+1", "1.0", "0o7", "18446744073709551616"}) {
    EXPECT_EQ(ParseWhole(text), std::nullopt) << text;
  }
}

TEST(Numbers, NeedTheirUnitOfTimeAsRates) {
  EXPECT_EQ(ParseRate("0.3/s"), 0.3);
  EXPECT_EQ(ParseRate("18/m"), 0.3);
  EXPECT_EQ(ParseRate("1080/h"), 0.3);
  for (const std::string_view text : {"0.3", "-1/s", "1/", "/s", "1/ms", "1 /s"}) {
    EXPECT_EQ(ParseRate(text), std::nullopt) << text;
  }
}

TEST(Numbers, AreReadBack) {
  for (const double number : {0.0, 0.1, -0.25, 1.0 / 3, 1e-300, 123456789.0, 5e15}) {
    EXPECT_EQ(ParseNumber(FormatNumber(number)), number);
  }
  EXPECT_EQ(FormatNumber(1.5), "1.5");
  EXPECT_EQ(FormatRate(0.3), "0.3/s");
}

TEST(Numbers, ShowNoMoreDigitsThanAskedFor) {
  EXPECT_EQ(FormatRounded(1.0 / 3, 6), "0.333333");
  EXPECT_EQ(FormatRounded(1440.0, 6), "1440");
  EXPECT_EQ(FormatRounded(1'500'000.0, 6), "1.5e+06");
  EXPECT_EQ(FormatRounded(0.1, 12), "0.1");
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1'000), "1,000");
  EXPECT_EQ(WithCommas(1'043'212), "1,043,212");
  EXPECT_EQ(WithCommas(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Numbers, ArePercentOfAShare) {
  EXPECT_EQ(FormatPercent(0.314, 1), "31.4 %");
  EXPECT_EQ(FormatPercent(0.314, 0), "31 %");
  EXPECT_EQ(FormatPercent(0.315, 0), "32 %");
  EXPECT_EQ(FormatPercent(0, 1), "0.0 %");
  EXPECT_EQ(FormatPercent(0.004, 0), "0 %");
  EXPECT_EQ(FormatPercent(12.5, 0), "1250 %");
}

TEST(Numbers, KeepTheirDecimalsInFixedPoint) {
  EXPECT_EQ(FixedPoint(1'500'000, 6), "1.500000");
  EXPECT_EQ(FixedPoint(1, 6), "0.000001");
  EXPECT_EQ(FixedPoint(0, 2), "0.00");
  EXPECT_EQ(FixedPoint(-5, 2), "-0.05");
  EXPECT_EQ(FixedPoint(7, 0), "7");
  EXPECT_EQ(FixedPoint(std::numeric_limits<std::int64_t>::min(), 6), "-9223372036854.775808");
}

}  // namespace
}  // namespace groundhog::text
