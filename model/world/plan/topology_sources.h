// The part of the topology that makes requests: journeys' own traffic, surges and bursts, users.
// Internal to the topology's compiler.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_TOPOLOGY_SOURCES_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_TOPOLOGY_SOURCES_H_

#include <vector>

#include "model/scenario/scenario.h"
#include "model/world/plan/topology.h"

namespace groundhog::model {

// Needs services, nodes and journeys of `topology`. One source a journey, in their order; then one
// for each surge or burst and journey that it multiplies; then one for each population of users.
// Each has its own stream of draws, by name, so that adding or removing one changes no other draws.
std::vector<SourceInfo> CompileSources(const Scenario& scenario, const Topology& topology);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_TOPOLOGY_SOURCES_H_
