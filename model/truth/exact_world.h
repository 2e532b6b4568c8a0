// A world whose records have their causes from the counterfactual, not from the rule by which a
// cause travels along calls and queues: beside the world, the same world runs once without each of
// its faults. A fault is a cause of the records that are missing, or have another latency, without
// it (comparison.h). So truth is right also where no single host could know it: load that moved to
// healthy hosts, retries that fed each other, work that waited behind work that was late.
//
// Costs one more run for each fault, and one without all of them if there are several. Gives the
// records of World, and only their truth differs; deterministic as World is. Not thread-safe.
// Memory: at most kPendingMax records that wait for their truth and those of ten seconds, and for
// each fault what its comparison has not found within Comparison::kHorizon.
#ifndef GROUNDHOG_MODEL_TRUTH_EXACT_WORLD_H_
#define GROUNDHOG_MODEL_TRUTH_EXACT_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/scenario/scenario.h"
#include "model/truth/comparison.h"
#include "model/world/plan/occurrence_schedule.h"
#include "model/world/world.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

class ExactWorld {
 public:
  static constexpr std::size_t kFaultsMax = 63;
  static constexpr std::size_t kPendingMax = 2'000'000;

  // `scenario` is checked and must outlive this. InvalidArgument: it has more than kFaultsMax
  // faults, or as World::Create.
  static absl::StatusOr<ExactWorld> Create(const Scenario& scenario);

  // As World's.
  const traces::Catalogue& catalogue() const { return world_.catalogue(); }

  // As World::Run, but `until` is at most the scenario's duration: the world may live ahead of
  // `until`, and never beyond that. The message of a ResourceExhausted says which world ran away.
  absl::StatusOr<sim::VirtualTime> Run(sim::VirtualTime until, std::size_t enough,
                                       std::vector<traces::Record>* records);

 private:
  // A set of worlds: bit i for the i-th of others_, and so for the fault that it is without.
  using Others = std::uint64_t;

  struct Other {
    std::unique_ptr<const Scenario> scenario;
    World world;
    Comparison comparison{};
  };
  // Of a fault.
  struct Target {
    traces::ServiceId service{};
    std::vector<std::uint8_t> hops;  // by service: calls from there, in either direction
  };
  struct Pending {
    traces::Record record;
    Others absent_in = 0;  // worlds in which it is not found, so far
    Others other_in = 0;   // worlds in which it has another latency
  };

  ExactWorld(const Scenario& scenario, World world);

  absl::Status AddOther(const std::vector<std::size_t>& absent_faults);
  absl::Status LiveOn();
  bool IsReady(const Pending& pending) const;
  traces::Truth CauseAmong(Others faults, const traces::Record& record) const;
  traces::Truth LatestOf(Others faults, const traces::Record& record) const;
  traces::Record Label(const Pending& pending) const;

  const Scenario& scenario_;
  World world_;
  std::vector<Other> others_;  // without the fault of this number; the last without all of several
  std::vector<OccurrenceSchedule> schedules_;  // by fault
  std::vector<Target> targets_;                // likewise
  sim::VirtualTime reached_;                   // by all worlds
  sim::VirtualTime forgotten_;                 // before it the comparisons keep nothing
  std::deque<Pending> pending_;
  std::uint64_t first_pending_ = 0;  // its number
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_TRUTH_EXACT_WORLD_H_
