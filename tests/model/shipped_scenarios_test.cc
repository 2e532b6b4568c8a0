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
#include "tests/model/random_world.h"
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

bool IsOnGrid(const Record& record, sim::Duration unit) {
  const sim::Duration none;
  return record.time.since_start() % unit == none && record.duration % unit == none &&
         record.queue_wait % unit == none && record.clock_skew % unit == none;
}

// Adds a bit to what a grid of 10 us cannot hold.
void MakeFiner(Scenario& scenario) {
  constexpr sim::Duration kBit = sim::Nanoseconds(1'234'567);
  scenario.network_latency_min += kBit;
  for (Service& service : scenario.services) {
    if (service.log_interval > sim::Duration()) service.log_interval += kBit;
    if (service.queue_timeout) *service.queue_timeout += kBit;
    if (service.consumers) service.consumers->deadline += kBit;
    service.time_limit += kBit;
    for (DependencyPolicy& policy : service.dependencies) {
      if (!policy.is_async) policy.timeout += kBit;
      policy.retries.backoff_base += kBit;
    }
  }
  for (Journey& journey : scenario.journeys) {
    journey.deadline += kBit;
    if (journey.patience) *journey.patience += kBit;
  }
  for (Fault& fault : scenario.faults) {
    fault.at += kBit;
    fault.restart += kBit;
    fault.pause += kBit;
    fault.drain += kBit;
    if (fault.skew > sim::Duration()) fault.skew += kBit;
  }
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

TEST_P(ShippedScenario, HasAllTimesOnTheGridOfItsResolution) {
  Scenario scenario = Parse(GetParam());
  scenario.duration = std::min(scenario.duration, sim::Hours(7));  // past the first incident
  for (const Resolution resolution : {Resolution::k1ns, Resolution::k1us, Resolution::k1ms}) {
    scenario.resolution = resolution;
    const std::vector<Record> records = Live(scenario, 1);
    ASSERT_GT(records.size(), 1000u);
    for (const Record& record : records) {
      ASSERT_TRUE(IsOnGrid(record, UnitOf(resolution)))
          << record.time.nanoseconds() << " of " << kResolutionNames.NameOf(resolution);
    }
  }
}

TEST(OnGrid, HoldsForEveryMechanismAlsoWhereTheScenarioIsFiner) {
  std::size_t off_finer_grid = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Scenario scenario = RandomWorld(seed).Make();
    scenario.duration = sim::Minutes(3);
    MakeFiner(scenario);
    for (const Resolution resolution : {Resolution::k10us, Resolution::k1ms}) {
      scenario.resolution = resolution;
      for (const Record& record : Live(scenario, 1)) {
        ASSERT_TRUE(IsOnGrid(record, UnitOf(resolution))) << "seed " << seed;
        if (resolution == Resolution::k10us && !IsOnGrid(record, sim::Milliseconds(1))) {
          ++off_finer_grid;
        }
      }
    }
  }
  EXPECT_GT(off_finer_grid, 1000u);
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
