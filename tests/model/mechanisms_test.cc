// The small mechanisms by themselves: breaker, budget, occurrences, rotation.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "model/world/plan/fault_timeline.h"
#include "model/world/plan/occurrence_schedule.h"
#include "model/world/plan/topology.h"
#include "model/world/state/circuit_breaker.h"
#include "model/world/state/duration_sample.h"
#include "model/world/state/host.h"
#include "model/world/state/retry_budget.h"
#include "model/world/state/rotation.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

sim::VirtualTime At(sim::Duration since_start) { return sim::VirtualTime(since_start); }

constexpr BreakerPolicy kPolicy = {.failure_rate = 0.5,
                                   .window = sim::Seconds(10),
                                   .calls_min = 4,
                                   .open_time = sim::Seconds(5),
                                   .probes = 2};

// A breaker that has just opened, at 4 ms.
CircuitBreaker OpenBreaker() {
  CircuitBreaker breaker(kPolicy);
  for (int i = 1; i <= 4; ++i) {
    breaker.Report(breaker.Ask(At(sim::Milliseconds(i))).period, false, At(sim::Milliseconds(i)));
  }
  return breaker;
}

TEST(CircuitBreaker, OpensAtTheFailureRateButNotBeforeEnoughCalls) {
  CircuitBreaker breaker(kPolicy);
  EXPECT_FALSE(breaker.Report(0, false, At(sim::Milliseconds(1))));
  EXPECT_FALSE(breaker.Report(0, true, At(sim::Milliseconds(2))));
  EXPECT_FALSE(breaker.Report(0, true, At(sim::Milliseconds(3))));
  EXPECT_EQ(breaker.state(), CircuitBreaker::State::kClosed);
  EXPECT_TRUE(breaker.Report(0, false, At(sim::Milliseconds(4))));  // 2 of 4
  EXPECT_EQ(breaker.state(), CircuitBreaker::State::kOpen);
}

TEST(CircuitBreaker, ForgetsFailuresThatLeaveTheWindow) {
  CircuitBreaker breaker(kPolicy);
  for (int i = 0; i < 3; ++i) breaker.Report(0, false, At(sim::Seconds(1)));
  EXPECT_FALSE(breaker.Report(0, false, At(sim::Seconds(12))));
  EXPECT_EQ(breaker.state(), CircuitBreaker::State::kClosed);
}

TEST(CircuitBreaker, RefusesWhileOpenAndThenLetsJustTheProbesThrough) {
  CircuitBreaker breaker = OpenBreaker();
  EXPECT_FALSE(breaker.Ask(At(sim::Seconds(5))).is_given);
  EXPECT_TRUE(breaker.Ask(At(sim::Milliseconds(5004))).is_given);
  EXPECT_TRUE(breaker.Ask(At(sim::Milliseconds(5005))).is_given);
  EXPECT_FALSE(breaker.Ask(At(sim::Milliseconds(5006))).is_given);
}

TEST(CircuitBreaker, ClosesWhenAllProbesAreWell) {
  CircuitBreaker breaker = OpenBreaker();
  const std::uint32_t period = breaker.Ask(At(sim::Seconds(6))).period;
  breaker.Ask(At(sim::Seconds(6)));
  breaker.Report(period, true, At(sim::Seconds(7)));
  EXPECT_EQ(breaker.state(), CircuitBreaker::State::kHalfOpen);
  breaker.Report(period, true, At(sim::Seconds(7)));
  EXPECT_EQ(breaker.state(), CircuitBreaker::State::kClosed);
}

