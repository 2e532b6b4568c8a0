// The statistics of the tests against theory, compared with published tables, and their power to
// distinguish wrong from right.
#include "tests/theory/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/random.h"

namespace groundhog::theory {
namespace {

double Uniform(std::uint64_t ordinal) {
  return sim::Draw(sim::StreamKey{}, {.ordinal = ordinal}).Uniform64(0);
}

// NIST/SEMATECH e-Handbook, section 1.3.6.7.2.
TEST(StudentQuantile, IsThatOfPublishedTables) {
  EXPECT_NEAR(StudentQuantile(0.999, 29), 3.396, 5e-4);
  EXPECT_NEAR(StudentQuantile(0.975, 10), 2.228, 5e-4);
  EXPECT_NEAR(StudentQuantile(0.001, 5), -5.893, 5e-4);
}

// NIST/SEMATECH e-Handbook, section 1.3.6.7.4.
TEST(ChiSquaredQuantile, IsThatOfPublishedTables) {
  EXPECT_NEAR(ChiSquaredQuantile(0.999, 1), 10.828, 5e-4);
  EXPECT_NEAR(ChiSquaredQuantile(0.999, 50), 86.661, 5e-4);
  EXPECT_NEAR(ChiSquaredQuantile(0.025, 30), 16.791, 5e-4);
}

TEST(ProbabilityOfMisses, IsTheBinomialTail) {
  EXPECT_NEAR(ProbabilityOfMisses(1, 100), 1 - std::pow(0.999, 100), 1e-9);
  EXPECT_DOUBLE_EQ(ProbabilityOfMisses(0, 100), 1);
  EXPECT_LT(ProbabilityOfMisses(10, 1000), 1e-3);
}

// Observations that each keep half of the one before: their mean is known, they are not
// independent.
std::vector<double> Autoregressive(double mean, std::uint64_t run) {
  std::vector<double> values;
  double value = 0;
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    value = 0.5 * value + Uniform(run * 30'000 + i) - 0.5;
    values.push_back(mean + value);
  }
  return values;
}

TEST(BatchMeans, CoverTheMeanOfDependentObservationsAsOftenAsTheySay) {
  int missed = 0;
  for (std::uint64_t run = 0; run < 400; ++run) {
    missed += BatchMeans(Autoregressive(7, run)).Contains(7) ? 0 : 1;
  }
  EXPECT_GT(ProbabilityOfMisses(missed, 400), 1e-3) << missed << " of 400 were missed";
}

TEST(BatchMeans, RejectAnotherMean) {
  EXPECT_FALSE(BatchMeans(Autoregressive(7, 1)).Contains(7.03));
}

TEST(BatchMeans, LeaveTheBeginningOut) {
  std::vector<double> values(31, 5.0);
  values.front() = 1'000;
  EXPECT_DOUBLE_EQ(BatchMeans(values).observed, 5);
}

TEST(IndexOfDispersion, RejectsCountsThatAreTooEven) {
  std::vector<double> counts;
  for (int i = 0; i < 1'000; ++i) counts.push_back(10 + i % 2);
  EXPECT_LT(IndexOfDispersion(counts).high, 1);
}

TEST(GoodnessOfFit, RejectsAWrongShape) {
  const std::vector<double> expected(10, 1'000);
  std::vector<double> observed(10, 1'000);
  EXPECT_LT(GoodnessOfFit(observed, expected, 1).high, 1) << "too good to be drawn";
  for (std::size_t i = 0; i < 10; ++i) observed[i] += i % 2 == 0 ? 80 : -80;
  EXPECT_GT(GoodnessOfFit(observed, expected, 1).low, 1);
}

}  // namespace
}  // namespace groundhog::theory
