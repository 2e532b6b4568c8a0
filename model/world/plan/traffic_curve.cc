#include "model/world/plan/traffic_curve.h"

#include <algorithm>
#include <cstddef>

namespace groundhog::model {
namespace {

constexpr std::int64_t kHour = sim::Hours(1).nanoseconds();
constexpr std::int64_t kDay = 24 * kHour;

}  // namespace

TrafficCurve::TrafficCurve(const Scenario& scenario)
    : start_unix_nanoseconds_(scenario.start_unix_nanoseconds) {
  std::copy_n(scenario.daily.begin(), 24, daily_.begin());
  daily_[24] = daily_[0];
  std::copy_n(scenario.weekly.begin(), 7, weekly_.begin());
  max_ = *std::max_element(daily_.begin(), daily_.end()) *
         *std::max_element(weekly_.begin(), weekly_.end());
}

double TrafficCurve::At(sim::VirtualTime time) const {
  const std::int64_t unix = start_unix_nanoseconds_ + time.nanoseconds();
  std::int64_t day = unix / kDay;
  std::int64_t of_day = unix % kDay;
  if (of_day < 0) {  // before 1970
    of_day += kDay;
    day -= 1;
  }
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  const auto hour = static_cast<std::size_t>(of_day / kHour);
  const double into = static_cast<double>(of_day % kHour) / static_cast<double>(kHour);
  const double daily = daily_[hour] + (daily_[hour + 1] - daily_[hour]) * into;
  return daily * weekly_[static_cast<std::size_t>(weekday)];
}

}  // namespace groundhog::model
