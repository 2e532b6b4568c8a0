#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/review/offered_load.h"
#include "model/scenario/parse/parser.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::HasSubstr;

Scenario Parse(std::string_view text) {
  const auto parsed = ParseScenario(text, "f.yaml");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->scenario : Scenario();
}

// 'a', 2 hosts of 5 slots, works 10 ms; 'b', one slot, works 20 ms. A hop takes 1 ms.
Scenario TwoServices(std::string_view entry, std::string_view more = "") {
  return Parse(Concat(
      {"name: x\nnetwork: {latency: 1ms}\nservices:\n"
       "  a: {service_time: 10ms, hosts: 2, concurrency: 5, dependencies: {b: {timeout: 1s}}}\n"
       "  b: {service_time: 20ms, concurrency: 1}\n"
       "journeys: {j: {rate: 10/s, deadline: 1s, entry: ",
       entry, "}}\n", more}));
}

TEST(ScenarioLoad, FollowsTheCallTrees) {
  const std::vector<ServiceLoad> loads =
      OfferedLoad(TwoServices("{service: a, calls: [{service: b, probability: 0.5}]}"));
  EXPECT_DOUBLE_EQ(loads.at(0).slots.per_second, 10);
  EXPECT_NEAR(loads.at(0).slots.utilisation, 10 * (0.010 + 0.5 * 0.022) / 10, 1e-12);
  EXPECT_DOUBLE_EQ(loads.at(1).slots.per_second, 5);
  EXPECT_NEAR(loads.at(1).slots.utilisation, 5 * 0.020, 1e-12);
  EXPECT_EQ(loads.at(1).consumers.per_second, 0);
}

TEST(ScenarioLoad, CallsMadeAtTheSameTimeCountAsTheSlowest) {
  Scenario scenario = TwoServices("{service: a, calls: [b, {service: b, probability: 0.5}, b]}");
  const double in_turn = OfferedLoad(scenario)[0].slots.utilisation;
  EXPECT_NEAR(in_turn, 10 * (0.010 + 2.5 * 0.022) / 10, 1e-12);
  scenario.journeys[0].root.calls[1].is_with_previous = true;
  EXPECT_NEAR(OfferedLoad(scenario)[0].slots.utilisation, 10 * (0.010 + 2 * 0.022) / 10, 1e-12);
}

TEST(ScenarioLoad, NobodyWaitsForMessages) {
  Scenario scenario = TwoServices("{service: a, calls: [b]}");
  scenario.services[0].dependencies[0].is_async = true;
  scenario.services[1].consumers = Consumers{.count = 4};
  const std::vector<ServiceLoad> loads = OfferedLoad(scenario);
  EXPECT_NEAR(loads[0].slots.utilisation, 10 * 0.010 / 10, 1e-12);
  EXPECT_EQ(loads[1].slots.per_second, 0);
  EXPECT_DOUBLE_EQ(loads[1].consumers.per_second, 10);
  EXPECT_NEAR(loads[1].consumers.utilisation, 10 * 0.020 / 4, 1e-12);
}

TEST(ScenarioLoad, PeakIsThatOfTheCurveWithinTheRun) {
  const std::string noon =
      "traffic: {daily: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "
      "1]}\n";
  const double mean = (23 + 4) / 24.0;
  EXPECT_NEAR(OfferedLoad(TwoServices("a", noon)).at(0).slots_peak.per_second, 40 / mean, 1e-9);
  // Half an hour before noon: half way up.
  EXPECT_NEAR(
      OfferedLoad(TwoServices("a", noon + "duration: 11h30m\n")).at(0).slots_peak.per_second,
      25 / mean, 1e-6);
  EXPECT_NEAR(OfferedLoad(TwoServices("a", noon)).at(0).slots.per_second, 10, 1e-12);
}

TEST(ScenarioLoad, PeakMindsTheDaysOfTheWeek) {
  const std::string weekend = "traffic: {weekly: [1, 1, 1, 1, 1, 3, 3]}\n";
  const double mean = (5 + 2 * 3) / 7.0;
  const auto peak = [&](std::string_view duration) {
    return OfferedLoad(TwoServices("a", Concat({weekend, "duration: ", duration, "\n"})))
        .at(0)
        .slots_peak.per_second;
  };
  EXPECT_NEAR(peak("5d"), 10 / mean, 1e-9);  // starting on a Monday
  EXPECT_NEAR(peak("121h"), 30 / mean, 1e-9);
}

TEST(ScenarioLoad, PeakMindsBursts) {
  Scenario scenario = TwoServices("a");
  scenario.bursts.push_back({.name = "sale",
                             .at = sim::Hours(200),
                             .duration = sim::Minutes(10),
                             .ramp = sim::Minutes(2),
                             .factor = 7});
  scenario.duration = sim::Hours(100);
  EXPECT_NEAR(OfferedLoad(scenario)[0].slots_peak.per_second, 10, 1e-9);
  scenario.duration = sim::Hours(300);
  EXPECT_NEAR(OfferedLoad(scenario)[0].slots_peak.per_second, 70, 1e-9);
  scenario.bursts[0].journeys = {"another"};
  EXPECT_NEAR(OfferedLoad(scenario)[0].slots_peak.per_second, 10, 1e-9);
}

TEST(ScenarioLoad, UsersGoRoundWithTheirThinkTimes) {
  Scenario scenario = TwoServices("{service: a, calls: [b]}");
  scenario.journeys[0].rate_per_second = 0;
  UserPopulation users{.name = "u", .count = 6};
  users.think_time = {.value = sim::Milliseconds(966)};
  users.session_pause = {.value = sim::Seconds(1)};
  users.session.push_back({.journey = "j", .times = 2});
  scenario.users.push_back(users);
  // An answer takes 10 ms + 20 ms + 4 hops, so a session of two requests takes 3 s.
  const ServiceLoad load = OfferedLoad(scenario)[0];
  EXPECT_NEAR(load.slots.per_second, 6 * 2 / 3.0, 1e-9);
  EXPECT_NEAR(load.slots_peak.per_second, 6 * 2 / 3.0, 1e-9);
}

TEST(ScenarioLoad, TextIsCommentsWithALineForEachService) {
  const std::string text = LoadText(TwoServices("{service: a, calls: [b]}"));
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    EXPECT_EQ(text[at], '#') << text;
  }
  EXPECT_THAT(text, HasSubstr("\n# a       10.00     3.2 %       10.00     3.2 %\n"));
  EXPECT_THAT(text, HasSubstr("\n# b       10.00    20.0 %       10.00    20.0 %\n"));
}

}  // namespace
}  // namespace groundhog::model
