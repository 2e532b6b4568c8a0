#include "model/scenario_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "model/scenario_parser.h"
#include "model/scenario_warnings.h"
#include "scenarios/shipped.h"
#include "tests/model/full_scenario.h"

namespace groundhog::model {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Scenario Parse(std::string_view text, const Overrides& overrides = {}) {
  const auto parsed = ParseScenario(text, "f.yaml", overrides);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->scenario : Scenario();
}

TEST(ScenarioText, ReadsBackToTheSameStructs) {
  const Scenario full = Parse(kFullScenario);
  EXPECT_EQ(Parse(ScenarioText(full)), full);
}

TEST(ScenarioText, ReadsBackWhateverWasOverridden) {
  const Scenario changed =
      Parse(kFullScenario, {{.kind = Override::Kind::kScale, .value = "7"},
                            {.kind = Override::Kind::kDuration, .value = "forever"},
                            {.value = "description='a \"quoted\" \\ word: # {x}'"},
                            {.value = "traffic.daily.3=0.123456789"},
                            {.value = "services.caller.service_time=1500us"},
                            {.value = "faults.release.for=30m"}});
  EXPECT_EQ(Parse(ScenarioText(changed)), changed);
}

TEST(ScenarioText, NameThatYamlTakesForNothingReadsBack) {
  const Scenario scenario = Parse("name: x\nservices: {\"null\": {service_time: 1ms}}\n");
  EXPECT_EQ(Parse(ScenarioText(scenario)), scenario);
}

TEST(ShippedScenarios, AreSoundReadBackAndRaiseNoWarning) {
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    const Scenario scenario = Parse(shipped.text);
    EXPECT_EQ(scenario.name, shipped.name);
    EXPECT_FALSE(scenario.description.empty());
    EXPECT_EQ(Parse(ScenarioText(scenario)), scenario);
    EXPECT_THAT(ScenarioWarnings(scenario), IsEmpty()) << shipped.name;
  }
}

TEST(ShippedScenarios, AreEmbeddedByteForByte) {
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    std::ifstream file(GROUNDHOG_SOURCE_DIR "/scenarios/" + std::string(shipped.name) + ".yaml",
                       std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    EXPECT_EQ(shipped.text, bytes.str());
  }
}

TEST(ShippedScenarios, ShopIsFoundAndOthersAreNot) {
  EXPECT_NE(scenarios::FindShippedScenario("shop"), nullptr);
  EXPECT_EQ(scenarios::FindShippedScenario("shp"), nullptr);
}

TEST(ScenarioWarnings, NameWhatIsImplausible) {
  const auto warnings = [](const std::string& change) {
    return ScenarioWarnings(Parse(kFullScenario, {{.value = change}}));
  };
  EXPECT_THAT(warnings("services.caller.dependencies.callee.timeout=7ms"),
              Contains(HasSubstr("most attempts will time out")));
  EXPECT_THAT(warnings("duration=1h"), Contains(HasSubstr("fault 'down' never begins")));
  EXPECT_THAT(warnings("journeys.buy.rate=100000/s"),
              Contains(HasSubstr("its queue will overflow")));
  EXPECT_THAT(warnings("seed=1"), Contains(HasSubstr("no journey reaches 'random'")));
  EXPECT_THAT(ScenarioWarnings(Parse("name: x\nservices: {a: {service_time: 1ms}}\n")),
              Contains(HasSubstr("there are no journeys")));
}

TEST(ScenarioWarnings, LoadFollowsTheCallTrees) {
  const std::vector<ServiceLoad> loads = OfferedLoad(Parse(
      "name: x\nnetwork: {latency: 1ms}\nservices:\n"
      "  a: {service_time: 10ms, hosts: 2, concurrency: 5, dependencies: {b: {timeout: 1s}}}\n"
      "  b: {service_time: 20ms, concurrency: 1}\n"
      "journeys: {j: {rate: 10/s, deadline: 1s, entry: {service: a, calls: [{service: b, "
      "probability: 0.5}]}}}\n"));
  EXPECT_DOUBLE_EQ(loads.at(0).spans_per_second, 10);
  EXPECT_NEAR(loads.at(0).utilisation, 10 * (0.010 + 0.5 * 0.022) / 10, 1e-12);
  EXPECT_DOUBLE_EQ(loads.at(1).spans_per_second, 5);
  EXPECT_NEAR(loads.at(1).utilisation, 5 * 0.020, 1e-12);
}

}  // namespace
}  // namespace groundhog::model
