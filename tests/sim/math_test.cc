#include <gtest/gtest.h>
#include <mpfr.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/math_exp.h"
#include "sim/math_log.h"
#include "sim/math_tables.h"
#include "sim/random.h"
#include "tests/sim/mpfr_number.h"
#include "tests/sim/seed_flag.h"

namespace groundhog::sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmallestSubnormal = std::numeric_limits<double>::denorm_min();
constexpr double kSmallestNormal = std::numeric_limits<double>::min();
constexpr double kLargest = std::numeric_limits<double>::max();

double LogErrorUlps(double x) {
  MpfrNumber reference(x);
  mpfr_log(reference.get(), reference.get(), MPFR_RNDN);
  return reference.UlpsFrom(Log(x));
}

double ExpErrorUlps(double x) {
  MpfrNumber reference(x);
  mpfr_exp(reference.get(), reference.get(), MPFR_RNDN);
  return reference.UlpsFrom(Exp(x));
}

// The worst error over doubles of uniformly random bits between those of two positive doubles.
template <class Error>
double WorstOverBits(Error error, double low, double high, bool negative, int count) {
  const auto low_bits = std::bit_cast<std::uint64_t>(low);
  const auto width = std::bit_cast<std::uint64_t>(high) - low_bits;
  const StreamKey key(TestSeed(), "math_test");
  double worst = 0;
  for (int i = 0; i < count; ++i) {
    const double u = Draw(key, {.ordinal = static_cast<std::uint64_t>(i)}).Uniform64(0);
    const double x = std::bit_cast<double>(
        low_bits + static_cast<std::uint64_t>(u * static_cast<double>(width)));
    worst = std::max(worst, error(negative ? -x : x));
  }
  return worst;
}

TEST(Log, IsWithinOneUlpOverAllPositiveDoubles) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  const double worst = WorstOverBits(LogErrorUlps, kSmallestNormal, kLargest, false, 200'000);
  RecordProperty("worst_ulps", std::to_string(worst));
  EXPECT_LT(worst, 0.53);
}

