// Traffic and network: zones, links, bursts, clients, groups of calls and users.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/model/full_scenario.h"
#include "tests/model/scenario_errors.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::EndsWith;
using testing::HasSubstr;

Scenario Full() {
  const auto parsed = ParseScenario(kFullScenario, "full.yaml");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->scenario : Scenario();
}

// Of a journey beside the others, of `front`, with these keys.
std::string ErrorOfJourney(std::string_view keys) {
  return ErrorOf(Concat({kSmallScenario, "  j: {rate: 1/s, deadline: 1s, ", keys, "}\n"}));
}

TEST(ScenarioNetwork, ZonesAndLinksAreFilled) {
  const Scenario scenario = Full();
  ASSERT_TRUE(scenario.cross_zone_latency.has_value());
  EXPECT_EQ(scenario.cross_zone_latency->p50, sim::Milliseconds(10));
  ASSERT_EQ(scenario.zone_links.size(), 1u);
  EXPECT_EQ(scenario.zone_links[0].one, "eu");
  EXPECT_EQ(scenario.zone_links[0].other, "us");
  EXPECT_EQ(scenario.zone_links[0].latency.value, sim::Milliseconds(40));
}

TEST(ScenarioNetwork, LinkJoinsTwoKnownZonesOnce) {
  const auto links = [](std::string_view text) {
    return ErrorOfSection(Concat({"network: {links: [", text, "]}"}));
  };
  EXPECT_EQ(links("{between: [east, west], latency: 9ms}"), "(none)");
  EXPECT_EQ(links("{between: [east, wst], latency: 9ms}"),
            "f.yaml:12:36: a link names the zone 'wst', which there is not; did you mean 'west'?");
  EXPECT_THAT(links("{between: [east], latency: 9ms}"), HasSubstr("must name two zones, not 1"));
  EXPECT_THAT(links("{between: [east, east], latency: 9ms}"), HasSubstr("names 'east' twice"));
  EXPECT_THAT(links("{between: [east, west], latency: 9ms}, {between: [west, east], latency: 1s}"),
              EndsWith("there is a link between 'west' and 'east' already; keep one of them"));
}

TEST(ScenarioNetwork, NoLatencyHasItsMiddleBelowTheMinimum) {
  const auto network = [](std::string_view text) {
    return ErrorOfSection(Concat({"network: {min: 2ms, latency: 2ms, ", text, "}"}));
  };
  EXPECT_EQ(network("cross_zone: 2ms"), "(none)");
  EXPECT_EQ(network("cross_zone: 1ms"),
            "f.yaml:12:35: the network's 'min', 2ms, must not be above the middle of its "
            "'cross_zone', 1ms");
  EXPECT_THAT(network("links: [{between: [east, west], latency: {exponential: 1ms}}]"),
              HasSubstr("middle of a link's 'latency', 1ms"));
  EXPECT_THAT(network("cross_zone: {mixture: [{weight: 1, constant: 9ms}, {weight: 1, "
                      "lognormal: {p50: 1ms, sigma: 1}}]}"),
              HasSubstr("middle of its 'cross_zone', 1ms"));
}

TEST(ScenarioDistributions, MixtureKeepsPartsAndWeights) {
  const DurationDistribution mixture = Full().services.at(4).service_time;
  EXPECT_EQ(mixture.kind, DurationDistribution::Kind::kMixture);
  EXPECT_EQ(mixture.weights, (std::vector<double>{9, 1, 2, 3}));
  ASSERT_EQ(mixture.parts.size(), 4u);
  EXPECT_EQ(mixture.parts[0].p99, sim::Milliseconds(5));
  EXPECT_EQ(mixture.parts[1].value, sim::Milliseconds(40));
  EXPECT_EQ(mixture.parts[2].kind, DurationDistribution::Kind::kExponential);
  EXPECT_DOUBLE_EQ(mixture.parts[3].sigma, 1);
}

