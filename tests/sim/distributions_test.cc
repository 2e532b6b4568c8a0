#include "sim/distributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/duration_sampler.h"
#include "sim/normal_quantile.h"
#include "sim/quantile_distribution.h"
#include "sim/random.h"
#include "sim/weighted_choice.h"

namespace groundhog::sim {
namespace {

constexpr int kDraws = 400'000;

struct Moments {
  double mean = 0;
  double variance = 0;
};

// Mean and variance over fixed draws.
Moments MomentsOf(const std::function<double(double)>& quantile) {
  const StreamKey key(1, "distributions_test");
  double sum = 0;
  double sum_of_squares = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double value = quantile(Draw(key, {.ordinal = i}).Uniform64(0));
    sum += value;
    sum_of_squares += value * value;
  }
  const double mean = sum / kDraws;
  return {mean, sum_of_squares / kDraws - mean * mean};
}

// Four standard errors of a mean of kDraws values with this variance.
double MeanTolerance(double variance) { return 4 * std::sqrt(variance / kDraws); }

TEST(Exponential, HasTheMomentsOfTheFormula) {
  const Moments moments = MomentsOf([](double u) { return Exponential(3.0, u); });
  EXPECT_NEAR(moments.mean, 3.0, MeanTolerance(9.0));
  // The variance of (x - mean)^2 is 8 mean^4.
  EXPECT_NEAR(moments.variance, 9.0, MeanTolerance(8 * 81.0));
}

TEST(Exponential, HasTheQuantilesOfTheFormula) {
  EXPECT_DOUBLE_EQ(Exponential(2.0, 0.5), 2 * std::log(2.0));
  EXPECT_DOUBLE_EQ(Exponential(1.0, 0.99), -std::log(1 - 0.99));
  EXPECT_GT(Exponential(1.0, 0x1p-53), 0.0);
}

TEST(Lognormal, HasTheMomentsOfTheFormula) {
  constexpr double kSigma = 0.5;
  const Moments moments =
      MomentsOf([](double u) { return Lognormal({.p50 = 10, .sigma = kSigma}, u); });
  const double mean = 10 * std::exp(kSigma * kSigma / 2);
  const double variance = mean * mean * (std::exp(kSigma * kSigma) - 1);
  EXPECT_NEAR(moments.mean, mean, MeanTolerance(variance));
  EXPECT_NEAR(moments.variance, variance, 0.03 * variance);
}

TEST(Lognormal, HasItsMedianAndItsShareWithinOneSigma) {
  EXPECT_EQ(Lognormal({.p50 = 10, .sigma = 0.5}, 0.5), 10.0);
  EXPECT_NEAR(Lognormal({.p50 = 10, .sigma = 0.5}, 0.8413447460685429), 10 * std::exp(0.5), 1e-13);
}

TEST(RoundToDuration, RoundsHalvesUpAndStaysInItsBounds) {
  EXPECT_EQ(RoundToDuration(0).nanoseconds(), 1);
  EXPECT_EQ(RoundToDuration(-5).nanoseconds(), 1);
  EXPECT_EQ(RoundToDuration(1.49).nanoseconds(), 1);
  EXPECT_EQ(RoundToDuration(1.5).nanoseconds(), 2);
  EXPECT_EQ(RoundToDuration(2.5).nanoseconds(), 3);
  EXPECT_EQ(RoundToDuration(1e300).nanoseconds(), std::int64_t{1} << 62);
  EXPECT_DEATH(RoundToDuration(std::nan("")), "a sampled duration is a number");
}

TEST(Duration, RoundsHalvesUpToAMultipleAndOnlyZeroToZero) {
  const Duration unit = Milliseconds(1);
  EXPECT_EQ(Duration().RoundedTo(unit), Duration());
  EXPECT_EQ(Nanoseconds(1).RoundedTo(unit), unit);
  EXPECT_EQ(Microseconds(1'499).RoundedTo(unit), unit);
  EXPECT_EQ(Microseconds(1'500).RoundedTo(unit), Milliseconds(2));
  EXPECT_EQ(Nanoseconds(7).RoundedTo(Nanoseconds(1)), Nanoseconds(7));
  EXPECT_EQ(Microseconds(1'999).RoundedDownTo(unit), unit);
  EXPECT_EQ((-Microseconds(1'999)).RoundedDownTo(unit), -unit);
}

TEST(UniformDuration, CoversItsHalfOpenIntervalEvenly) {
  EXPECT_EQ(UniformDuration(Nanoseconds(10), Nanoseconds(14), 0x1p-53).nanoseconds(), 11);
  EXPECT_EQ(UniformDuration(Nanoseconds(10), Nanoseconds(14), 1 - 0x1p-53).nanoseconds(), 14);
  std::vector<int> counts(4);
  const StreamKey key(1, "uniform_duration");
  for (std::uint64_t i = 0; i < 40'000; ++i) {
    const Duration duration =
        UniformDuration(Nanoseconds(10), Nanoseconds(14), Draw(key, {.ordinal = i}).Uniform32(0));
    ++counts.at(static_cast<std::size_t>(duration.nanoseconds() - 11));
  }
  for (const int count : counts) {
    EXPECT_NEAR(count, 10'000, 4 * std::sqrt(7'500));
  }
}

TEST(UniformDuration, NeverLeavesAWideInterval) {
  const Duration high = Nanoseconds(std::int64_t{1} << 52);
  EXPECT_EQ(UniformDuration(Duration(), high, 1 - 0x1p-53), high);
}

constexpr Quantiles kSteep = {.p50 = 10, .p95 = 30, .p99 = 90, .max = 400};
constexpr Quantiles kUnbounded = {.p50 = 10, .p95 = 30, .p99 = 90, .max = std::nullopt};
constexpr Quantiles kTwoPoints = {.p50 = 10, .p95 = std::nullopt, .p99 = 90, .max = std::nullopt};

TEST(QuantileDistribution, HitsItsQuantilesExactly) {
  for (const Quantiles& quantiles : {kSteep, kUnbounded, kTwoPoints}) {
    const QuantileDistribution distribution(quantiles);
    EXPECT_EQ(distribution(0.5), quantiles.p50);
    EXPECT_EQ(distribution(0.99), quantiles.p99);
    if (quantiles.p95.has_value()) {
      EXPECT_EQ(distribution(0.95), *quantiles.p95);
    }
  }
}

TEST(QuantileDistribution, RisesWithoutJumps) {
  for (const Quantiles& quantiles : {kSteep, kUnbounded, kTwoPoints}) {
    const QuantileDistribution distribution(quantiles);
    double previous = 0;
    for (int i = 1; i < 100'000; ++i) {
      const double value = distribution(i * 1e-5);
      ASSERT_GT(value, previous) << i;
      if (i > 100 && i < 99'900) {
        ASSERT_LT(value, previous * 1.02) << i;
      }
      previous = value;
    }
  }
}

TEST(QuantileDistribution, IsLognormalBetweenAndBeyondItsPoints) {
  // ln value is linear in z: the sigma of each piece by the definition.
  const double z95 = NormalQuantile(0.95);
  const double z99 = NormalQuantile(0.99);
  const QuantileDistribution distribution(kUnbounded);
  const double first = std::log(30.0 / 10.0) / z95;
  const double second = std::log(90.0 / 30.0) / (z99 - z95);
  EXPECT_NEAR(distribution(0.01), 10 * std::exp(first * NormalQuantile(0.01)), 1e-13);
  EXPECT_NEAR(distribution(0.8), 10 * std::exp(first * NormalQuantile(0.8)), 1e-12);
  EXPECT_NEAR(distribution(0.97), 30 * std::exp(second * (NormalQuantile(0.97) - z95)), 1e-12);
  EXPECT_NEAR(distribution(0.9999), 90 * std::exp(second * (NormalQuantile(0.9999) - z99)), 1e-10);
}

TEST(QuantileDistribution, TwoPointsMakeOneLognormal) {
  const QuantileDistribution distribution(kTwoPoints);
  const double sigma = std::log(9.0) / NormalQuantile(0.99);
  for (const double u : {0.001, 0.3, 0.7, 0.97, 0.9999}) {
    EXPECT_NEAR(distribution(u) / Lognormal({.p50 = 10, .sigma = sigma}, u), 1, 1e-13) << u;
  }
}

TEST(QuantileDistribution, MaximumBoundsTheTailWithoutALumpThere) {
  const QuantileDistribution distribution(kSteep);
  EXPECT_NEAR(distribution(1 - 0x1p-53), 400, 1e-9);
  EXPECT_NEAR(distribution(0.995), std::sqrt(90.0 * 400.0), 1e-10);  // halfway, in logarithms
  // The uppermost hundredth of the tail's logarithm holds a hundredth of the tail.
  EXPECT_NEAR(distribution(0.9999), 400 * std::pow(90.0 / 400.0, 0.01), 1e-9);
}

TEST(QuantileDistribution, EqualQuantilesMakeAConstant) {
  const QuantileDistribution distribution({.p50 = 7, .p95 = 7, .p99 = 7, .max = 7});
  for (const double u : {0x1p-53, 0.2, 0.96, 0.995, 1 - 0x1p-53}) {
    EXPECT_EQ(distribution(u), 7);
  }
  EXPECT_NEAR(distribution.Mean(), 7, 1e-9);
}

TEST(QuantileDistribution, MeanAgreesWithItsDraws) {
  for (const Quantiles& quantiles : {kSteep, kUnbounded, kTwoPoints}) {
    const QuantileDistribution distribution(quantiles);
    const Moments moments = MomentsOf(distribution);
    EXPECT_NEAR(distribution.Mean(), moments.mean, MeanTolerance(moments.variance));
  }
}

TEST(QuantileDistribution, MeanOfOneLognormalIsThatOfTheFormula) {
  const double sigma = std::log(9.0) / NormalQuantile(0.99);
  EXPECT_NEAR(QuantileDistribution(kTwoPoints).Mean(), 10 * std::exp(sigma * sigma / 2), 1e-8);
}

TEST(QuantileDistributionDeathTest, FallingQuantilesStopTheRun) {
  EXPECT_DEATH(QuantileDistribution({.p50 = 10, .p95 = 9, .p99 = 20, .max = std::nullopt}), "rise");
  EXPECT_DEATH(QuantileDistribution({.p50 = 0, .p95 = 9, .p99 = 20, .max = std::nullopt}), "rise");
  EXPECT_DEATH(QuantileDistribution({.p50 = 1, .p95 = 9, .p99 = 20, .max = 19}), "rise");
}

TEST(DurationSampler, EachKindSamplesItsDistribution) {
  const Duration ten = Milliseconds(10);
  EXPECT_EQ(DurationSampler::Constant(ten).Sample(0.3), ten);
  EXPECT_EQ(DurationSampler::Exponential(ten).Sample(0.3), RoundToDuration(Exponential(10e6, 0.3)));
  EXPECT_EQ(DurationSampler::Lognormal({.p50 = ten, .sigma = 0.4}).Sample(0.3),
            RoundToDuration(Lognormal({.p50 = 10e6, .sigma = 0.4}, 0.3)));
  const DurationSampler quantiles = DurationSampler::OfQuantiles(
      {.p50 = ten, .p95 = Milliseconds(30), .p99 = Milliseconds(90), .max = Milliseconds(400)});
  EXPECT_EQ(quantiles.Sample(0.5), ten);
  EXPECT_EQ(quantiles.Sample(0.95), Milliseconds(30));
  EXPECT_EQ(quantiles.Sample(0.99), Milliseconds(90));
  EXPECT_EQ(quantiles.Sample(1 - 0x1p-53), Milliseconds(400));
}

TEST(DurationSampler, NeverSamplesLessThanANanosecond) {
  EXPECT_EQ(DurationSampler().Sample(0.5), Nanoseconds(1));
  EXPECT_EQ(DurationSampler::Constant(Duration()).Sample(0.5), Nanoseconds(1));
  EXPECT_EQ(DurationSampler::Exponential(Nanoseconds(1)).Sample(0x1p-53), Nanoseconds(1));
}

TEST(DurationSampler, RoundsHalvesUpToItsUnitAndStaysInItsBounds) {
  const DurationSampler sampler =
      DurationSampler::Constant(Nanoseconds(500)).RoundedTo(Microseconds(1));
  EXPECT_EQ(sampler.Sample(0.5), Microseconds(1));
  EXPECT_EQ(sampler.SampleTimes(0, 0.5), Microseconds(1));
  EXPECT_EQ(sampler.SampleTimes(2.9, 0.5), Microseconds(1));
  EXPECT_EQ(sampler.SampleTimes(3, 0.5), Microseconds(2));
  // At most 2^62 ns, rounded.
  EXPECT_LE(sampler.SampleTimes(1e300, 0.5).nanoseconds(), (std::int64_t{1} << 62) + 1'000);
  EXPECT_GT(sampler.SampleTimes(1e300, 0.5), Hours(100 * 365 * 24));
}

TEST(DurationSampler, RoundsToTheUnitThatItIsGivenAlsoWithinAMixture) {
  const Duration unit = Milliseconds(1);
  const DurationSampler fine = DurationSampler::Mixture(
      {{.sampler = DurationSampler::Constant(Microseconds(10)), .weight = 1},
       {.sampler = DurationSampler::Exponential(Microseconds(4'321)), .weight = 1}});
  const DurationSampler coarse = fine.RoundedTo(unit);
  EXPECT_EQ(coarse.Sample(0.1), unit);
  EXPECT_EQ(coarse.Sample(0.9), fine.Sample(0.9).RoundedTo(unit));
  EXPECT_NE(coarse.Sample(0.9), fine.Sample(0.9));
  EXPECT_EQ(coarse.MeanNanoseconds(), fine.MeanNanoseconds());
}

TEST(DurationSampler, AFactorMultipliesBeforeRounding) {
  const DurationSampler sampler = DurationSampler::Exponential(Nanoseconds(10));
  EXPECT_EQ(sampler.SampleTimes(1000, 0.5).nanoseconds(), 6931);  // 10000 ln 2 = 6931.47
}

TEST(DurationSampler, MeansAreThoseOfTheFormulas) {
  EXPECT_EQ(DurationSampler::Constant(Microseconds(5)).MeanNanoseconds(), 5000);
  EXPECT_EQ(DurationSampler::Exponential(Microseconds(5)).MeanNanoseconds(), 5000);
  EXPECT_NEAR(DurationSampler::Lognormal({.p50 = Microseconds(5), .sigma = 1}).MeanNanoseconds(),
              5000 * std::exp(0.5), 1e-8);
  EXPECT_NEAR(DurationSampler::OfQuantiles({.p50 = Nanoseconds(10), .p99 = Nanoseconds(90)})
                  .MeanNanoseconds(),
              QuantileDistribution(kTwoPoints).Mean(), 1e-9);
}

TEST(WeightedChoice, ChoosesByCumulativeShares) {
  const std::vector<double> weights = {0, 1, 0, 2, 1, 0};
  const WeightedChoice choice(weights);
  EXPECT_EQ(choice(0), 1u);
  EXPECT_EQ(choice(0.2499999), 1u);
  EXPECT_EQ(choice(0.25), 3u);
  EXPECT_EQ(choice(0.7499999), 3u);
  EXPECT_EQ(choice(0.75), 4u);
  EXPECT_EQ(choice(1 - 0x1p-53), 4u);
}

TEST(WeightedChoice, SharesOfDrawsAgreeWithTheWeights) {
  const std::vector<double> weights = {0.1, 0.2, 0.3, 0.4};
  const WeightedChoice choice(weights);
  std::vector<int> counts(4);
  const StreamKey key(1, "weighted_choice");
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    ++counts.at(choice(Draw(key, {.ordinal = i}).Uniform32(0)));
  }
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(counts[i], 100'000 * weights[i],
                4 * std::sqrt(100'000 * weights[i] * (1 - weights[i])));
  }
}

TEST(WeightedChoiceDeathTest, UselessWeightsStopTheRun) {
  const std::vector<double> zeros = {0, 0};
  const std::vector<double> negative = {2, -1};
  EXPECT_DEATH(WeightedChoice{zeros}, "positive");
  EXPECT_DEATH(WeightedChoice{negative}, "negative");
  EXPECT_DEATH(WeightedChoice(std::vector<double>{}), "positive");
}

TEST(DurationSampler, OneNumberChoosesAMixturesPartAndThePlaceWithinIt) {
  const DurationSampler mixture = DurationSampler::Mixture(
      {{.sampler = DurationSampler::Constant(Milliseconds(1)), .weight = 3},
       {.sampler = DurationSampler::Exponential(Milliseconds(80)), .weight = 1}});
  EXPECT_EQ(mixture.Sample(0.74), Milliseconds(1));
  EXPECT_EQ(mixture.Sample(0.875), DurationSampler::Exponential(Milliseconds(80)).Sample(0.5));
  EXPECT_EQ(mixture.SampleTimes(3, 0.1), Milliseconds(3));
  EXPECT_DOUBLE_EQ(mixture.MeanNanoseconds(), 0.75 * 1e6 + 0.25 * 80e6);
}

}  // namespace
}  // namespace groundhog::sim
