// The pause before an attempt is made again.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_BACKOFF_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_BACKOFF_H_

#include <algorithm>
#include <cstdint>

#include "model/scenario/scenario.h"
#include "sim/time.h"

namespace groundhog::model {

// The pause after attempt `attempt`, from 1: grows exponentially up to the policy's largest; at
// least 1 ns. `uniform` gives a draw from (0, 1); it is called only for a policy with jitter, which
// is full jitter, as in Brooker, "Exponential Backoff And Jitter" (2015).
template <class Uniform>
sim::Duration Backoff(const RetryPolicy& retries, int attempt, const Uniform& uniform) {
  double pause = static_cast<double>(retries.backoff_base.nanoseconds());
  for (int i = 1; i < attempt; ++i) pause *= retries.backoff_multiplier;
  pause = std::min(pause, static_cast<double>(retries.backoff_max.nanoseconds()));
  if (retries.backoff_jitter == Jitter::kFull) pause *= uniform();
  return sim::Duration(std::max<std::int64_t>(1, static_cast<std::int64_t>(pause)));
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_BACKOFF_H_
