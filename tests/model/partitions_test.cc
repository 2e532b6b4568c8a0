// That partitions share nothing, and that the records and the end of a run do not depend on how
// many there are or in which order, or at what time, they are advanced.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "model/world/exchange.h"
#include "model/world/partition.h"
#include "model/world/plan/topology.h"
#include "model/world/plan/world_plan.h"
#include "model/world/world.h"
#include "tests/model/deep_world.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

using Partitions = std::span<const std::unique_ptr<Partition>>;

using AdvanceAll = void (*)(Partitions, sim::VirtualTime end);

void AdvanceInReverse(Partitions partitions, sim::VirtualTime end) {
  for (std::size_t p = partitions.size(); p > 0; --p) partitions[p - 1]->AdvanceTo(end);
}

// Each in a thread: memory that two of them used would be a data race, which ThreadSanitizer finds.
void AdvanceAtOnce(Partitions partitions, sim::VirtualTime end) {
  std::vector<std::thread> threads;
  for (const auto& partition : partitions) {
    threads.emplace_back([&partition, end] { partition->AdvanceTo(end); });
  }
  for (std::thread& thread : threads) thread.join();
}

class SpecialExchange : public Exchange {
 public:
  SpecialExchange(Partitions partitions, AdvanceAll advance_all)
      : partitions_(partitions), advance_all_(advance_all) {}

  sim::VirtualTime Run(const Stretch& stretch) override {
    sim::VirtualTime next = NextTime(partitions_);
    for (int i = 0; i < stretch.windows_max && next < stretch.until; ++i) {
      advance_all_(partitions_, std::min(stretch.until, next + stretch.lookahead));
      DeliverParcels(partitions_);
      next = NextTime(partitions_);
    }
    return next;
  }

 private:
  const Partitions partitions_;
  const AdvanceAll advance_all_;
};

World::Options Spread(int partitions, AdvanceAll advance_all) {
  return {.partitions = partitions, .make_exchange = [advance_all](Partitions all) {
            return std::make_unique<SpecialExchange>(all, advance_all);
          }};
}

std::vector<traces::Record> Live(const Scenario& scenario, const World::Options& options,
                                 sim::Duration duration) {
  absl::StatusOr<World> world = World::Create(scenario, options);
  EXPECT_TRUE(world.ok()) << world.status();
  std::vector<traces::Record> records;
  EXPECT_TRUE(world->Run(sim::VirtualTime(duration), static_cast<std::size_t>(-1), &records).ok());
  return records;
}

TEST(Partitions, TheOrderInWhichTheyAreAdvancedChangesNoRecord) {
  const Scenario scenario = DeepScenario();
  const auto records = Live(scenario, {.partitions = 1}, scenario.duration);
  EXPECT_TRUE(records == Live(scenario, Spread(5, AdvanceInReverse), scenario.duration));
}

TEST(Partitions, AdvancedAtOnceByThreadsTheyGiveTheSameRecords) {
  const Scenario scenario = DeepScenario();
  const sim::Duration duration = sim::Seconds(20);
  const auto records = Live(scenario, {.partitions = 1}, duration);
  EXPECT_GT(records.size(), 500u);
  EXPECT_TRUE(records == Live(scenario, Spread(3, AdvanceAtOnce), duration));
}

// Where each piece of a run stops: its time and number of records.
std::vector<std::pair<sim::VirtualTime, std::size_t>> Stops(int partitions) {
  const Scenario scenario = DeepScenario();
  absl::StatusOr<World> world = World::Create(scenario, {.partitions = partitions});
  EXPECT_TRUE(world.ok());
  std::vector<traces::Record> records;
  std::vector<std::pair<sim::VirtualTime, std::size_t>> stops;
  const sim::VirtualTime until{sim::Minutes(2)};
  for (sim::VirtualTime reached; reached < until;) {
    reached = *world->Run(until, records.size() + 100, &records);
    stops.emplace_back(reached, records.size());
  }
  return stops;
}

TEST(Partitions, ARunStopsAtTheSamePlaceForEveryNumber) {
  const auto stops = Stops(1);
  EXPECT_GT(stops.size(), 20u);
  for (const int partitions : {2, 3, 8}) EXPECT_EQ(Stops(partitions), stops) << partitions;
}

std::string RunawayText(int partitions, std::size_t spans_max, std::uint64_t events_max) {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 5'000;
  absl::StatusOr<World> world = World::Create(scenario, {.partitions = partitions,
                                                         .spans_in_flight_max = spans_max,
                                                         .events_pending_max = events_max});
  EXPECT_TRUE(world.ok());
  std::vector<traces::Record> records;
  const auto reached =
      world->Run(sim::VirtualTime(sim::Seconds(10)), static_cast<std::size_t>(-1), &records);
  EXPECT_FALSE(reached.ok());
  return std::string(reached.status().message());
}

TEST(Partitions, AWorldRunsAwayWithTheSameWordsForEveryNumber) {
  const std::string spans = RunawayText(1, 20, 1'000'000);
  const std::string events = RunawayText(1, 1'000'000, 500);
  EXPECT_NE(spans.find("spans in flight"), std::string::npos) << spans;
  EXPECT_NE(events.find("events pending"), std::string::npos) << events;
  for (const int partitions : {2, 5}) {
    EXPECT_EQ(RunawayText(partitions, 20, 1'000'000), spans);
    EXPECT_EQ(RunawayText(partitions, 1'000'000, 500), events);
  }
}

// A handler that breaks the rule: it works for one host and looks at another.
std::uint32_t CanaryHandler(Partition& part, sim::EntityId own, sim::EntityId other) {
  part.host(own).faults_down = 0;
  return part.host(other).requests.in_use;
}

TEST(PartitionsDeathTest, AHandlerThatReadsAnotherPartitionsHostIsCaught) {
  absl::StatusOr<Topology> topology = CompileTopology(SmallScenario());
  ASSERT_TRUE(topology.ok());
  const WorldPlan plan(*std::move(topology), /*partitions=*/2);
  Partition partition(plan, 0);
  const sim::EntityId own{0};
  const sim::EntityId foreign{1};
  ASSERT_NE(plan.OwnerOf(own), plan.OwnerOf(foreign));
  EXPECT_EQ(CanaryHandler(partition, own, own), 0u);
  EXPECT_DEATH((void)CanaryHandler(partition, own, foreign), "entities of its own partition only");
  EXPECT_DEATH((void)partition.caller(foreign), "entities of its own partition only");
  EXPECT_DEATH(partition.PostToSelf(foreign, sim::VirtualTime(1), {}),
               "entities of its own partition only");
}

}  // namespace
}  // namespace groundhog::model
