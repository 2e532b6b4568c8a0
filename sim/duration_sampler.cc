#include "sim/duration_sampler.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "sim/check.h"
#include "sim/distributions.h"
#include "sim/math_exp.h"

namespace groundhog::sim {
namespace {

double InNanoseconds(Duration duration) { return static_cast<double>(duration.nanoseconds()); }

}  // namespace

DurationSampler DurationSampler::Constant(Duration value) {
  Check(value >= Duration(), "a constant duration is not negative");
  DurationSampler sampler;
  sampler.nanoseconds_ = InNanoseconds(value);
  return sampler;
}

DurationSampler DurationSampler::Exponential(Duration mean) {
  Check(mean > Duration(), "an exponential distribution's mean is positive");
  DurationSampler sampler;
  sampler.kind_ = Kind::kExponential;
  sampler.nanoseconds_ = InNanoseconds(mean);
  return sampler;
}

DurationSampler DurationSampler::Lognormal(const LognormalOptions& options) {
  Check(options.p50 > Duration() && options.sigma >= 0,
        "a lognormal distribution's median is positive, its sigma not negative");
  DurationSampler sampler;
  sampler.kind_ = Kind::kLognormal;
  sampler.nanoseconds_ = InNanoseconds(options.p50);
  sampler.sigma_ = options.sigma;
  return sampler;
}

DurationSampler DurationSampler::OfQuantiles(const QuantileOptions& options) {
  Quantiles quantiles = {.p50 = InNanoseconds(options.p50),
                         .p95 = std::nullopt,
                         .p99 = InNanoseconds(options.p99),
                         .max = std::nullopt};
  if (options.p95.has_value()) {
    quantiles.p95 = InNanoseconds(*options.p95);
  }
  if (options.max.has_value()) {
    quantiles.max = InNanoseconds(*options.max);
  }
  DurationSampler sampler;
  sampler.kind_ = Kind::kQuantiles;
  sampler.quantiles_ = QuantileDistribution(quantiles);
  return sampler;
}

DurationSampler DurationSampler::Mixture(std::vector<Part> parts) {
  Check(!parts.empty(), "a mixture has a part");
  double sum = 0;
  for (const Part& part : parts) {
    Check(part.weight > 0 && part.sampler.kind_ != Kind::kMixture,
          "a mixture's parts have positive weights and are no mixtures");
    sum += part.weight;
  }
  for (Part& part : parts) part.weight /= sum;
  DurationSampler sampler;
  sampler.kind_ = Kind::kMixture;
  sampler.parts_ = std::move(parts);
  return sampler;
}

DurationSampler DurationSampler::RoundedTo(Duration unit) const {
  Check(unit > Duration(), "a unit of time is positive");
  DurationSampler sampler = *this;
  sampler.unit_ = unit;
  sampler.units_per_nanosecond_ = 1 / static_cast<double>(unit.nanoseconds());
  for (Part& part : sampler.parts_) part.sampler = part.sampler.RoundedTo(unit);
  return sampler;
}

Duration DurationSampler::SampleMixture(double factor, double u) const {
  // Uniform64's distance from the ends of (0, 1).
  constexpr double kLeast = 0x1p-53;
  double below = 0;
  std::size_t chosen = 0;
  while (chosen + 1 < parts_.size() && u > below + parts_[chosen].weight) {
    below += parts_[chosen].weight;
    ++chosen;
  }
  const Part& part = parts_[chosen];
  return part.sampler.SampleTimes(factor,
                                  std::clamp((u - below) / part.weight, kLeast, 1 - kLeast));
}

Duration DurationSampler::SampleTimes(double factor, double u) const {
  double nanoseconds = nanoseconds_;
  switch (kind_) {
    case Kind::kConstant:
      break;
    case Kind::kExponential:
      nanoseconds = sim::Exponential(nanoseconds_, u);
      break;
    case Kind::kLognormal:
      nanoseconds = sim::Lognormal({.p50 = nanoseconds_, .sigma = sigma_}, u);
      break;
    case Kind::kQuantiles:
      nanoseconds = quantiles_(u);
      break;
    case Kind::kMixture:
      return SampleMixture(factor, u);
  }
  constexpr double kLongest = 0x1p62;
  const double units = std::min(factor * nanoseconds, kLongest) * units_per_nanosecond_;
  return unit_ * RoundToDuration(units).nanoseconds();
}

double DurationSampler::MeanNanoseconds() const {
  switch (kind_) {
    case Kind::kConstant:
    case Kind::kExponential:
      return nanoseconds_;
    case Kind::kLognormal:
      return nanoseconds_ * Exp(0.5 * sigma_ * sigma_);
    case Kind::kQuantiles:
      return quantiles_.Mean();
    case Kind::kMixture:
      break;
  }
  double mean = 0;
  for (const Part& part : parts_) mean += part.weight * part.sampler.MeanNanoseconds();
  return mean;
}

}  // namespace groundhog::sim
