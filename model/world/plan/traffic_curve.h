// The calendar's factor on traffic: the daily curve (by UTC time of day, linear between the hours)
// times the weekly factors (by UTC weekday). Both have mean 1, so a journey's rate is its average.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_TRAFFIC_CURVE_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_TRAFFIC_CURVE_H_

#include <array>
#include <cstdint>

#include "model/scenario/scenario.h"
#include "sim/time.h"

namespace groundhog::model {

class TrafficCurve {
 public:
  // Needs 24 daily and 7 weekly factors, as a parsed scenario has.
  explicit TrafficCurve(const Scenario& scenario);

  // The factor at a virtual time; at least 0, at most max().
  double At(sim::VirtualTime time) const;

  // The largest factor of any time: the thinning bound.
  double max() const { return max_; }

 private:
  std::int64_t start_unix_nanoseconds_ = 0;
  std::array<double, 25> daily_{};  // [24] repeats [0]
  std::array<double, 7> weekly_{};
  double max_ = 0;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_TRAFFIC_CURVE_H_
