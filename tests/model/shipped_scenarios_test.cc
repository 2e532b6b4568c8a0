// Properties of every shipped scenario, in a run that is long enough to include its first incident
// and the day's traffic.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "model/scenario/parse/parser.h"
#include "model/world/world.h"
#include "scenarios/shipped.h"
#include "traces/record.h"

namespace groundhog::scenarios {

// How a failing test names the scenario.
void PrintTo(const ShippedScenario& scenario, std::ostream* out) { *out << scenario.name; }

}  // namespace groundhog::scenarios

namespace groundhog::model {
namespace {

using traces::Record;

// Past the third incident of shop, 14:05 to 14:33.
constexpr sim::Duration kLived = sim::Hours(15);

Scenario Parse(const scenarios::ShippedScenario& shipped) {
  absl::StatusOr<ParsedScenario> parsed = ParseScenario(shipped.text, shipped.name);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  parsed->scenario.duration = std::min(kLived, parsed->scenario.duration);
  return parsed->scenario;
}

std::vector<Record> Live(const Scenario& scenario, int partitions) {
  absl::StatusOr<World> world = World::Create(scenario, {.partitions = partitions});
  EXPECT_TRUE(world.ok()) << world.status();
  std::vector<Record> records;
  const auto reached = world->Run(sim::VirtualTime(scenario.duration), SIZE_MAX, &records);
  EXPECT_TRUE(reached.ok()) << reached.status();
  return records;
}

class ShippedScenario : public testing::TestWithParam<scenarios::ShippedScenario> {};

TEST_P(ShippedScenario, GivesTheSameRecordsWhenSpreadOverPartitions) {
  const Scenario scenario = Parse(GetParam());
  const std::vector<Record> records = Live(scenario, 1);
  ASSERT_GT(records.size(), 1000u);
  for (const int partitions : {2, 5, 64}) {
    EXPECT_TRUE(records == Live(scenario, partitions)) << partitions << " partitions";
  }
}

TEST_P(ShippedScenario, HasAnIncidentWithCausesOnItsRecords) {
  const Scenario scenario = Parse(GetParam());
  std::size_t caused = 0;
  for (const Record& record : Live(scenario, 1)) caused += record.truth.occurrence != 0;
  if (scenario.faults.empty()) {
    EXPECT_EQ(caused, 0u);
  } else {
    EXPECT_GT(caused, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedScenario, testing::ValuesIn([] {
                           const auto all = scenarios::ShippedScenarios();
                           return std::vector(all.begin(), all.end());
                         }()),
                         [](const auto& info) {
                           std::string name;
                           for (const char c : info.param.name) name += c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace groundhog::model
