// Interval estimates for the tests against theory: what a simulation showed, and between which
// bounds the truth lies with 99.9 % confidence.
#ifndef GROUNDHOG_TESTS_THEORY_STATISTICS_H_
#define GROUNDHOG_TESTS_THEORY_STATISTICS_H_

#include <cstdint>
#include <span>

namespace groundhog::theory {

inline constexpr double kConfidence = 0.999;

// A two-sided confidence interval around what was observed.
struct Estimate {
  double observed = 0;
  double low = 0;
  double high = 0;

  bool Contains(double value) const { return low <= value && value <= high; }
};

// The mean of observations that depend on their neighbours, by batch means: the observations in
// their order make `batches` batches of equal size, whose means are taken to be independent and
// normal; Student's t with one degree less than there are batches. What precedes the batches, at
// least one batch's worth, is left out as warm-up. Needs some observations a batch. Law, Simulation
// Modeling and Analysis (5th ed., 2015), section 9.5.3.
inline constexpr int kBatches = 30;
Estimate BatchMeans(std::span<const double> observations, int batches = kBatches);

// The variance of independent counts over their mean, which is 1 for a Poisson distribution:
// (n - 1) times it is then chi-squared with n - 1 degrees of freedom. Fisher, Statistical Methods
// for Research Workers, section 16.
Estimate IndexOfDispersion(std::span<const double> counts);

// Pearson's statistic of counts in cells against what was expected there, over its degrees of
// freedom, so that 1 is expected. `fitted`: parameters of the expectation that were estimated, the
// total included. Expected counts are positive and not small (5 or more). NIST/SEMATECH e-Handbook
// of Statistical Methods, section 1.3.5.15.
Estimate GoodnessOfFit(std::span<const double> observed, std::span<const double> expected,
                       int fitted);

// The same of independent values against the exponential distribution with this mean, in 50 cells
// of equal probability.
Estimate ExponentialFit(std::span<const double> values, double mean);

// The quantile of a distribution at `probability`, 0 < probability < 1.
double StudentQuantile(double probability, double degrees_of_freedom);
double ChiSquaredQuantile(double probability, double degrees_of_freedom);

// How likely `misses` or more of `trials` intervals miss a truth that each of them misses with
// probability 1 - kConfidence.
double ProbabilityOfMisses(std::int64_t misses, std::int64_t trials);

}  // namespace groundhog::theory

#endif  // GROUNDHOG_TESTS_THEORY_STATISTICS_H_
