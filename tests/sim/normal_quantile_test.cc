#include "sim/normal_quantile.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <cmath>

#include "sim/random.h"
#include "tests/sim/mpfr_number.h"
#include "tests/sim/seed_flag.h"

namespace groundhog::sim {
namespace {

// The relative error of z as the quantile of p: one Newton step from z in 140 bits,
// (Phi(z) - p) / density(z), over z. Phi by MPFR's erfc of the nearer tail.
double RelativeError(double z, double p) {
  MpfrNumber tail(-z);
  MpfrNumber sqrt2(2);
  mpfr_sqrt(sqrt2.get(), sqrt2.get(), MPFR_RNDN);
  mpfr_div(tail.get(), tail.get(), sqrt2.get(), MPFR_RNDN);
  mpfr_erfc(tail.get(), tail.get(), MPFR_RNDN);
  mpfr_div_ui(tail.get(), tail.get(), 2, MPFR_RNDN);
  mpfr_sub_d(tail.get(), tail.get(), p, MPFR_RNDN);
  const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI);
  mpfr_div_d(tail.get(), tail.get(), density, MPFR_RNDN);
  return std::fabs(tail.ToDouble() / z);
}

TEST(NormalQuantile, HasTheValuesPublishedWithTheAlgorithm) {
  // Wichura 1988, table of test values.
  EXPECT_NEAR(NormalQuantile(0.25), -0.6744897501960817, 1e-15);
  EXPECT_NEAR(NormalQuantile(0.001), -3.090232306167814, 3e-15);
  EXPECT_NEAR(NormalQuantile(1e-20), -9.262340089798408, 9e-15);
}

TEST(NormalQuantile, IsAccurateToNineParts1e16OverRandomProbabilities) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  const StreamKey key(TestSeed(), "normal_quantile_test");
  double worst = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double p = Draw(key, {.ordinal = i}).Uniform64(0);
    worst = std::max(worst, RelativeError(NormalQuantile(p), p));
  }
  EXPECT_LT(worst, 9e-16);
}

TEST(NormalQuantile, IsAccurateInTheTails) {
  for (double p = 0.4; p > 1e-300; p *= 0.83) {
    EXPECT_LT(RelativeError(NormalQuantile(p), p), 9e-16) << p;
  }
}

TEST(NormalQuantile, IsOddAroundOneHalf) {
  EXPECT_EQ(NormalQuantile(0.5), 0.0);
  for (const double p : {0x1p-53, 0x1p-20, 0.0625, 0.25, 0.375}) {
    EXPECT_EQ(NormalQuantile(p), -NormalQuantile(1 - p)) << p;
  }
}

TEST(NormalQuantileDeathTest, ProbabilitiesOutsideTheOpenUnitIntervalStopTheRun) {
  for (const double p : {0.0, 1.0, -0.1, std::nan("")}) {
    EXPECT_DEATH(NormalQuantile(p), "between 0 and 1") << p;
  }
}

}  // namespace
}  // namespace groundhog::sim
