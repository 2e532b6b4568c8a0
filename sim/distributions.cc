#include "sim/distributions.h"

#include <algorithm>
#include <cstdint>

#include "sim/check.h"
#include "sim/math_exp.h"
#include "sim/math_log.h"
#include "sim/normal_quantile.h"

namespace groundhog::sim {

double Exponential(double mean, double u) { return mean * -Log(1 - u); }

double Lognormal(const LognormalParameters& parameters, double u) {
  return parameters.p50 * Exp(parameters.sigma * NormalQuantile(u));
}

Duration RoundToDuration(double nanoseconds) {
  Check(nanoseconds == nanoseconds, "a sampled duration is a number");
  constexpr double kLongest = 0x1p62;
  const double bounded = std::min(std::max(nanoseconds, 1.0), kLongest);
  return Duration(static_cast<std::int64_t>(bounded + 0.5));
}

Duration UniformDuration(Duration low, Duration high, double u) {
  Check(low < high, "an interval has a length");
  const std::int64_t width = (high - low).nanoseconds();
  const auto steps = static_cast<std::int64_t>(static_cast<double>(width) * u);
  return low + Duration(std::min(steps, width - 1) + 1);
}

Duration ExponentialDuration(Duration mean, double u) {
  return RoundToDuration(Exponential(static_cast<double>(mean.nanoseconds()), u));
}

}  // namespace groundhog::sim
