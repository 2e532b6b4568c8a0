// The faults of a scenario: which keys belong together, and what a fault may refer to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/scenario/keys/keys.h"
#include "tests/model/full_scenario.h"
#include "tests/model/scenario_errors.h"
#include "text/concat.h"
#include "text/spaced_words.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Of a fault of `front` with these keys.
std::string ErrorOfFault(std::string_view keys) {
  return ErrorOfSection(Concat({"faults: {f: {target: front, ", keys, "}}"}));
}

TEST(ScenarioFaults, EveryKindFillsItsFields) {
  const auto parsed = ParseScenario(kFullScenario, "full.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const std::vector<Fault>& faults = parsed->scenario.faults;
  ASSERT_EQ(faults.size(), 10u);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    constexpr std::array<Fault::Kind, 10> kKinds = {
        Fault::Kind::kOutage,   Fault::Kind::kLatency,  Fault::Kind::kErrorRate,
        Fault::Kind::kCrash,    Fault::Kind::kCapacity, Fault::Kind::kPartition,
        Fault::Kind::kLoss,     Fault::Kind::kSurge,    Fault::Kind::kDeploy,
        Fault::Kind::kClockSkew};
    EXPECT_EQ(faults[i].kind, kKinds[i]) << faults[i].name;
  }
  EXPECT_EQ(faults[1].ramp, sim::Minutes(5));
  EXPECT_EQ(faults[3].mtbf, sim::Hours(4));
  EXPECT_EQ(faults[3].mttr, sim::Minutes(5));
  EXPECT_EQ(faults[3].at, sim::Duration());
  EXPECT_EQ(faults[4].zones, std::vector<std::string>{"eu"});
  EXPECT_EQ(faults[5].callers, std::vector<std::string>{"caller"});
  EXPECT_DOUBLE_EQ(faults[6].rate, 0.1);
  EXPECT_EQ(faults[7].journeys, std::vector<std::string>{"buy"});
  EXPECT_EQ(faults[8].code, "ERR_505");
  EXPECT_EQ(faults[8].restart, sim::Seconds(20));
  EXPECT_EQ(faults[8].pause, sim::Seconds(40));
  EXPECT_EQ(faults[8].drain, sim::Seconds(3));
  EXPECT_EQ(faults[8].at_once, 2);
  EXPECT_EQ(faults[9].skew, sim::Seconds(90));
  EXPECT_EQ(faults[9].direction, Fault::Direction::kBehind);
}

// A slip in a kind's row would leave a key without conditions.
TEST(ScenarioFaults, KindsHaveKeysOfTheTable) {
  const ObjectSpec& fault = ObjectNamed("fault");
  for (const FaultKind& kind : kFaultKinds.rows()) {
    for (const std::string_view key : text::SplitWords(kind.keys)) {
      EXPECT_NE(FindKey(fault, key), nullptr) << kind.name << ": " << key;
    }
    for (const std::string_view key : text::SplitWords(kind.required_keys)) {
      EXPECT_TRUE(kind.HasKey(key)) << kind.name << ": " << key;
    }
    if (!kind.strength.empty()) {
      EXPECT_TRUE(kind.HasKey(kind.strength)) << kind.name;
    }
  }
}

