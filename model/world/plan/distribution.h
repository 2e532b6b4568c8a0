// A scenario's distributions, compiled for sampling, and their medians.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_DISTRIBUTION_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_DISTRIBUTION_H_

#include "model/scenario/scenario.h"
#include "sim/duration_sampler.h"
#include "sim/time.h"

namespace groundhog::model {

// Samples are multiples of `unit` > 0.
sim::DurationSampler CompileDistribution(const DurationDistribution& distribution,
                                         sim::Duration unit = sim::Nanoseconds(1));

// Exact, except for an exponential (mean times ln 2, rounded down) and a mixture (the median of its
// heaviest part).
sim::Duration Median(const DurationDistribution& distribution);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_DISTRIBUTION_H_
