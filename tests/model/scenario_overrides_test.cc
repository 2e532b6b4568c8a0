#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/scenario/overrides.h"
#include "model/scenario/parse/parser.h"
#include "tests/model/full_scenario.h"

namespace groundhog::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = Override::Kind;

absl::StatusOr<ParsedScenario> With(const Overrides& overrides) {
  return ParseScenario(kFullScenario, "full.yaml", overrides);
}

std::string ErrorWith(const Overrides& overrides) {
  const auto parsed = With(overrides);
  return parsed.ok() ? "(none)" : std::string(parsed.status().message());
}

TEST(ScenarioOverrides, SetReachesMapsListsAndNewKeys) {
  const auto parsed =
      With({{.value = "services.caller.hosts=5"},
            {.value = "journeys.buy.entry.calls.0.probability=0.25"},
            {.value = "services.callee.degraded.error_share=0.2"},
            {.value = "faults.more={kind: outage, target: steady, at: 1h, for: 1m}"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.services[0].hosts, 5);
  EXPECT_EQ(parsed->scenario.journeys[0].root.calls[0].probability, 0.25);
  EXPECT_EQ(parsed->scenario.services[1].degraded_error_share, 0.2);
  EXPECT_EQ(parsed->scenario.faults.size(), 11u);
}

TEST(ScenarioOverrides, LaterOneWinsAndAllAreRetainedInOrder) {
  const auto parsed = With({{.kind = Kind::kSeed, .value = "3"},
                            {.value = "seed=4"},
                            {.kind = Kind::kWithout, .value = "down"},
                            {.kind = Kind::kScale, .value = "2"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.seed, 4u);
  EXPECT_THAT(parsed->overrides, ElementsAre("seed=3", "seed=4", "--without down", "--scale 2"));
}

TEST(ScenarioOverrides, TraceTextReadsBack) {
  for (const Kind kind : {Kind::kSet, Kind::kWithout, Kind::kScale}) {
    const Override change{.kind = kind, .value = kind == Kind::kSet ? "a.b=--scale 3" : "5"};
    const Override back = FromTraceText(TraceText(change));
    EXPECT_EQ(back.kind, change.kind);
    EXPECT_EQ(back.value, change.value);
  }
}

TEST(ScenarioOverrides, ShortFormsSetTheirKeys) {
  const auto parsed = With({{.kind = Kind::kDuration, .value = "forever"},
                            {.kind = Kind::kStart, .value = "2026-01-01T00:00:00Z"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.duration, sim::Duration::Max());
  EXPECT_EQ(parsed->scenario.start_unix_nanoseconds, 1'767'225'600'000'000'000);
  // 10:15 is now counted from midnight.
  EXPECT_EQ(parsed->scenario.faults[1].at, sim::Minutes(615));
}

TEST(ScenarioOverrides, WithoutRemovesTheFaultAndMayBeSaidTwice) {
  const auto parsed =
      With({{.kind = Kind::kWithout, .value = "slow"}, {.kind = Kind::kWithout, .value = "slow"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.faults.size(), 9u);
  EXPECT_EQ(parsed->scenario.faults[1].name, "errors");
}

TEST(ScenarioOverrides, ScaleMultipliesTrafficHostsAndTheHostsThatAFaultHits) {
  const auto parsed = With({{.kind = Kind::kScale, .value = "2"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.services[0].hosts, 6);
  EXPECT_EQ(parsed->scenario.journeys[0].rate_per_second, 0.6);
  EXPECT_THAT(parsed->scenario.faults[1].hosts, ElementsAre(1, 2, 5, 6));
}

TEST(ScenarioOverrides, MistakesNameTheOption) {
  EXPECT_EQ(ErrorWith({{.kind = Kind::kWithout, .value = "dwn"}}),
            "--without dwn: there is no such fault; did you mean 'down'?");
  EXPECT_THAT(ErrorWith({{.kind = Kind::kSeed, .value = "{}"}}),
              StartsWith("--seed {}: 'seed' must"));
  EXPECT_THAT(ErrorWith({{.kind = Kind::kScale, .value = "0"}}), StartsWith("--scale 0: must be"));
  EXPECT_THAT(
      ErrorWith({{.value = "services.random.hosts=300"}, {.kind = Kind::kScale, .value = "1000"}}),
      StartsWith("--scale 1000: 308000 hosts; at most 65000 are possible, that is --scale "
                 "211"));
}

TEST(ScenarioOverrides, PathsThatLeadNowhereAreTold) {
  EXPECT_EQ(ErrorWith({{.value = "services.calee.hosts=2"}}),
            "--set services.calee.hosts=2: there is no 'calee' in 'services'; did you mean "
            "'callee'?");
  EXPECT_THAT(ErrorWith({{.value = "journys.buy.rate=1/s"}}),
              HasSubstr("did you mean 'journeys'?"));
  EXPECT_THAT(ErrorWith({{.value = "traffic.daily.24=1"}}), HasSubstr("list of 24; its elements"));
  EXPECT_THAT(ErrorWith({{.value = "seed.x=1"}}), HasSubstr("'seed' is no map here"));
  for (const std::string text : {"seed", "=1", "a..b=1", "seed=", "seed=  "}) {
    EXPECT_THAT(ErrorWith({{.value = text}}), HasSubstr("PATH=VALUE")) << text;
  }
}

TEST(ScenarioOverrides, LongOnesAreShownByTheirBeginning) {
  EXPECT_EQ(ErrorWith({{.value = std::string(200, 'x')}}), "--set " + std::string(94, 'x') +
                                                               "…: must be PATH=VALUE, such as " +
                                                               "services.auth-service.hosts=5");
  EXPECT_THAT(ErrorWith({{.value = std::string(200, '\x86')}}), StartsWith("--set \\x86\\x86"));
}

TEST(ScenarioOverrides, HostileValuesAreRefused) {
  EXPECT_THAT(ErrorWith({{.value = "seed=&x 1"}}), HasSubstr("anchors"));
  EXPECT_THAT(ErrorWith({{.value = "traffic=" + std::string(5000, '[')}}),
              HasSubstr("nested deeper"));
  EXPECT_THAT(ErrorWith({{.value = std::string("seed=\0", 6)}}), HasSubstr("NUL"));
}

}  // namespace
}  // namespace groundhog::model
