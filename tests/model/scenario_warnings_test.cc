#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "model/review/warnings.h"
#include "model/scenario/parse/parser.h"

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
  b: {service_time: 20ms}
journeys:
  j: {rate: 10/s, deadline: 200ms, entry: {service: a, calls: [b]}}
faults:
  f: {kind: outage, target: b, at: 1h, for: 10m}
)";

// For calls that lead back; must be set first.
constexpr std::string_view kBack = "services.b.dependencies={a: {timeout: 80ms}}";

Scenario Changed(const std::string& change, std::string_view before = "seed=1") {
  const auto parsed =
      ParseScenario(kPlausible, "f.yaml", {{.value = std::string(before)}, {.value = change}});
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->scenario : Scenario();
}

std::vector<std::string> Texts(const Scenario& scenario) {
  std::vector<std::string> texts;
  for (const ScenarioWarning& warning : ScenarioWarnings(scenario)) texts.push_back(warning.text);
  return texts;
}

std::vector<std::string> WarningsAfter(const std::string& change) { return Texts(Changed(change)); }

TEST(ScenarioWarnings, ThereAreNoneForAPlausibleScenario) {
  EXPECT_THAT(WarningsAfter("seed=2"), IsEmpty());
}

// 'b' works for 20 ms, and each way takes 0.5 ms.
TEST(ScenarioWarnings, ATimeoutBelowAllOfTheCalleesPathIsCertain) {
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.timeout=21ms"),
              ElementsAre("every attempt of 'a' to call 'b' in journey 'j' times out, and every "
                          "request of 'j' fails: 'timeout' is 21ms, but an answer takes at least "
                          "21ms, 21ms in the median and 21ms at p95; 'timeout: 22ms' lets 99 % of "
                          "them pass"));
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.timeout=22ms"), IsEmpty());
}

TEST(ScenarioWarnings, ATimeoutBetweenTheQuantilesHasAShare) {
  const std::vector<std::string> warnings = WarningsAfter(
      "services.b.service_time={mixture: [{weight: 7, constant: 20ms}, {weight: 3, constant: 150ms}"
      "]}");
  ASSERT_EQ(warnings.size(), 1u);
  int share = 0;
  ASSERT_EQ(std::sscanf(warnings[0].c_str(), "about %d %% of the attempts", &share), 1);
  EXPECT_NEAR(share, 30, 3);
  EXPECT_THAT(warnings[0],
              HasSubstr("of 'a' to call 'b' in journey 'j' time out, although nothing waits"));
  EXPECT_THAT(warnings[0], HasSubstr("21ms in the median and 151ms at p95"));
}

TEST(ScenarioWarnings, ADeadlineBelowTheWholePath) {
  EXPECT_THAT(WarningsAfter("journeys.j.deadline=32ms"),
              ElementsAre("every request of 'j' fails at its 'deadline', 32ms: an answer takes at "
                          "least 32ms, 32ms in the median and 32ms at p95; 'deadline: 33ms' lets "
                          "99 % of them pass"));
  EXPECT_THAT(WarningsAfter("journeys.j.deadline=33ms"), IsEmpty());
  EXPECT_THAT(WarningsAfter("journeys.j.client={patience: 30ms}"),
              ElementsAre(HasSubstr("at its 'patience', 30ms")));
}

TEST(ScenarioWarnings, ATimeLimitBelowTheWork) {
  EXPECT_THAT(WarningsAfter("services.b.time_limit=5ms"),
              ElementsAre(HasSubstr("a span of 'b' takes longer than its 'time_limit', 5ms")));
}

TEST(ScenarioWarnings, AConsumersDeadlineBelowTheWork) {
  Scenario scenario = Changed("seed=1");
  scenario.services[0].dependencies[0].is_async = true;
  scenario.services[1].consumers = Consumers{.count = 2, .deadline = sim::Milliseconds(10)};
  EXPECT_THAT(Texts(scenario),
              ElementsAre(HasSubstr("about 100 % of the messages to 'b' in journey 'j' fail")));
}

TEST(ScenarioWarnings, AServiceThatWaitsForItsOwnSlot) {
  Scenario scenario = Changed("journeys.j.entry.calls=[{service: b, calls: [a]}]", kBack);
  scenario.services[0].concurrency = 1;
  scenario.journeys[0].rate_per_second = 0.1;
  EXPECT_THAT(Texts(scenario), ElementsAre(HasSubstr("every request of 'j' fails: 'a' is called "
                                                     "again before it has answered")));
  scenario.services[0].hosts = 4;
  EXPECT_THAT(Texts(scenario), ElementsAre(HasSubstr("about 2")));  // a quarter
  scenario.services[0].concurrency = 2;
  EXPECT_THAT(Texts(scenario), IsEmpty());
}

TEST(ScenarioWarnings, RetriesThatDoNotFitIntoTheDeadline) {
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.retries={max: 5, backoff: 1s}"),
              ElementsAre(HasSubstr("of the 5 retries that 'a' may make when it calls 'b' only "
                                    "about 0.")));
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.retries={max: 5, backoff: 1ms}"), IsEmpty());
}

TEST(ScenarioWarnings, ADependencyThatNoJourneyTakes) {
  EXPECT_THAT(
      WarningsAfter(std::string(kBack)),
      ElementsAre(
          "'b' never calls 'a': a dependency says how to call, but only a journey makes calls; "
          "write {service: b, calls: [a]} in a journey, or leave the dependency "
          "out"));
}

