// Spans of time as seconds, for rates and people; never for a decision.
#ifndef GROUNDHOG_REPLAY_SECONDS_H_
#define GROUNDHOG_REPLAY_SECONDS_H_

#include <chrono>

#include "sim/time.h"

namespace groundhog::replay {

inline double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

inline double Seconds(sim::Duration time) { return static_cast<double>(time.nanoseconds()) / 1e9; }

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_SECONDS_H_
