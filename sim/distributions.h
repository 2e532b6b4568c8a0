// Distributions by inversion: each function turns one uniform number u, 0 < u < 1, into a variate,
// rising with u. The same u gives the same quantile for any parameters, so that a world with a
// slower service still has its slow requests in the same places. Doubles are computed with
// IEEE + - * / sqrt and sim's own Log and Exp: the same bits everywhere. Any thread.
#ifndef GROUNDHOG_SIM_DISTRIBUTIONS_H_
#define GROUNDHOG_SIM_DISTRIBUTIONS_H_

#include "sim/time.h"

namespace groundhog::sim {

// The exponential distribution's quantile, -mean ln(1 - u).
double Exponential(double mean, double u);

struct LognormalParameters {
  double p50 = 1;    // the median, > 0
  double sigma = 0;  // standard deviation of the logarithm, >= 0
};

// The lognormal distribution's quantile, p50 e^(sigma z) with z the normal quantile of u.
double Lognormal(const LognormalParameters& parameters, double u);

// Turns a sampled number of nanoseconds into a Duration: rounded to the nearest integer (halves
// up), at least 1 ns, at most 2^62 ns (146 years). Not for NaN.
Duration RoundToDuration(double nanoseconds);

// Uniform over the whole nanoseconds of the half-open interval (low, high]; low < high, at most
// 2^52 apart.
Duration UniformDuration(Duration low, Duration high, double u);

// Exponential with this mean, rounded; the interval to the next arrival of a Poisson process.
Duration ExponentialDuration(Duration mean, double u);

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_DISTRIBUTIONS_H_