TEST(ScenarioWarnings, ACallThatLeadsNoFurtherThanInAnotherJourney) {
  Scenario scenario = Changed("seed=1", kBack);
  Journey longer = scenario.journeys[0];
  longer.name = "longer";
  longer.root.calls[0].calls = {{.service = "a", .calls = {}}};
  scenario.journeys.push_back(longer);
  EXPECT_THAT(Texts(scenario),
              ElementsAre(HasSubstr("journey 'j' ends at 'b', which calls 'a' in journey 'longer'"),
                          HasSubstr("journey 'longer' ends at 'a'")));
}

TEST(ScenarioWarnings, ACallOrAJourneyThatIsNeverMade) {
  EXPECT_THAT(WarningsAfter("journeys.j.entry.calls=[b, {service: b, probability: 0}]"),
              ElementsAre(HasSubstr("journey 'j' never calls 'b' here")));
  EXPECT_THAT(WarningsAfter("journeys.k={rate: 0/s, deadline: 1s, entry: a}"),
              ElementsAre(HasSubstr("journey 'k' gets no requests")));
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

TEST(ScenarioWarnings, AFaultWhoseTargetHasNothingToLose) {
  Scenario scenario = Changed("faults.f={kind: capacity, target: b, at: 1h, for: 1m, factor: 0.5}");
  EXPECT_THAT(Texts(scenario), IsEmpty());
  scenario.services[1].concurrency = 1;
  EXPECT_THAT(Texts(scenario),
              ElementsAre("fault 'f' does nothing: a host of 'b' has 1 slot, and one is always "
                          "left"));
  scenario = Changed("faults.f={kind: latency, target: b, at: 1h, for: 1m, factor: 9}");
  scenario.services[1].service_time = {};
  EXPECT_THAT(Texts(scenario),
              ElementsAre("fault 'f' does nothing: the service_time of 'b' is 0s"));
}

TEST(ScenarioWarnings, AFaultWhereNobodyGoes) {
  const Scenario scenario =
      Changed("faults.g={kind: loss, target: a, callers: [b], rate: 1, at: 1h, for: 1m}", kBack);
  EXPECT_THAT(Texts(scenario),
              ElementsAre(HasSubstr("'b' never calls 'a'"),
                          "fault 'g' does nothing: its callers call 'a' in no journey"));
}

TEST(ScenarioWarnings, KeysWithoutEffect) {
  EXPECT_THAT(WarningsAfter("services.b.consumers={}"),
              ElementsAre(HasSubstr("the consumers of 'b' have nothing to do")));
  EXPECT_THAT(WarningsAfter("services.b.shedding={concurrency_limit: 80}"),
              ElementsAre(HasSubstr("the 'concurrency_limit' of 'b', 80, never sheds anything")));
  EXPECT_THAT(WarningsAfter("services.b.shedding={concurrency_limit: 79}"), IsEmpty());
  EXPECT_THAT(WarningsAfter("services.b.errors={ERR_500: {rate: 0}}"),
              ElementsAre("the error ERR_500 of 'b' never happens: its rate is 0"));
  EXPECT_THAT(WarningsAfter("services.a.dependencies.b.retries={budget_percent: 10}"),
              ElementsAre(HasSubstr("the retry budget of 'a' for 'b' does nothing")));
  EXPECT_THAT(WarningsAfter("network.cross_zone=5ms"),
              ElementsAre(HasSubstr("'cross_zone' does nothing")));
}

TEST(ScenarioWarnings, ABurstThatDoesNothing) {
  EXPECT_THAT(WarningsAfter("traffic={bursts: {sale: {at: 1h, for: 1h, factor: 1}}}"),
              ElementsAre("burst 'sale' does nothing: its factor is 1"));
}

TEST(ScenarioWarnings, ABurstThatNeverBegins) {
  Scenario scenario = Changed("seed=2");
  scenario.bursts.push_back(
      {.name = "sale", .at = sim::Hours(25), .duration = sim::Hours(1), .factor = 2});
  EXPECT_THAT(Texts(scenario), ElementsAre(HasSubstr("burst 'sale' never begins")));
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
  EXPECT_THAT(Texts(scenario),
              ElementsAre(HasSubstr("'b' is offered 120 % of its consumers' time at the peak")));
  scenario.services[1].consumers->count = 2;
  EXPECT_THAT(Texts(scenario), IsEmpty());
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
  Scenario scenario = Changed("journeys.j.entry.calls=[{service: b, calls: [a]}]", kBack);
  EXPECT_THAT(Texts(scenario), IsEmpty());
  scenario.services[1].dependencies[0].propagates_deadline = false;
  EXPECT_THAT(Texts(scenario),
              ElementsAre("journey 'j' has the call cycle a -> b -> a without a deadline that "
                          "travels along: when its slots are taken, 'a' waits for itself"));
  scenario.services[0].dependencies[0].is_async = true;  // no caller waits
  scenario.services[1].consumers = Consumers();
  EXPECT_THAT(Texts(scenario), IsEmpty());
}

TEST(ScenarioWarnings, EachCycleIsToldOnce) {
  Scenario scenario = Changed(
      "journeys.j.entry.calls=[{service: b, calls: [a, {service: a, calls: [{service: b, calls: "
      "[a]}]}]}]",
      kBack);
  for (Service& service : scenario.services) {
    service.concurrency = 100;
    service.dependencies[0].propagates_deadline = false;
  }
  EXPECT_THAT(Texts(scenario),
              ElementsAre(HasSubstr(" a -> b -> a without"), HasSubstr(" b -> a -> b without")));
}

}  // namespace
}  // namespace groundhog::model
