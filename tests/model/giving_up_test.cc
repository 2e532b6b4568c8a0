// When a caller gives up, which callees get a cancellation, and which answer each caller gets.
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "tests/model/lived.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

using traces::Record;

// front calls failing and slow at the same time.
Scenario ParallelScenario() {
  Scenario scenario = SmallScenario();
  scenario.services[1].service_time = Constantly(sim::Milliseconds(5));
  scenario.services[1].errors = {{.code = "ERR_400", .rate = 1, .messages = {"no"}}};
  scenario.services[2].service_time = Constantly(sim::Milliseconds(200));
  scenario.services[1].dependencies.clear();
  scenario.services[0].dependencies = {SmallPolicy("middle-service", sim::Milliseconds(300)),
                                       SmallPolicy("back-service", sim::Milliseconds(300))};
  scenario.journeys[0].rate_per_second = 2;
  scenario.journeys[0].root.calls = {
      {.service = "middle-service", .calls = {}},
      {.service = "back-service", .is_with_previous = true, .calls = {}}};
  return scenario;
}

TEST(GivingUp, ASpanThatFailsTellsThoseItStillCalls) {
  const Lived lived(ParallelScenario());
  EXPECT_GT(lived.Ended("front-service", "ERR_502").size(), 1'000u);
  EXPECT_GT(lived.Ended("back-service", "ERR_499").size(), 1'000u);
  EXPECT_TRUE(lived.Ended("back-service", "").empty());
}

TEST(GivingUp, WithoutCancelThoseItStillCallsGoOn) {
  Scenario scenario = ParallelScenario();
  scenario.services[0].dependencies[1].cancels = false;
  const Lived lived(scenario);
  EXPECT_TRUE(lived.Ended("back-service", "ERR_499").empty());
  EXPECT_GT(lived.Ended("back-service", "").size(), 1'000u);
}

TEST(GivingUp, ACancellationTravelsDownTheWholeChain) {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 2;
  scenario.journeys[0].patience = sim::Milliseconds(50);
  scenario.services[1].service_time = Constantly(sim::Milliseconds(1));
  scenario.services[2].service_time = Constantly(sim::Milliseconds(100));
  const Lived lived(scenario);
  for (const char* service : {"front-service", "middle-service", "back-service"}) {
    EXPECT_GT(lived.Ended(service, "ERR_499").size(), 1'000u) << service;
  }
}

TEST(GivingUp, ATimeLimitIsAnsweredAtOnceAndMayBeTriedAgain) {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 2;
  scenario.services[2].time_limit = sim::Milliseconds(20);
  scenario.services[2].service_time = Constantly(sim::Milliseconds(60));
  // The result that the work would have had does not matter.
  scenario.services[2].errors = {
      {.code = "ERR_400", .rate = 1, .retryable = false, .messages = {"no"}}};
  const Lived lived(scenario);
  const std::size_t limited = lived.Ended("back-service", "ERR_524").size();
  const std::vector<Record> failed = lived.Ended("middle-service", "ERR_502");
  EXPECT_GT(failed.size(), 1'000u);
  EXPECT_NEAR(static_cast<double>(limited), 2.0 * static_cast<double>(failed.size()), 3);
  EXPECT_TRUE(lived.Ended("middle-service", "ERR_504").empty());
}

TEST(GivingUp, AWorkDoneJustBeforeTheTimeLimitIsAnswered) {
  Scenario scenario = SmallScenario();
  scenario.network_latency = Constantly(sim::Milliseconds(5));
  scenario.services[2].service_time = Constantly(sim::Milliseconds(18));
  scenario.services[2].time_limit = sim::Milliseconds(20);
  const Lived lived(scenario);
  EXPECT_GT(lived.Ended("middle-service", "").size(), 10'000u);
  EXPECT_TRUE(lived.Ended("middle-service", "ERR_504").empty());
}

// A cancellation may arrive when its span is over and the slot is used by another span.
TEST(GivingUp, ACancellationThatComesTooLateReachesNobody) {
  Scenario scenario = SmallScenario();
  scenario.duration = sim::Seconds(10);
  scenario.network_latency = Constantly(sim::Milliseconds(50));
  scenario.services[0].concurrency = 1'000;
  scenario.journeys[0].root.calls.clear();
  scenario.journeys[0].rate_per_second = 1;
  scenario.journeys[0].patience = sim::Milliseconds(100);
  Fault surge = SmallFault(Fault::Kind::kSurge, "front-service");
  surge.at = sim::Seconds(1);
  surge.duration = sim::Seconds(2);
  surge.ramp = sim::Seconds(1);
  surge.factor = 1'000;
  scenario.faults = {surge};
  const Lived lived(scenario);
  // Each client gives up before its answer can arrive; spans that have ended cannot be cancelled.
  EXPECT_GT(lived.Ended("front-service", "").size(), 500u);
}

}  // namespace
}  // namespace groundhog::model
