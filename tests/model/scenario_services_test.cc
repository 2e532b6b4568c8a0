// Services and their dependencies: how hosts protect themselves, and how callers do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/model/full_scenario.h"
#include "tests/model/scenario_errors.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::EndsWith;
using testing::HasSubstr;

// Of a service beside those of a small world, with these keys.
std::string ErrorOfService(std::string_view keys) {
  return ErrorOf(Concat(
      {"name: x\nservices:\n  back: {service_time: 1ms}\n  s: {service_time: 1ms, ", keys, "}\n"}));
}

std::string ErrorOfDependency(std::string_view keys) {
  return ErrorOfService(Concat({"dependencies: {back: {", keys, "}}"}));
}

TEST(ScenarioServices, EveryProtectionIsFilled) {
  const auto parsed = ParseScenario(kFullScenario, "full.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Service& caller = parsed->scenario.services.at(0);
  EXPECT_EQ(caller.zones, (std::vector<std::string>{"eu", "us"}));
  EXPECT_TRUE(caller.prefers_own_zone);
  EXPECT_EQ(caller.queue_timeout, sim::Milliseconds(200));
  EXPECT_EQ(caller.shedding, (SheddingPolicy{.concurrency_limit = 30,
                                             .queue_delay = sim::Milliseconds(20),
                                             .window = sim::Milliseconds(50)}));
  EXPECT_EQ(caller.warm_up, (WarmUp{.duration = sim::Minutes(2), .factor = 4}));
  EXPECT_EQ(caller.health_check,
            (HealthCheck{.interval = sim::Seconds(2), .unhealthy_after = 4, .healthy_after = 1}));
  EXPECT_EQ(caller.time_limit, sim::Seconds(10));
  EXPECT_EQ(parsed->scenario.services.at(4).consumers,
            (Consumers{.count = 2, .queue_bound = 100, .deadline = sim::Seconds(20)}));
  const DependencyPolicy& policy = caller.dependencies.at(0);
  EXPECT_EQ(policy.retries.budget_percent, 20);
  EXPECT_EQ(policy.breaker, (BreakerPolicy{.failure_rate = 0.4,
                                           .window = sim::Seconds(20),
                                           .calls_min = 10,
                                           .open_time = sim::Seconds(3),
                                           .probes = 2}));
  EXPECT_FALSE(policy.propagates_deadline);
  EXPECT_FALSE(policy.cancels);
  EXPECT_FALSE(policy.is_async);
  EXPECT_TRUE(caller.dependencies.at(2).is_async);
}

TEST(ScenarioServices, ProtectionsAreOffUnlessGivenAndThenHaveDefaults) {
  const auto parsed = ParseScenario(
      "name: x\nservices:\n  a: {service_time: 1ms, dependencies: {b: {timeout: 1s}}}\n"
      "  b: {service_time: 1ms, consumers: {}, health_check: {}, warm_up: {for: 1m},\n"
      "      dependencies: {a: {timeout: 1s, breaker: {}}}}\n",
      "f.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Service& plain = parsed->scenario.services.at(0);
  EXPECT_FALSE(plain.queue_timeout || plain.warm_up || plain.health_check || plain.consumers);
  EXPECT_FALSE(plain.shedding.concurrency_limit || plain.shedding.queue_delay);
  EXPECT_EQ(plain.time_limit, sim::Hours(1));
  EXPECT_FALSE(plain.dependencies.at(0).breaker.has_value());
  EXPECT_FALSE(plain.dependencies.at(0).retries.budget_percent.has_value());
  EXPECT_TRUE(plain.dependencies.at(0).propagates_deadline);
  EXPECT_TRUE(plain.dependencies.at(0).cancels);
  const Service& other = parsed->scenario.services.at(1);
  EXPECT_EQ(other.consumers, (Consumers{.deadline = sim::Seconds(30)}));
  EXPECT_EQ(other.health_check, (HealthCheck{.interval = sim::Seconds(5)}));
  EXPECT_EQ(other.warm_up, (WarmUp{.duration = sim::Minutes(1), .factor = 3}));
  EXPECT_EQ(other.dependencies.at(0).breaker,
            (BreakerPolicy{.window = sim::Seconds(10), .open_time = sim::Seconds(5)}));
}

TEST(ScenarioServices, EveryZoneHasAHost) {
  EXPECT_EQ(ErrorOfService("hosts: 2, zones: [a, b]"), "(none)");
  EXPECT_EQ(ErrorOfService("hosts: 2, zones: [a, b, c]"),
            "f.yaml:4:36: 'zones' names 3 zones, but 's' has 2 hosts, so some would be empty");
  EXPECT_THAT(ErrorOfService("zones: [a, a]"), HasSubstr("'zones' names 'a' twice"));
  EXPECT_THAT(ErrorOfService("zones: [A]"), HasSubstr("'A' is no name of lower-case letters"));
  EXPECT_THAT(ErrorOfService("prefer_own_zone: true"),
              EndsWith("'prefer_own_zone' needs the key 'zones' beside it: a list of names"));
}

TEST(ScenarioServices, ZonesAreLimited) {
  std::string zones;
  for (int i = 0; i < 101; ++i) zones += Concat({"z", std::to_string(i), ","});
  EXPECT_THAT(ErrorOfService(Concat({"hosts: 101, zones: [", zones, "]"})),
              HasSubstr("the services are in 101 zones; at most 100 are possible"));
}

TEST(ScenarioServices, SheddingWindowNeedsADelay) {
  EXPECT_EQ(ErrorOfService("shedding: {queue_delay: 5ms, window: 1s}"), "(none)");
  EXPECT_THAT(ErrorOfService("shedding: {window: 1s}"),
              HasSubstr("'window' needs the key 'queue_delay' beside it"));
}

TEST(ScenarioDependencies, BreakerNeedsFailuresToOpen) {
  EXPECT_THAT(ErrorOfDependency("timeout: 1s, breaker: {failure_rate: 0}"),
              HasSubstr("'failure_rate' must be above 0"));
}

TEST(ScenarioDependencies, AsyncHasNoneOfTheOtherKeys) {
  for (const std::string_view key : {"timeout: 1s", "retries: {max: 1}", "fallback: fail",
                                     "breaker: {}", "propagate_deadline: true", "cancel: true"}) {
    const std::string name(key.substr(0, key.find(':')));
    EXPECT_THAT(
        ErrorOfDependency(Concat({"async: true, ", key})),
        HasSubstr(Concat({"'", name, "' does not go with 'async: true'; leave one of them out"})));
    EXPECT_THAT(ErrorOfDependency(Concat({"async: false, ", key})),
                testing::Not(HasSubstr("does not go with")));
  }
  EXPECT_THAT(ErrorOfDependency("async: false"), HasSubstr("needs the key 'timeout'"));
}

TEST(ScenarioDependencies, AsyncNeedsConsumersAtTheCallee) {
  EXPECT_EQ(ErrorOfDependency("async: true"),
            "f.yaml:4:55: 's' leaves messages to 'back', which has no consumers to take them; add "
            "'services.back.consumers: {count: 4}'");
  EXPECT_EQ(ErrorOf("name: x\nservices:\n  a: {service_time: 1ms, dependencies: {b: {async: "
                    "true}}}\n  b: {service_time: 1ms, consumers: {}}\n"),
            "(none)");
}

}  // namespace
}  // namespace groundhog::model
