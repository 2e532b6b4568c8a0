// Advances a world's partitions through virtual time, window by window.
//
// Conservative synchronisation (Chandy and Misra 1979): a window begins with the earliest event of
// all partitions and is as long as the least network latency. What an event of the window sends to
// another entity arrives after the window, so the partitions need nothing of each other within it.
// Windows are a function of the events alone. So where a run stops, and whether it has run away,
// is the same for every number of partitions.
#ifndef GROUNDHOG_MODEL_WORLD_WINDOWED_RUN_H_
#define GROUNDHOG_MODEL_WORLD_WINDOWED_RUN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/world/exchange.h"
#include "model/world/partition.h"
#include "model/world/plan/topology.h"
#include "model/world/plan/world_plan.h"
#include "model/world/world.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

// Not thread-safe.
class WindowedRun {
 public:
  WindowedRun(Topology topology, const World::Options& options);

  const traces::Catalogue& catalogue() const { return plan_.catalogue; }
  std::uint64_t events() const;
  EventCounts events_by_kind() const;

  // As World::Run.
  absl::StatusOr<sim::VirtualTime> Run(sim::VirtualTime until, std::size_t enough,
                                       std::vector<traces::Record>* records);

 private:
  std::size_t RecordsHeld(const std::vector<traces::Record>& records) const;
  std::size_t SpansInFlight() const;
  std::uint64_t EventsPending() const;
  bool HasRunAway() const {
    return SpansInFlight() > spans_in_flight_max_ || EventsPending() > events_pending_max_;
  }
  absl::Status RunawayError() const;
  const Host& BusiestHost() const;
  void LendRecords(std::vector<traces::Record>* records);
  void TakeRecordsBack(std::vector<traces::Record>* records);

  const std::size_t spans_in_flight_max_;
  const std::uint64_t events_pending_max_;
  const WorldPlan plan_;
  std::vector<std::unique_ptr<Partition>> partitions_;
  std::vector<std::vector<traces::Record>> records_;  // by partition, if there are several
  std::unique_ptr<Exchange> exchange_;
  sim::VirtualTime next_;  // the time of the next event
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_WINDOWED_RUN_H_