TEST(CircuitBreaker, OneBadProbeOpensItAgainForTheWholeTime) {
  CircuitBreaker breaker = OpenBreaker();
  const std::uint32_t period = breaker.Ask(At(sim::Seconds(6))).period;
  EXPECT_TRUE(breaker.Report(period, false, At(sim::Seconds(7))));
  EXPECT_FALSE(breaker.Ask(At(sim::Milliseconds(11'999))).is_given);
  EXPECT_TRUE(breaker.Ask(At(sim::Seconds(12))).is_given);
}

TEST(CircuitBreaker, AnAttemptOfAnEarlierPeriodDoesNotCount) {
  CircuitBreaker breaker = OpenBreaker();
  const std::uint32_t period = breaker.Ask(At(sim::Seconds(6))).period;
  breaker.Report(period - 2, false, At(sim::Seconds(6)));
  EXPECT_EQ(breaker.state(), CircuitBreaker::State::kHalfOpen);
}

TEST(CircuitBreaker, AnAbandonedProbeMakesRoomForAnother) {
  CircuitBreaker breaker = OpenBreaker();
  const std::uint32_t period = breaker.Ask(At(sim::Seconds(6))).period;
  breaker.Ask(At(sim::Seconds(6)));
  EXPECT_FALSE(breaker.Ask(At(sim::Seconds(6))).is_given);
  breaker.Forget(period);
  EXPECT_TRUE(breaker.Ask(At(sim::Seconds(6))).is_given);
}

TEST(RetryBudget, StartsWithTenAndThenFollowsTheCalls) {
  RetryBudget budget(20);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.TakeOne());
  EXPECT_FALSE(budget.TakeOne());
  int taken = 0;
  for (int call = 0; call < 1000; ++call) {
    budget.PayIn();
    if (budget.TakeOne()) ++taken;
  }
  EXPECT_EQ(taken, 200);
}

TEST(RetryBudget, SavesNoMoreThanTen) {
  RetryBudget budget(100);
  for (int call = 0; call < 1000; ++call) budget.PayIn();
  int taken = 0;
  while (budget.TakeOne()) ++taken;
  EXPECT_EQ(taken, 10);
}

sim::Duration MedianOf(int count) {
  DurationSample sample;
  for (int i = 0; i < count; ++i) sample.Add(sim::Nanoseconds((i * std::int64_t{7919}) % count));
  EXPECT_EQ(sample.count(), static_cast<std::uint64_t>(count));
  return sample.TakeMedian();
}

TEST(DurationSample, TheMedianOfFewIsExact) {
  EXPECT_EQ(MedianOf(0), sim::Duration());
  EXPECT_EQ(MedianOf(1), sim::Nanoseconds(0));
  EXPECT_EQ(MedianOf(4), sim::Nanoseconds(1));
  EXPECT_EQ(MedianOf(16'384), sim::Nanoseconds(8'191));
}

TEST(DurationSample, TheMedianOfManyIsThatOfAnEvenSample) {
  for (const int count : {16'385, 100'000, 1'000'003}) {
    EXPECT_NEAR(static_cast<double>(MedianOf(count).nanoseconds()), 0.5 * count, 0.01 * count);
  }
}

TEST(DurationSample, ForgetsTheSpacingWithTheRest) {
  DurationSample sample;
  for (int i = 0; i < 100'000; ++i) sample.Add(sim::Seconds(1));
  sample.Clear();
  for (int i = 1; i <= 5; ++i) sample.Add(sim::Nanoseconds(i));
  EXPECT_EQ(sample.TakeMedian(), sim::Nanoseconds(3));
}

TEST(WaitingLine, KeepsTheOrderOfThoseThatStillWait) {
  WaitingLine line;
  for (Handle handle = 0; handle < 10; ++handle) line.Push({.handle = handle});
  EXPECT_EQ(line.Pop().handle, 0u);
  line.KeepIf([](ValueReference each) { return each.handle % 3 == 0; });
  EXPECT_EQ(line.size(), 3u);
  for (const Handle expected : {3u, 6u, 9u}) EXPECT_EQ(line.Pop().handle, expected);
  EXPECT_TRUE(line.empty());
}

TEST(OccurrenceSchedule, APeriodicOneRepeats) {
  const OccurrenceSchedule schedule(
      {.at = sim::Minutes(3), .duration = sim::Minutes(2), .every = sim::Minutes(10)});
  EXPECT_FALSE(schedule.At(At(sim::Minutes(2))).exists());
  EXPECT_EQ(schedule.At(At(sim::Minutes(3))).number, 1u);
  EXPECT_FALSE(schedule.At(At(sim::Minutes(5))).exists());
  EXPECT_EQ(schedule.At(At(sim::Minutes(14))).number, 2u);
  EXPECT_EQ(schedule.LastStarted(At(sim::Minutes(20))).number, 2u);
  EXPECT_EQ(schedule.FirstAfter(At(sim::Minutes(20))).start, At(sim::Minutes(23)));
}

TEST(OccurrenceSchedule, OneThatIsNotRepeatedComesOnce) {
  const OccurrenceSchedule schedule(
      {.at = sim::Minutes(3), .duration = sim::Minutes(2), .every = {}});
  EXPECT_EQ(schedule.At(At(sim::Minutes(4))).number, 1u);
  EXPECT_FALSE(schedule.FirstAfter(At(sim::Minutes(4))).exists());
  EXPECT_FALSE(schedule.Numbered(2).exists());
}

TEST(OccurrenceSchedule, RandomOnesHaveTheMeansThatWereAskedFor) {
  const OccurrenceSchedule schedule(
      sim::StreamKey(7, "fault/x"),
      {.at = {}, .mtbf = sim::Hours(2), .mttr = sim::Minutes(6), .until = sim::Hours(24 * 300)});
  const std::vector<OccurrenceTimes>& list = schedule.list();
  ASSERT_GT(list.size(), 3000u);
  double up = 0;
  double down = 0;
  sim::VirtualTime end;
  for (const OccurrenceTimes& times : list) {
    ASSERT_LT(end, times.start);
    ASSERT_LT(times.start, times.end);
    up += static_cast<double>((times.start - end).nanoseconds());
    down += static_cast<double>((times.end - times.start).nanoseconds());
    end = times.end;
  }
  const auto count = static_cast<double>(list.size());
  EXPECT_NEAR(up / count / 7.2e12, 1, 0.06);  // 3.3 standard errors
  EXPECT_NEAR(down / count / 3.6e11, 1, 0.06);
}

TEST(OccurrenceSchedule, StrengthRisesAndFallsLinearly) {
  const OccurrenceTimes occurrence = {
      .number = 1, .start = At(sim::Seconds(100)), .end = At(sim::Seconds(200))};
  EXPECT_EQ(StrengthAt(occurrence, {}, At(sim::Seconds(100))), 1);
  EXPECT_EQ(StrengthAt(occurrence, sim::Seconds(20), At(sim::Seconds(100))), 0);
  EXPECT_EQ(StrengthAt(occurrence, sim::Seconds(20), At(sim::Seconds(105))), 0.25);
  EXPECT_EQ(StrengthAt(occurrence, sim::Seconds(20), At(sim::Seconds(150))), 1);
  EXPECT_EQ(StrengthAt(occurrence, sim::Seconds(20), At(sim::Seconds(190))), 0.5);
}

// Which of back-service's three hosts callers choose among.
class RotationTest : public testing::Test {
 protected:
  RotationTest() : scenario_(SmallScenario()) { scenario_.services[2].hosts = 3; }

  std::vector<std::uint32_t> Choices(sim::Duration time, std::uint32_t zone = 0) {
    const absl::StatusOr<Topology> topology = CompileTopology(scenario_);
    const FaultTimelines faults(scenario_, *topology);
    Rotation rotation(scenario_.seed, *topology, faults);
    const auto choices = rotation.Choices(2, zone, At(time));
    return {choices.begin(), choices.end()};
  }

  Scenario scenario_;
};

using Numbers = std::vector<std::uint32_t>;

TEST_F(RotationTest, HealthChecksTakeAHostOutAndBack) {
  scenario_.services[2].health_check =
      HealthCheck{.interval = sim::Seconds(5), .unhealthy_after = 3, .healthy_after = 2};
  Fault crash = SmallFault(Fault::Kind::kCrash, "back-service");  // from 3:00 to 5:00
  crash.hosts = {2};
  scenario_.faults = {crash};
  EXPECT_EQ(Choices(sim::Minutes(2)), Numbers());
  EXPECT_EQ(Choices(sim::Seconds(180 + 9)), Numbers());  // not yet noticed
  EXPECT_EQ(Choices(sim::Seconds(180 + 16)), Numbers({0, 2}));
  EXPECT_EQ(Choices(sim::Seconds(300 + 4)), Numbers({0, 2}));  // not yet noticed
  EXPECT_EQ(Choices(sim::Seconds(300 + 11)), Numbers());
}

TEST_F(RotationTest, WithoutHealthChecksACrashedHostStaysInRotation) {
  scenario_.faults = {SmallFault(Fault::Kind::kCrash, "back-service")};
  scenario_.faults[0].hosts = {2};
  EXPECT_EQ(Choices(sim::Minutes(4)), Numbers());
}

TEST_F(RotationTest, WhenAllAreOutAllAreChosenAmong) {
  scenario_.services[2].health_check = HealthCheck{.interval = sim::Seconds(1)};
  scenario_.faults = {SmallFault(Fault::Kind::kOutage, "back-service")};
  EXPECT_EQ(Choices(sim::Minutes(4)), Numbers());
}

TEST_F(RotationTest, ADeployDrainsOneHostAfterAnother) {
  Fault deploy = SmallFault(Fault::Kind::kDeploy, "back-service");  // from 3:00
  deploy.rate = 0;
  scenario_.faults = {deploy};  // drain 5 s, restart 10 s, pause 20 s
  EXPECT_EQ(Choices(sim::Seconds(179)), Numbers());
  EXPECT_EQ(Choices(sim::Seconds(181)), Numbers({1, 2}));
  EXPECT_EQ(Choices(sim::Seconds(180 + 16)), Numbers());
  EXPECT_EQ(Choices(sim::Seconds(180 + 31)), Numbers({0, 2}));
  EXPECT_EQ(Choices(sim::Seconds(180 + 61)), Numbers({0, 1}));
  EXPECT_EQ(Choices(sim::Seconds(180 + 80)), Numbers());
}

TEST_F(RotationTest, CallersPreferTheirOwnZone) {
  scenario_.services[2].zones = {"east", "west"};
  scenario_.services[2].prefers_own_zone = true;
  EXPECT_EQ(Choices({}, /*zone=*/1), Numbers({0, 2}));  // zones are in alphabetical order
  EXPECT_EQ(Choices({}, /*zone=*/2), Numbers({1}));
  EXPECT_EQ(Choices({}, /*zone=*/0), Numbers());
}

}  // namespace
}  // namespace groundhog::model