TEST(ScenarioFaults, DefaultsSuitTheKind) {
  const auto parsed = ParseScenario(
      Concat({kSmallScenario, "faults:\n  o: {kind: outage, target: front, at: 1h, for: 1m}\n",
              "  d: {kind: deploy, target: front, at: 1h, for: 3m}\n"}),
      "f.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Fault& outage = parsed->scenario.faults.at(0);
  EXPECT_DOUBLE_EQ(outage.rate, 1);
  EXPECT_EQ(outage.restart, Fault().restart);
  const Fault& deploy = parsed->scenario.faults.at(1);
  EXPECT_DOUBLE_EQ(deploy.rate, 0);
  EXPECT_DOUBLE_EQ(deploy.factor, 1);
  EXPECT_EQ(deploy.restart, sim::Seconds(10));
  EXPECT_EQ(deploy.pause, sim::Seconds(20));
  EXPECT_EQ(deploy.drain, sim::Seconds(5));
}

TEST(ScenarioFaults, KeyOfAnotherKindIsRefusedWithTheKindsThatHaveIt) {
  EXPECT_EQ(ErrorOfFault("kind: crash, at: 1h, for: 1m, rate: 0.5"),
            "f.yaml:12:59: 'rate' belongs to faults of kind outage, error_rate, loss or deploy; "
            "leave it out");
  for (const std::string_view keys :
       {"kind: crash, at: 1h, for: 1m, ramp: 1s", "kind: partition, at: 1h, for: 1m, ramp: 1s",
        "kind: deploy, at: 1h, for: 1h, ramp: 1s", "kind: deploy, at: 1h, for: 1h, hosts: [1]",
        "kind: surge, at: 1h, for: 1h, factor: 2, zones: [east]",
        "kind: loss, at: 1h, for: 1h, rate: 1, journeys: [buy]",
        "kind: outage, at: 1h, for: 1h, callers: [front]", "kind: crash, at: 1h, for: 1h, skew: 1s",
        "kind: outage, at: 1h, for: 1h, restart: 1s",
        "kind: deploy, at: 1h, for: 1h, mtbf: 1h, mttr: 1h"}) {
    EXPECT_THAT(ErrorOfFault(keys), HasSubstr("belongs to faults of kind")) << keys;
  }
}

TEST(ScenarioFaults, ValuesAreCheckedThatTheKindMayHave) {
  EXPECT_EQ(ErrorOfFault("kind: crash, at: 1h, for: 1m, rate: lots"),
            "f.yaml:12:59: 'rate' belongs to faults of kind outage, error_rate, loss or deploy; "
            "leave it out");
  EXPECT_EQ(ErrorOfFault("at: 1h, for: 1m, rate: lots"),
            "f.yaml:12:10: fault 'f' needs the key 'kind': outage, crash, latency, error_rate, "
            "capacity, partition, loss, surge, deploy or clock_skew\n"
            "f.yaml:12:52: 'rate' must be a number from 0 to 1, not 'lots'");
}

TEST(ScenarioFaults, KeyThatAKindNeedsIsMissed) {
  EXPECT_EQ(ErrorOfFault("kind: capacity, at: 1h, for: 1m"),
            "f.yaml:12:10: fault 'f' of kind capacity needs the key 'factor': a number from 0.01 "
            "to 10000");
  EXPECT_THAT(ErrorOfFault("kind: surge, at: 1h, for: 1m"), HasSubstr("needs the key 'factor'"));
  EXPECT_THAT(ErrorOfFault("kind: loss, at: 1h, for: 1m"), HasSubstr("needs the key 'rate'"));
  EXPECT_THAT(ErrorOfFault("kind: clock_skew, at: 1h, for: 1m"), HasSubstr("the key 'skew'"));
}

TEST(ScenarioFaults, FactorIsKeptToTheRangeOfItsKind) {
  EXPECT_THAT(ErrorOfFault("kind: capacity, at: 1h, for: 1m, factor: 1.5"),
              HasSubstr("the 'factor' of a capacity fault must be from 0.01 to 1, not 1.5"));
  EXPECT_THAT(ErrorOfFault("kind: surge, at: 1h, for: 1m, factor: 0.5"),
              HasSubstr("the 'factor' of a surge must be from 1 to 1000, not 0.5"));
  EXPECT_THAT(ErrorOfFault("kind: surge, at: 1h, for: 1m, factor: 1001"),
              HasSubstr("the 'factor' of a surge must be from 1 to 1000, not 1001"));
}

TEST(ScenarioFaults, RandomOccurrencesHaveBothMeansAndNoSchedule) {
  EXPECT_EQ(ErrorOfFault("kind: crash, mtbf: 1h, mttr: 1m"), "(none)");
  EXPECT_EQ(ErrorOfFault("kind: crash, mtbf: 1h, mttr: 1m, time_of_day: \"10:00\""), "(none)");
  EXPECT_THAT(ErrorOfFault("kind: crash, mtbf: 1h"),
              HasSubstr("'mtbf' needs the key 'mttr' beside it: a duration from 1ms"));
  EXPECT_THAT(ErrorOfFault("kind: crash, at: 1h, for: 1m, mttr: 1m"),
              HasSubstr("'mttr' needs the key 'mtbf' beside it"));
  for (const std::string_view key : {"for", "every", "ramp"}) {
    EXPECT_THAT(ErrorOfFault(Concat({"kind: outage, mtbf: 1h, mttr: 1m, ", key, ": 1m"})),
                EndsWith(Concat({"'", key, "' does not go with 'mtbf'; leave one of them out"})));
  }
  EXPECT_THAT(ErrorOfFault("kind: crash, mtbf: 1h, mttr: 1m, at: 1h, time_of_day: \"10:00\""),
              HasSubstr("exactly one of 'at' and 'time_of_day'"));
}

TEST(ScenarioFaults, RampsFitIntoTheFault) {
  EXPECT_EQ(ErrorOfFault("kind: outage, at: 1h, for: 1m, ramp: 30s"), "(none)");
  EXPECT_EQ(ErrorOfFault("kind: outage, at: 1h, for: 1m, ramp: 31s"),
            "f.yaml:12:60: 'ramp', 31s, must not be above half of 'for', 1m; shorten it");
}

TEST(ScenarioFaults, DeployHasTimeForAllItsRestarts) {
  EXPECT_EQ(ErrorOfFault("kind: deploy, at: 1h, for: 125s"), "(none)");
  EXPECT_EQ(ErrorOfFault("kind: deploy, at: 1h, for: 124s"),
            "f.yaml:12:51: 'for', 2m4s, is too short for a deploy of 4 hosts that take 10s to "
            "restart and pause for 20s each; it takes 2m5s");
  EXPECT_EQ(ErrorOfFault("kind: deploy, at: 1h, for: 65s, at_once: 2"), "(none)");
  EXPECT_THAT(ErrorOf("name: x\nservices: {a: {service_time: 1ms, hosts: 65000}}\n"
                      "faults: {f: {kind: deploy, target: a, at: 0s, for: 18250d, restart: 1d, "
                      "pause: 1d}}\n"),
              EndsWith("a deploy of 65000 hosts that take 24h to restart and pause for 24h each"));
}

TEST(ScenarioFaults, DeployTakesAsLongWhenScaled) {
  const std::string text =
      Concat({kSmallScenario, "faults: {f: {kind: deploy, target: front, at: 1h, for: 4m}}\n"});
  const auto parsed =
      ParseScenario(text, "f.yaml", {{.kind = Override::Kind::kScale, .value = "300"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.services.at(0).hosts, 1200);
  EXPECT_EQ(parsed->scenario.faults.at(0).at_once, 300);
  const auto all = ParseScenario(
      text, "f.yaml",
      {{.value = "faults.f.at_once=65000"}, {.kind = Override::Kind::kScale, .value = "300"}});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->scenario.faults.at(0).at_once, 65'000);
}

TEST(ScenarioFaults, ZonesMustBeTheTargets) {
  EXPECT_THAT(ErrorOfFault("kind: outage, at: 1h, for: 1m, zones: [eest]"),
              EndsWith("fault 'f' names the zone 'eest', which there is not; did you mean "
                       "'east'?"));
  EXPECT_THAT(ErrorOfSection("faults: {f: {target: back, kind: crash, at: 1h, for: 1m, zones: "
                             "[east]}}"),
              EndsWith("'back' has no host in zone 'east'; it is in no zone"));
  EXPECT_THAT(ErrorOfFault("kind: outage, at: 1h, for: 1m, zones: [east], hosts: [1]"),
              HasSubstr("'zones' does not go with 'hosts'"));
}

TEST(ScenarioFaults, CallersMustCallTheTarget) {
  EXPECT_THAT(ErrorOfFault("kind: loss, rate: 1, at: 1h, for: 1m, callers: [back]"),
              EndsWith("'back' has no dependency 'front', so nothing is lost between them; name "
                       "those that call it"));
  EXPECT_THAT(ErrorOfFault("kind: partition, at: 1h, for: 1m, callers: [bck]"),
              EndsWith("names the service 'bck', which there is not; did you mean 'back'?"));
}

TEST(ScenarioFaults, SurgeNeedsOpenTrafficThatEntersAtItsTarget) {
  const auto surge = [](std::string_view target, std::string_view keys) {
    return ErrorOfSection(Concat(
        {"faults: {f: {kind: surge, factor: 2, at: 1h, for: 1m, target: ", target, keys, "}}"}));
  };
  EXPECT_EQ(surge("front", ""), "(none)");
  EXPECT_EQ(surge("front", ", journeys: [buy]"), "(none)");
  EXPECT_THAT(surge("back", ""), HasSubstr("no journey with a rate enters at 'back'"));
  EXPECT_THAT(surge("back", ", journeys: [buy]"),
              HasSubstr("journey 'buy' enters at 'front', not at the target 'back'"));
  EXPECT_THAT(surge("back", ", journeys: [look]"), HasSubstr("'look' has a rate of 0/s"));
  EXPECT_THAT(surge("front", ", journeys: [by]"),
              AllOf(StartsWith("f.yaml:12:"), EndsWith("did you mean 'buy'?")));
}

}  // namespace
}  // namespace groundhog::model
