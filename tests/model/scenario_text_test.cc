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

}  // namespace
}  // namespace groundhog::model
