#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/review/warnings.h"
#include "model/scenario/parse/parser.h"
#include "model/scenario/print/printer.h"
#include "scenarios/shipped.h"
#include "tests/model/full_scenario.h"
#include "tests/model/later_options.h"

namespace groundhog::model {
namespace {

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

// For all options with which the text is printed, and all others with which it is read.
TEST(ScenarioText, MeansTheSameWithOtherOptionsToo) {
  std::vector<std::string> texts = {std::string(kFullScenario)};
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    texts.emplace_back(shipped.text);
  }
  for (const std::string& text : texts) {
    for (const Overrides& before : LaterOptions()) {
      const std::string printed = ScenarioText(Parse(text, before));
      for (const Overrides& after : LaterOptions()) {
        Overrides all = before;
        all.insert(all.end(), after.begin(), after.end());
        EXPECT_TRUE(Parse(printed, after) == Parse(text, all)) << printed.substr(0, 30);
      }
    }
  }
}

TEST(ScenarioText, KeepsATimeOfDayAsOne) {
  const std::string text = ScenarioText(Parse(kFullScenario));
  EXPECT_THAT(text, HasSubstr("    time_of_day: \"10:15\"\n"));    // the fault slow
  EXPECT_THAT(text, HasSubstr("      time_of_day: \"12:00\"\n"));  // the burst lunch
  const Scenario moved =
      Parse(text, {{.kind = Override::Kind::kStart, .value = "2025-01-06T09:00:05Z"}});
  EXPECT_EQ(std::ranges::find(moved.faults, "slow", &Fault::name)->at,
            sim::Minutes(75) - sim::Seconds(5));
}

TEST(ScenarioText, FaultHasTheKeysOfItsKindThatSaySomething) {
  const std::string text = ScenarioText(
      Parse("name: x\nservices: {a: {service_time: 1ms}}\nfaults:\n"
            "  random: {kind: crash, target: a, mtbf: 1h, mttr: 1m}\n"
            "  daily: {kind: latency, target: a, time_of_day: \"10:00\", for: 1m, factor: 2}\n"));
  EXPECT_THAT(text, HasSubstr("  random:\n    kind: crash\n    target: a\n    at: 0s\n"
                              "    mtbf: 1h\n    mttr: 1m\n"
                              "  daily:\n    kind: latency\n    target: a\n"
                              "    time_of_day: \"10:00\"\n    for: 1m\n    factor: 2\n"));
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