TEST(ScenarioDistributions, MixtureHasTwoToSixteenPartsAndNoneWithin) {
  const auto mixture = [](std::string_view parts) {
    return ErrorOf(Concat({"name: x\nservices: {a: {service_time: {mixture: [", parts, "]}}}\n"}));
  };
  std::string parts;
  for (int i = 0; i < 16; ++i) parts += "{weight: 1, constant: 1ms}, ";
  EXPECT_EQ(mixture(parts), "(none)");
  EXPECT_THAT(mixture(parts + "{weight: 1, constant: 1ms}"), HasSubstr("2 to 16 parts, not 17"));
  EXPECT_THAT(mixture("{weight: 1, constant: 1ms}"), HasSubstr("2 to 16 parts, not 1"));
  EXPECT_THAT(mixture("{weight: 1, constant: 1ms}, {weight: 1, mixture: []}"),
              EndsWith("unknown key 'mixture' in a part of a mixture; known are weight, p50, p95, "
                       "p99, max, constant, exponential, lognormal"));
  EXPECT_THAT(mixture("{weight: 0, constant: 1ms}, {weight: 1, constant: 1ms}"),
              HasSubstr("'weight' must be above 0"));
  EXPECT_THAT(mixture("{constant: 1ms}, {weight: 1, constant: 2d}"),
              testing::AllOf(HasSubstr("a part of a mixture needs the key 'weight'"),
                             HasSubstr("'constant' must be a duration from 0s to 1d")));
}

TEST(ScenarioBursts, AreFilledWithTheTimeOfDayResolved) {
  const Scenario scenario = Full();
  ASSERT_EQ(scenario.bursts.size(), 2u);
  const Burst& lunch = scenario.bursts[0];
  EXPECT_EQ(lunch.journeys, std::vector<std::string>{"buy"});
  EXPECT_EQ(lunch.at, sim::Hours(6));  // the scenario starts at 06:00
  EXPECT_EQ(lunch.duration, sim::Hours(1));
  EXPECT_EQ(lunch.every, sim::Hours(24));
  EXPECT_EQ(lunch.ramp, sim::Minutes(10));
  EXPECT_DOUBLE_EQ(lunch.factor, 1.5);
  EXPECT_TRUE(scenario.bursts[1].journeys.empty());
}

TEST(ScenarioBursts, MistakesAreTold) {
  const auto burst = [](std::string_view keys) {
    return ErrorOfSection(Concat({"traffic: {bursts: {b: {factor: 2, for: 1h, ", keys, "}}}"}));
  };
  EXPECT_EQ(burst("at: 1h"), "(none)");
  EXPECT_THAT(burst("every: 2h"), HasSubstr("burst 'b' needs exactly one of 'at' and"));
  EXPECT_THAT(burst("at: 1h, every: 30m"), HasSubstr("burst 'b' cannot begin again before"));
  EXPECT_THAT(burst("at: 1h, ramp: 31m"), HasSubstr("above half of 'for', 1h"));
  EXPECT_THAT(burst("at: 1h, journeys: [look]"),
              EndsWith("journey 'look' has a rate of 0/s, so there is nothing to multiply; give it "
                       "a rate, or leave it out here"));
  EXPECT_THAT(burst("at: 1h, journeys: [lok]"), EndsWith("did you mean 'look'?"));
}

TEST(ScenarioJourneys, ClientIsFilledAndDefaultsToPatienceWithoutRetries) {
  const Scenario scenario = Full();
  const Journey& buy = scenario.journeys.at(0);
  EXPECT_EQ(buy.zone, "us");
  EXPECT_EQ(buy.patience, sim::Milliseconds(400));
  EXPECT_EQ(buy.retries.max, 1);
  EXPECT_EQ(buy.retries.backoff_base, sim::Milliseconds(500));
  EXPECT_FALSE(buy.cancels);
  const Journey& look = scenario.journeys.at(1);
  EXPECT_EQ(look.rate_per_second, 0);
  EXPECT_FALSE(look.patience.has_value());
  EXPECT_EQ(look.retries.max, 0);
  EXPECT_EQ(look.retries.backoff_base, sim::Milliseconds(10));
  EXPECT_TRUE(look.cancels);
}

TEST(ScenarioJourneys, ClientIsNoMorePatientThanTheDeadline) {
  EXPECT_EQ(ErrorOfJourney("entry: back, client: {patience: 1s}"), "(none)");
  EXPECT_THAT(ErrorOfJourney("entry: back, client: {patience: 1001ms}"),
              EndsWith("'patience', 1001ms, must not be above the journey's 'deadline', 1s, which "
                       "ends the request anyway"));
  EXPECT_THAT(ErrorOfJourney("entry: back, client: {retries: {budget_percent: 10}}"),
              HasSubstr("unknown key 'budget_percent' in retries of a client"));
  EXPECT_THAT(ErrorOfJourney("entry: back, zone: wst"), EndsWith("did you mean 'west'?"));
}

