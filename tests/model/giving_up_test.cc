// Who gives up when, who is told of it, and who hears what in the end.
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "tests/model/lived.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

using traces::Record;

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
  // Each client gives up before it can have its answer; who has ended by then cannot be cancelled.
  EXPECT_GT(lived.Ended("front-service", "").size(), 500u);
}

}  // namespace
}  // namespace groundhog::model
