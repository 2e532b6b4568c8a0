#include "model/world/plan/distribution.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace groundhog::model {

using Kind = DurationDistribution::Kind;

namespace {

sim::DurationSampler CompileForm(const DurationDistribution& distribution) {
  switch (distribution.kind) {
    case Kind::kConstant:
      return sim::DurationSampler::Constant(distribution.value);
    case Kind::kExponential:
      return sim::DurationSampler::Exponential(distribution.value);
    case Kind::kLognormal:
      return sim::DurationSampler::Lognormal(
          {.p50 = distribution.p50, .sigma = distribution.sigma});
    case Kind::kQuantiles:
      return sim::DurationSampler::OfQuantiles({.p50 = distribution.p50,
                                                .p95 = distribution.p95,
                                                .p99 = distribution.p99,
                                                .max = distribution.max});
    case Kind::kMixture:
      break;
  }
  std::vector<sim::DurationSampler::Part> parts;
  for (std::size_t i = 0; i < distribution.parts.size(); ++i) {
    parts.push_back(
        {.sampler = CompileForm(distribution.parts[i]), .weight = distribution.weights[i]});
  }
  return sim::DurationSampler::Mixture(std::move(parts));
}

}  // namespace

sim::DurationSampler CompileDistribution(const DurationDistribution& distribution,
                                         sim::Duration unit) {
  return CompileForm(distribution).RoundedTo(unit);
}

sim::Duration Median(const DurationDistribution& distribution) {
  switch (distribution.kind) {
    case Kind::kConstant:
      return distribution.value;
    case Kind::kExponential: {
      const double nanoseconds = static_cast<double>(distribution.value.nanoseconds());
      return sim::Duration(static_cast<std::int64_t>(nanoseconds * 0.6931471805599453));
    }
    case Kind::kLognormal:
    case Kind::kQuantiles:
      return distribution.p50;
    case Kind::kMixture:
      break;
  }
  const auto heaviest = std::ranges::max_element(distribution.weights);
  return Median(
      distribution.parts[static_cast<std::size_t>(heaviest - distribution.weights.begin())]);
}

}  // namespace groundhog::model