TEST(ScenarioJourneys, CallsOfAGroupAreWithTheOneBefore) {
  const std::vector<Call> calls = Full().journeys.at(0).root.calls;
  ASSERT_EQ(calls.size(), 5u);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i].is_with_previous, i >= 3) << i;
  }
  EXPECT_EQ(calls[3].service, "mailer");
  EXPECT_DOUBLE_EQ(calls[3].probability, 0.5);
}

TEST(ScenarioJourneys, GroupsSideBySideStayApart) {
  const auto parsed = ParseScenario(
      Concat({kSmallScenario,
              "  j: {rate: 1/s, deadline: 1s, entry: {service: front, calls: [{parallel: [back, "
              "back]}, {parallel: [back, back]}]}}\n"}),
      "f.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const std::vector<Call>& calls = parsed->scenario.journeys.at(2).root.calls;
  ASSERT_EQ(calls.size(), 4u);
  EXPECT_TRUE(calls[1].is_with_previous);
  EXPECT_FALSE(calls[2].is_with_previous);
  EXPECT_TRUE(calls[3].is_with_previous);
}

TEST(ScenarioJourneys, MisshapenGroupsAreRefused) {
  const auto group = [](std::string_view text) {
    return ErrorOfJourney(Concat({"entry: {service: front, calls: [", text, "]}"}));
  };
  EXPECT_THAT(group("{parallel: [back]}"), HasSubstr("'parallel' needs two calls at least"));
  EXPECT_THAT(group("{parallel: [back, {parallel: [back, back]}]}"),
              HasSubstr("a group cannot hold another one; list its calls in this one"));
  EXPECT_THAT(group("{parallel: [back, back], probability: 1}"),
              HasSubstr("unknown key 'probability' in a group of calls"));
  EXPECT_THAT(group("{parallel: [back, bck]}"), EndsWith("did you mean 'back'?"));
  EXPECT_THAT(group("{parallel: [back, front]}"), HasSubstr("'front' calls 'front' here without"));
}

TEST(ScenarioUsers, AreFilledWithDefaults) {
  const UserPopulation users = Full().users.at(0);
  EXPECT_EQ(users.count, 40);
  EXPECT_EQ(users.think_time.kind, DurationDistribution::Kind::kExponential);
  EXPECT_EQ(users.session_pause.p50, sim::Minutes(1));
  ASSERT_EQ(users.session.size(), 2u);
  EXPECT_EQ(users.session[0], (SessionStep{.journey = "look"}));
  EXPECT_EQ(users.session[1], (SessionStep{.journey = "buy", .probability = 0.4, .times = 2}));
}

TEST(ScenarioUsers, MistakesAreTold) {
  const auto users = [](std::string_view keys) {
    return ErrorOfSection(Concat({"users: {u: {think_time: 1s, ", keys, "}}"}));
  };
  EXPECT_EQ(users("count: 1, session: [look]"), "(none)");
  EXPECT_THAT(users("count: 1, session: [lok]"),
              EndsWith("users 'u' names the journey 'lok', which there is not; did you mean "
                       "'look'?"));
  EXPECT_THAT(users("count: 1, session: []"), HasSubstr("must have 1 to 100 steps, not 0"));
  EXPECT_THAT(users("count: 1, session: [{journey: look, probability: 0}]"),
              HasSubstr("'session' needs a step with a probability above 0"));
  EXPECT_THAT(users("session: [look]"), HasSubstr("users 'u' needs the key 'count'"));
  EXPECT_THAT(ErrorOfSection("users: {u: {count: 600000, think_time: 1s, session: [buy]}, v: "
                             "{count: 600000, think_time: 1s, session: [buy]}}"),
              HasSubstr("there are 1200000 users together; at most 1000000 are possible"));
}

TEST(ScenarioUsers, GrowWithTheScaleUpToTheLimit) {
  const auto scaled = [](std::string_view count) {
    const std::string users =
        Concat({"users={u: {count: ", count, ", think_time: 1s, session: [look]}}"});
    return ParseScenario(kSmallScenario, "f.yaml",
                         {{.value = users}, {.kind = Override::Kind::kScale, .value = "3"}});
  };
  const auto within = scaled("50");
  ASSERT_TRUE(within.ok()) << within.status();
  EXPECT_EQ(within->scenario.users.at(0).count, 150);
  EXPECT_EQ(scaled("500000").status().message(),
            "--scale 3: 1500000 users; at most 1000000 are possible, that is --scale 2");
}

}  // namespace
}  // namespace groundhog::model
