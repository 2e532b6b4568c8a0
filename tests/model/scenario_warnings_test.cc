#include "model/scenario_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/scenario_parser.h"
#include "tests/model/full_scenario.h"

namespace groundhog::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Nothing implausible: 'a' calls 'b', which is outside for ten minutes.
constexpr std::string_view kPlausible = R"(
name: x
duration: 24h
network: {latency: 500us}
services:
  a: {service_time: 10ms, concurrency: 2, dependencies: {b: {timeout: 100ms}}}
  b: {service_time: 20ms, dependencies: {a: {timeout: 80ms}}}
journeys:
  j: {rate: 10/s, deadline: 200ms, entry: {service: a, calls: [b]}}
faults:
  f: {kind: outage, target: b, at: 1h, for: 10m}
)";

Scenario Changed(const std::string& change) {
  const auto parsed = ParseScenario(kPlausible, "f.yaml", {{.value = change}});
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->scenario : Scenario();
}

std::vector<std::string> WarningsAfter(const std::string& change) {
  return ScenarioWarnings(Changed(change));
}

TEST(ScenarioWarnings, ThereAreNoneForAPlausibleScenario) {
  EXPECT_THAT(WarningsAfter("seed=2"), IsEmpty());
}

TEST(ScenarioWarnings, ATimeoutBelowTheMedianOfTheCallee) {
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.timeout=19ms"),
              ElementsAre(HasSubstr("'a' gives 'b' 19ms, less than the median of its service time, "
                                    "20ms: most attempts will time out")));
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.timeout=20ms"), IsEmpty());
}

TEST(ScenarioWarnings, ADeadlineBelowTheMedianOfTheEntry) {
  EXPECT_THAT(WarningsAfter("journeys.j.deadline=9ms"),
              ElementsAre(HasSubstr("journey 'j' has a deadline of 9ms")));
}

TEST(ScenarioWarnings, AFaultThatNeverBegins) {
  EXPECT_THAT(WarningsAfter("faults.f.at=24h"),
              ElementsAre("fault 'f' never begins: it is due after 24h, but the run lasts 24h"));
  EXPECT_THAT(WarningsAfter("faults.f.at=23h59m"), IsEmpty());
}

TEST(ScenarioWarnings, ARandomFaultThatNeverBegins) {
  EXPECT_THAT(WarningsAfter("faults.f={kind: crash, target: b, mtbf: 10000d, mttr: 1m}"),
              ElementsAre("fault 'f' never begins: with seed 1 it comes only after the 24h of the "
                          "run"));
  EXPECT_THAT(WarningsAfter("faults.f={kind: crash, target: b, mtbf: 1h, mttr: 1m}"), IsEmpty());
}

TEST(ScenarioWarnings, AFaultThatDoesNothing) {
  EXPECT_THAT(WarningsAfter("faults.f.rate=0"),
              ElementsAre("fault 'f' does nothing: its rate is 0"));
  EXPECT_THAT(WarningsAfter("faults.f={kind: latency, target: a, at: 1h, for: 1m, factor: 1}"),
              ElementsAre("fault 'f' does nothing: its factor is 1"));
}

TEST(ScenarioWarnings, ABurstThatNeverBegins) {
  Scenario scenario = Changed("seed=2");
  scenario.bursts.push_back({.name = "sale", .at = sim::Hours(25), .duration = sim::Hours(1)});
  EXPECT_THAT(ScenarioWarnings(scenario), ElementsAre(HasSubstr("burst 'sale' never begins")));
}

TEST(ScenarioWarnings, MoreWorkAtThePeakThanSlots) {
  EXPECT_THAT(WarningsAfter("journeys.j.rate=100/s"),
              ElementsAre(HasSubstr("'a' is offered 155 % of its slots' time at the peak")));
  EXPECT_THAT(WarningsAfter("journeys.j.rate=50/s"), IsEmpty());
  const std::string evening =
      "traffic={daily: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]}";
  EXPECT_THAT(WarningsAfter(evening), ElementsAre(HasSubstr("'a' is offered 372 %")));
}

TEST(ScenarioWarnings, MoreMessagesAtThePeakThanConsumersTake) {
  Scenario scenario = Changed("journeys.j.rate=60/s");
  scenario.services[0].dependencies[0].is_async = true;
  scenario.services[1].consumers = Consumers{.count = 1};
  EXPECT_THAT(ScenarioWarnings(scenario),
              ElementsAre(HasSubstr("'b' is offered 120 % of its consumers' time at the peak")));
  scenario.services[1].consumers->count = 2;
  EXPECT_THAT(ScenarioWarnings(scenario), IsEmpty());
}

TEST(ScenarioWarnings, AServiceThatNoJourneyReaches) {
  EXPECT_THAT(WarningsAfter("services.c={service_time: 1ms}"),
              ElementsAre("no journey reaches 'c': it logs only its intervals"));
}

TEST(ScenarioWarnings, NoJourneys) {
  EXPECT_THAT(WarningsAfter("journeys={}"),
              ElementsAre("there are no journeys: services log only their intervals"));
}

TEST(ScenarioWarnings, ACallCycleWithoutADeadline) {
  Scenario scenario = Changed("journeys.j.entry.calls=[{service: b, calls: [a]}]");
  EXPECT_THAT(ScenarioWarnings(scenario), IsEmpty());
  EXPECT_THAT(WarningsAfter("services.b.dependencies.a.propagate_deadline=false"), IsEmpty());
  scenario.services[1].dependencies[0].propagates_deadline = false;
  EXPECT_THAT(ScenarioWarnings(scenario),
              ElementsAre("journey 'j' has the call cycle a -> b -> a without a deadline that "
                          "travels along: when its slots are taken, 'a' waits for itself"));
  scenario.services[0].dependencies[0].is_async = true;  // nobody waits
  scenario.services[1].consumers = Consumers();
  EXPECT_THAT(ScenarioWarnings(scenario), IsEmpty());
}

TEST(ScenarioWarnings, EachCycleIsToldOnce) {
  Scenario scenario = Changed(
      "journeys.j.entry.calls=[{service: b, calls: [a, {service: a, calls: [{service: b, calls: "
      "[a]}]}]}]");
  for (Service& service : scenario.services) {
    service.concurrency = 100;
    service.dependencies[0].propagates_deadline = false;
  }
  EXPECT_THAT(ScenarioWarnings(scenario),
              ElementsAre(HasSubstr(" a -> b -> a without"), HasSubstr(" b -> a -> b without")));
}

}  // namespace
}  // namespace groundhog::model
