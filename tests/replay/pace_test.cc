// Speeds and rates as people write them.
#include "replay/pace.h"

#include <gtest/gtest.h>

#include <string>

namespace groundhog::replay {
namespace {

Pace Speed(std::int64_t numerator, std::int64_t denominator) {
  return {.kind = PaceKind::kSpeed, .ratio = Ratio(numerator, denominator)};
}

TEST(Pace, ASpeedIsReadExactly) {
  EXPECT_EQ(*ParseSpeed("1x"), Speed(1, 1));
  EXPECT_EQ(*ParseSpeed("1440x"), Speed(1440, 1));
  EXPECT_EQ(*ParseSpeed("0.5x"), Speed(1, 2));
  EXPECT_EQ(*ParseSpeed("1.25x"), Speed(5, 4));
  EXPECT_EQ(*ParseSpeed("0.37x"), Speed(37, 100));
  EXPECT_EQ(*ParseSpeed(".1x"), Speed(1, 10));
  EXPECT_EQ(*ParseSpeed("7/3x"), Speed(7, 3));
  EXPECT_EQ(*ParseSpeed("60.000x"), Speed(60, 1));
  EXPECT_EQ(*ParseSpeed("999999999.999999999x"), Speed(999'999'999'999'999'999, 1'000'000'000));
}

TEST(Pace, MaxHasNoRatio) { EXPECT_EQ(ParseSpeed("max")->kind, PaceKind::kMax); }

TEST(Pace, ARatioIsInLowestTerms) {
  EXPECT_EQ(Ratio(6, 4), Ratio(3, 2));
  EXPECT_EQ(Ratio(6, 4).numerator(), 3);
  EXPECT_EQ(Ratio(6, 4).denominator(), 2);
}

TEST(Pace, WhatIsNoSpeedIsRefusedWithExamples) {
  for (const char* text :
       {"",       "x",    "60",   "0x",  "0.0x", "-1x",         "+1x",           "1e3x",
        "1.x",    ".x",   "1,5x", "1 x", " 1x",  "1/0x",        "0/1x",          "1/2/3x",
        "1.5/2x", "infx", "nanx", "Max", "60X",  "1234567890x", "0.1234567890x", "60x/s"}) {
    const absl::StatusOr<Pace> pace = ParseSpeed(text);
    ASSERT_FALSE(pace.ok()) << text;
    EXPECT_EQ(pace.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(std::string(pace.status().message()).find("60x"), std::string::npos) << text;
  }
}

TEST(Pace, ARateIsReadExactly) {
  EXPECT_EQ(*ParseRecordRate("100/s"), Ratio(100, 1));
  EXPECT_EQ(*ParseRecordRate("0.5/s"), Ratio(1, 2));
  EXPECT_EQ(*ParseRecordRate("30/m"), Ratio(1, 2));
  EXPECT_EQ(*ParseRecordRate("1000/h"), Ratio(5, 18));
}

TEST(Pace, TextIsReadBackExactly) {
  for (const char* text : {"1x", "60x", "1000000x", "0.37x", "7/3x", ".5x", "1/999999999x",
                           "999999999.999999999x", "0.000000001x", "max"}) {
    const Pace pace = *ParseSpeed(text);
    EXPECT_EQ(*ParseSpeed(PaceText(pace)), pace) << text;
  }
  EXPECT_EQ(PaceText(*ParseSpeed("1000000x")), "1000000x");
  EXPECT_EQ(PaceText(Speed(7, 6)), "7/6x");
  EXPECT_EQ(PaceText(Speed(15, 512)), "0.029296875x");
  for (const char* text : {"100/s", "0.5/s", "1000/h", "50/m", "0.01/h", "999999999.999999999/h"}) {
    const Pace rate = {.kind = PaceKind::kRate, .ratio = *ParseRecordRate(text)};
    EXPECT_EQ(*ParseRecordRate(PaceText(rate)), rate.ratio) << text << " " << PaceText(rate);
  }
}

TEST(Pace, WhatIsNoRateIsRefusedWithExamples) {
  for (const char* text : {"", "/s", "100", "100s", "100/", "100/d", "0/s", "-1/s", "1/2/s", "1x",
                           "max", "1e3/s", "10 /s"}) {
    const absl::StatusOr<Ratio> rate = ParseRecordRate(text);
    ASSERT_FALSE(rate.ok()) << text;
    EXPECT_NE(std::string(rate.status().message()).find("1000/s"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace groundhog::replay
