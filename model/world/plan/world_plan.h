// Everything about a world that does not change during the run: built once and shared by all
// partitions. It also has the owner of each entity; the records do not depend on that.
//
// Immutable after construction, does not move; safe to read from any thread.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_WORLD_PLAN_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_WORLD_PLAN_H_

#include <array>
#include <cstdint>
#include <vector>

#include "model/world/plan/failure.h"
#include "model/world/plan/fault_timeline.h"
#include "model/world/plan/log_model.h"
#include "model/world/plan/topology.h"
#include "model/world/plan/traffic_curve.h"
#include "sim/entity.h"
#include "traces/catalogue.h"

namespace groundhog::model {

struct WorldPlan {
  // `partitions` >= 1.
  WorldPlan(Topology compiled, std::uint32_t partitions);
  WorldPlan(const WorldPlan&) = delete;
  WorldPlan& operator=(const WorldPlan&) = delete;

  // Hosts come first, then traffic sources.
  std::uint32_t entity_count() const {
    return topology.host_count() + static_cast<std::uint32_t>(topology.sources.size());
  }
  std::uint32_t OwnerOf(sim::EntityId entity) const { return sim::Index(entity) % partitions; }

  const std::uint64_t seed;
  const std::uint32_t partitions;
  const Topology topology;
  const FaultTimelines faults;
  const TrafficCurve curve;
  const LogModel log_model;
  const std::array<traces::ErrorCodeId, kFailureCount> failure_codes;  // by Failure
  const traces::Catalogue catalogue;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_WORLD_PLAN_H_
