#include "model/world/world.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/world/plan/topology.h"
#include "model/world/windowed_run.h"
#include "sim/random.h"
#include "traces/catalogue_check.h"

namespace groundhog::model {

absl::StatusOr<World> World::Create(const Scenario& scenario, const Options& options) {
  absl::StatusOr<Topology> topology = CompileTopology(scenario);
  if (!topology.ok()) return topology.status();
  auto run = std::make_unique<WindowedRun>(*std::move(topology), options);
  if (run->catalogue().templates.size() > traces::kIdCountMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("the scenario has ", run->catalogue().templates.size(),
                     " message templates; at most ", traces::kIdCountMax, " can be numbered"));
  }
  std::size_t random_occurrences = 0;
  for (const traces::FaultEntry& fault : run->catalogue().faults) {
    random_occurrences += fault.times.size();
  }
  if (random_occurrences > traces::kFaultTimesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the random faults occur ", random_occurrences, " times; at most ", traces::kFaultTimesMax,
        " can be kept in a trace: give them a longer mtbf, or the run a shorter duration"));
  }
  return World(std::move(run));
}

World::World(std::unique_ptr<WindowedRun> run) : run_(std::move(run)) {}
World::World(World&&) noexcept = default;
World& World::operator=(World&&) noexcept = default;
World::~World() = default;

const traces::Catalogue& World::catalogue() const { return run_->catalogue(); }

absl::StatusOr<sim::VirtualTime> World::Run(sim::VirtualTime until, std::size_t enough,
                                            std::vector<traces::Record>* records) {
  return run_->Run(until, enough, records);
}

std::uint64_t World::TraceKey(std::uint64_t seed) { return sim::StreamKey(seed, "trace").bits(); }

std::uint64_t World::events() const { return run_->events(); }

std::vector<World::EventCount> World::event_counts() const {
  std::vector<EventCount> counts;
  const EventCounts by_kind = run_->events_by_kind();
  for (std::size_t i = 0; i < kEventKindNames.size(); ++i) {
    const std::uint64_t count = by_kind[i];
    if (count > 0) counts.push_back({.kind = kEventKindNames[i], .count = count});
  }
  return counts;
}

}  // namespace groundhog::model
