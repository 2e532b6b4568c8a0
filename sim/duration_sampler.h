// A duration's distribution, compiled for sampling: one of constant, exponential, lognormal and
// quantiles, or a mixture of some. Each service time, network latency and interval of a scenario is
// compiled to one of these before the run. A plain value; any thread.
#ifndef GROUNDHOG_SIM_DURATION_SAMPLER_H_
#define GROUNDHOG_SIM_DURATION_SAMPLER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/quantile_distribution.h"
#include "sim/time.h"

namespace groundhog::sim {

class DurationSampler {
 public:
  struct LognormalOptions {
    Duration p50;      // > 0
    double sigma = 0;  // of the logarithm, >= 0
  };
  // 0 < p50 <= p95 <= p99 <= max.
  struct QuantileOptions {
    Duration p50;
    std::optional<Duration> p95;
    Duration p99;
    std::optional<Duration> max;
  };

  // Constantly 1 ns.
  DurationSampler() = default;

  static DurationSampler Constant(Duration value);    // >= 0; zero is sampled as 1 ns
  static DurationSampler Exponential(Duration mean);  // > 0
  static DurationSampler Lognormal(const LognormalOptions& options);
  static DurationSampler OfQuantiles(const QuantileOptions& options);

  // A part's weight, > 0, is the probability that a draw is one of that part. At least one part;
  // parts are no mixtures. One uniform number u chooses the part and then, by its place among the
  // numbers that choose that part, the duration. Within a part the duration rises with u.
  struct Part;
  static DurationSampler Mixture(std::vector<Part> parts);

  // The same distribution, whose samples are multiples of `unit` > 0. Without it, of 1 ns.
  DurationSampler RoundedTo(Duration unit) const;

  // The quantile at u, 0 < u < 1: a share u of all durations is shorter. Rounded to the nearest
  // multiple of the unit (halves up), at least one unit, at most 2^62 ns.
  Duration Sample(double u) const { return SampleTimes(1, u); }

  // The same for durations `factor` >= 0 times as long, rounded once.
  Duration SampleTimes(double factor, double u) const;

  // The mean before rounding, in nanoseconds. Slow for quantiles: for reports.
  double MeanNanoseconds() const;

 private:
  enum class Kind : std::uint8_t { kConstant, kExponential, kLognormal, kQuantiles, kMixture };

  Duration SampleMixture(double factor, double u) const;

  Kind kind_ = Kind::kConstant;
  Duration unit_ = Nanoseconds(1);
  double units_per_nanosecond_ = 1;
  double nanoseconds_ = 1;  // kConstant: the value; kExponential: the mean; kLognormal: p50
  double sigma_ = 0;        // kLognormal
  QuantileDistribution quantiles_;
  std::vector<Part> parts_;  // kMixture; their weights add up to 1
};

struct DurationSampler::Part {
  DurationSampler sampler;
  double weight = 1;
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_DURATION_SAMPLER_H_
