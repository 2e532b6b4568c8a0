// What a scenario's distributions are worth: compiled for sampling, and their median.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_DISTRIBUTION_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_DISTRIBUTION_H_

#include "model/scenario/scenario.h"
#include "sim/duration_sampler.h"
#include "sim/time.h"

namespace groundhog::model {

sim::DurationSampler CompileDistribution(const DurationDistribution& distribution);

// Exact but for the exponential's (mean times ln 2, rounded down) and a mixture's, for which that
// of its heaviest part stands.
sim::Duration Median(const DurationDistribution& distribution);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_DISTRIBUTION_H_
