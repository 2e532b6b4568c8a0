#include "model/world/plan/traffic_curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

constexpr std::int64_t kMonday = 1'736'121'600'000'000'000;  // 2025-01-06T00:00:00Z

// Factor h + 1 at hour h; Monday counts once, Tuesday twice, and so on.
Scenario Rising(std::int64_t start_unix_nanoseconds) {
  Scenario scenario = SmallScenario();
  scenario.start_unix_nanoseconds = start_unix_nanoseconds;
  for (std::size_t hour = 0; hour < 24; ++hour) {
    scenario.daily[hour] = static_cast<double>(hour + 1);
  }
  for (std::size_t day = 0; day < 7; ++day) scenario.weekly[day] = static_cast<double>(day + 1);
  return scenario;
}

sim::VirtualTime After(sim::Duration duration) { return sim::VirtualTime(duration); }

TEST(TrafficCurve, IsLinearBetweenFullHours) {
  const TrafficCurve curve(Rising(kMonday));
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(0))), 1);
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Minutes(15))), 1.25);
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(22) + sim::Minutes(30))), 23.5);
}

TEST(TrafficCurve, LeadsFromTheLastHourBackToTheFirst) {
  const TrafficCurve curve(Rising(kMonday));
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(23))), 24);
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(23) + sim::Minutes(30))), 12.5);
}

TEST(TrafficCurve, MultipliesByTheDayOfTheWeek) {
  const TrafficCurve curve(Rising(kMonday));
  for (int day = 0; day < 14; ++day) {
    EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(24 * day))), day % 7 + 1) << day;
  }
}

TEST(TrafficCurve, GoesByTheDateAndNotByTheStart) {
  const TrafficCurve curve(Rising(kMonday + sim::Hours(30).nanoseconds()));  // Tuesday, 06:00
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Duration())), 2 * 7);
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(18))), 3 * 1);
}

TEST(TrafficCurve, KnowsTheDaysBefore1970) {
  const TrafficCurve curve(Rising(-sim::Hours(1).nanoseconds()));  // Wednesday, 23:00
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Duration())), 3 * 24);
  EXPECT_DOUBLE_EQ(curve.At(After(sim::Hours(1))), 4 * 1);  // 1970-01-01 was a Thursday
}

TEST(TrafficCurve, IsNeverAboveItsMaximumAndReachesIt) {
  const TrafficCurve curve(Rising(kMonday));
  double largest = 0;
  for (int minute = 0; minute < 7 * 24 * 60; ++minute) {
    largest = std::max(largest, curve.At(After(sim::Minutes(minute))));
  }
  EXPECT_EQ(largest, curve.max());
  EXPECT_EQ(curve.max(), 7 * 24);
}

}  // namespace
}  // namespace groundhog::model