TEST(Log, IsWithinOneUlpAroundOne) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  EXPECT_LT(WorstOverBits(LogErrorUlps, 0.5, 2.0, false, 200'000), 0.53);
  EXPECT_LT(WorstOverBits(LogErrorUlps, 0.98, 1.02, false, 200'000), 0.53);
  EXPECT_LT(WorstOverBits(LogErrorUlps, 1 - 0x1p-40, 1 + 0x1p-40, false, 50'000), 0.53);
}

TEST(Log, IsWithinOneUlpOfSubnormals) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  EXPECT_LT(WorstOverBits(LogErrorUlps, kSmallestSubnormal, kSmallestNormal, false, 50'000), 0.53);
}

TEST(Log, IsWithinOneUlpAtTheEdgesOfEveryTableRow) {
  for (std::uint64_t row = 0; row <= kMathTableSize; ++row) {
    const std::uint64_t edge = 0x3FE6000000000000 + (row << (52 - kMathTableBits));
    for (const std::uint64_t bits : {edge - 1, edge, edge + 1}) {
      EXPECT_LT(LogErrorUlps(std::bit_cast<double>(bits)), 0.53) << std::hex << bits;
    }
  }
}

TEST(Log, HasTheIeeeValuesAtSpecialArguments) {
  EXPECT_EQ(Log(1.0), 0.0);
  EXPECT_FALSE(std::signbit(Log(1.0)));
  EXPECT_EQ(Log(0.0), -kInfinity);
  EXPECT_EQ(Log(-0.0), -kInfinity);
  EXPECT_EQ(Log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(Log(-1.0)));
  EXPECT_TRUE(std::isnan(Log(-kSmallestSubnormal)));
  EXPECT_TRUE(std::isnan(Log(-kInfinity)));
  EXPECT_TRUE(std::isnan(Log(kNaN)));
  EXPECT_TRUE(std::isnan(Log(-kNaN)));
  for (const double x : {kSmallestSubnormal, kSmallestNormal, kLargest}) {
    EXPECT_LT(LogErrorUlps(x), 0.53) << x;
  }
}

TEST(Exp, IsWithinOneUlpWhereResultsAreNormal) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  for (const bool negative : {false, true}) {
    EXPECT_LT(WorstOverBits(ExpErrorUlps, 0x1p-60, 708.0, negative, 150'000), 0.53);
    EXPECT_LT(WorstOverBits(ExpErrorUlps, 1.0, 708.0, negative, 150'000), 0.53);
  }
}

TEST(Exp, IsWithinOneUlpWhereResultsAreSubnormalOrHuge) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  EXPECT_LT(WorstOverBits(ExpErrorUlps, 708.0, 746.0, true, 100'000), 1.0);
  EXPECT_LT(WorstOverBits(ExpErrorUlps, 708.0, 709.78, false, 50'000), 0.53);
}

TEST(Exp, IsWithinOneUlpForTinyArguments) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  for (const bool negative : {false, true}) {
    EXPECT_LT(WorstOverBits(ExpErrorUlps, kSmallestSubnormal, 0x1p-50, negative, 20'000), 0.53);
  }
}

TEST(Exp, IsWithinOneUlpHalfwayBetweenTableRows) {
  for (int steps = -20'000; steps <= 20'000; ++steps) {
    const double halfway = (steps + 0.5) * 0.693147180559945309 / kMathTableSize;
    for (const double x : {std::nextafter(halfway, -kInfinity), halfway}) {
      ASSERT_LT(ExpErrorUlps(x), 0.53) << x;
    }
  }
}

TEST(Exp, HasTheIeeeValuesAtSpecialArguments) {
  EXPECT_EQ(Exp(0.0), 1.0);
  EXPECT_EQ(Exp(-0.0), 1.0);
  EXPECT_EQ(Exp(kInfinity), kInfinity);
  EXPECT_EQ(Exp(-kInfinity), 0.0);
  EXPECT_TRUE(std::isnan(Exp(kNaN)));
  // Around the largest and smallest results: ln of the largest double, and of half the smallest.
  for (const double x :
       {709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412,
        -708.3964185322641, -708.396418532264, -744.4400719213812}) {
    EXPECT_LE(ExpErrorUlps(x), 1.0) << x;
  }
  EXPECT_EQ(Exp(710.0), kInfinity);
  EXPECT_EQ(Exp(kLargest), kInfinity);
  EXPECT_EQ(Exp(-746.0), 0.0);
  EXPECT_EQ(Exp(-kLargest), 0.0);
}

// |high + low - reference|.
double SplitError(double high, double low, MpfrNumber& reference) {
  mpfr_sub_d(reference.get(), reference.get(), high, MPFR_RNDN);
  mpfr_sub_d(reference.get(), reference.get(), low, MPFR_RNDN);
  return std::fabs(reference.ToDouble());
}

TEST(MathTables, LogRowsAreTheLogarithmsOfTheirInverses) {
  for (const LogRow& row : kLogTable) {
    MpfrNumber reference(row.inverse);
    mpfr_log(reference.get(), reference.get(), MPFR_RNDN);
    mpfr_neg(reference.get(), reference.get(), MPFR_RNDN);
    EXPECT_LT(SplitError(row.log_high, row.log_low, reference), 0x1p-95) << row.inverse;
    EXPECT_EQ(row.inverse * 512, std::floor(row.inverse * 512));
    EXPECT_EQ(row.log_high * 0x1p42, std::floor(row.log_high * 0x1p42));
  }
}

TEST(MathTables, ExpRowsArePowersOfTwo) {
  for (std::size_t i = 0; i < kExpTable.size(); ++i) {
    MpfrNumber reference(static_cast<double>(i) / kMathTableSize);
    mpfr_exp2(reference.get(), reference.get(), MPFR_RNDN);
    EXPECT_EQ(reference.ToDouble(), kExpTable[i].high);
    EXPECT_LT(SplitError(kExpTable[i].high, kExpTable[i].low, reference), 0x1p-105) << i;
  }
}

TEST(MathTables, ConstantsAreMultiplesOfLn2) {
  MpfrNumber ln2;
  mpfr_const_log2(ln2.get(), MPFR_RNDN);
  MpfrNumber step;
  mpfr_div_ui(step.get(), ln2.get(), kMathTableSize, MPFR_RNDN);
  MpfrNumber steps_per_unit;
  mpfr_ui_div(steps_per_unit.get(), 1, step.get(), MPFR_RNDN);
  EXPECT_EQ(steps_per_unit.ToDouble(), kExpStepsPerUnit);
  EXPECT_LT(SplitError(kLn2High, kLn2Low, ln2), 0x1p-96);
  EXPECT_LT(SplitError(kExpStepHigh, kExpStepLow, step), 0x1p-95);
}

TEST(UlpsCheck, CatchesAnErrorOfTwoUlps) {
  const double right = std::exp(1.5);
  MpfrNumber reference(1.5);
  mpfr_exp(reference.get(), reference.get(), MPFR_RNDN);
  EXPECT_GT(reference.UlpsFrom(std::nextafter(std::nextafter(right, 10), 10)), 1.0);
}

}  // namespace
}  // namespace groundhog::sim
