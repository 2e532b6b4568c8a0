#include "tests/theory/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "sim/check.h"

namespace groundhog::theory {
namespace {

constexpr double kTail = (1 - kConfidence) / 2;
constexpr double kSmallest = 1e-300;  // replaces a zero in continued fractions
constexpr double kPrecision = 1e-14;
constexpr int kTermsMax = 100'000;

// The regularised incomplete beta function's continued fraction by Lentz's method, for
// x < (a + 1) / (a + b + 2). DLMF 8.17.22.
double BetaFraction(double a, double b, double x) {
  double c = 1;
  double d = 1 / std::max(std::abs(1 - (a + b) * x / (a + 1)), kSmallest);
  double fraction = d;
  for (int m = 1; m < kTermsMax; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      change *= c * d;
    }
    fraction *= change;
    if (std::abs(change - 1) < kPrecision) break;
  }
  return fraction;
}

double RegularisedBeta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

// The regularised lower incomplete gamma function, by its series (DLMF 8.7.1) or by the continued
// fraction of its complement (DLMF 8.9.2).
double RegularisedGamma(double a, double x) {
  if (x <= 0) return 0;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n < kTermsMax && term > sum * kPrecision; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return front * sum;
  }
  double b = x + 1 - a;
  double c = 1 / kSmallest;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < kTermsMax; ++n) {
    const double numerator = -n * (n - a);
    b += 2;
    d = 1 / (b + numerator * d);
    c = b + numerator / c;
    fraction *= c * d;
    if (std::abs(c * d - 1) < kPrecision) break;
  }
  return 1 - front * fraction;
}

double StudentProbability(double t, double degrees) {
  const double tail = RegularisedBeta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
  return t > 0 ? 1 - tail : tail;
}

// The point where a rising function reaches `target`, between bounds.
template <class Function>
double Solve(double low, double high, double target, const Function& function) {
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (function(middle) < target ? low : high) = middle;
  }
  return (low + high) / 2;
}

// The bounds of the scale of a statistic that is chi-squared with `degrees` degrees of freedom,
// divided by `degrees`.
Estimate ScaleOfChiSquared(double statistic, double degrees) {
  return {.observed = statistic / degrees,
          .low = statistic / ChiSquaredQuantile(1 - kTail, degrees),
          .high = statistic / ChiSquaredQuantile(kTail, degrees)};
}

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double SquaredDeviations(std::span<const double> values, double mean) {
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

}  // namespace

Estimate BatchMeans(std::span<const double> observations, int batches) {
  const auto count = static_cast<std::size_t>(batches);
  const std::size_t size = observations.size() / (count + 1);
  sim::Check(batches >= 2 && size >= 1, "batch means need observations in two batches or more");
  std::vector<double> means;
  const std::span<const double> kept = observations.last(size * count);
  for (std::size_t i = 0; i < count; ++i) means.push_back(Mean(kept.subspan(i * size, size)));
  const double mean = Mean(means);
  const double degrees = static_cast<double>(batches - 1);
  const double deviation = std::sqrt(SquaredDeviations(means, mean) / degrees);
  const double half =
      StudentQuantile(1 - kTail, degrees) * deviation / std::sqrt(static_cast<double>(batches));
  return {.observed = mean, .low = mean - half, .high = mean + half};
}

Estimate IndexOfDispersion(std::span<const double> counts) {
  sim::Check(counts.size() >= 2, "dispersion needs two counts or more");
  const double mean = Mean(counts);
  return ScaleOfChiSquared(SquaredDeviations(counts, mean) / mean,
                           static_cast<double>(counts.size() - 1));
}

Estimate GoodnessOfFit(std::span<const double> observed, std::span<const double> expected,
                       int fitted) {
  sim::Check(
      observed.size() == expected.size() && observed.size() > static_cast<std::size_t>(fitted),
      "a fit needs more cells than fitted parameters");
  double statistic = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double difference = observed[i] - expected[i];
    statistic += difference * difference / expected[i];
  }
  return ScaleOfChiSquared(statistic, static_cast<double>(observed.size()) - fitted);
}

Estimate ExponentialFit(std::span<const double> values, double mean) {
  constexpr std::size_t kCells = 50;
  std::vector<double> observed(kCells);
  for (const double value : values) {
    const double share = -std::expm1(-value / mean);
    ++observed[std::min(kCells - 1, static_cast<std::size_t>(share * kCells))];
  }
  const std::vector<double> expected(kCells, static_cast<double>(values.size()) / kCells);
  return GoodnessOfFit(observed, expected, 1);
}

double StudentQuantile(double probability, double degrees_of_freedom) {
  return Solve(-1e4, 1e4, probability,
               [&](double t) { return StudentProbability(t, degrees_of_freedom); });
}

double ChiSquaredQuantile(double probability, double degrees_of_freedom) {
  const double high = 100 + 10 * degrees_of_freedom;
  return Solve(0, high, probability,
               [&](double x) { return RegularisedGamma(degrees_of_freedom / 2, x / 2); });
}

double ProbabilityOfMisses(std::int64_t misses, std::int64_t trials) {
  if (misses <= 0) return 1;
  // The binomial distribution's upper tail, DLMF 8.17.5.
  return RegularisedBeta(static_cast<double>(misses), static_cast<double>(trials - misses + 1),
                         1 - kConfidence);
}

}  // namespace groundhog::theory
