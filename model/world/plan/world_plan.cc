#include "model/world/plan/world_plan.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "traces/record.h"

namespace groundhog::model {
namespace {

std::array<traces::ErrorCodeId, kFailureCount> FailureCodes(const Topology& topology) {
  std::array<traces::ErrorCodeId, kFailureCount> codes{};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (*kFailureCodes[i] != '\0') codes[i] = topology.ErrorCode(kFailureCodes[i]);
  }
  return codes;
}

std::vector<traces::ServiceEntry> ServiceEntries(const Topology& topology) {
  std::vector<traces::ServiceEntry> services;
  for (const ServiceInfo& service : topology.services) {
    services.push_back({.name = service.spec->name, .dependencies = {}});
  }
  for (const CallNode& node : topology.nodes) {
    std::vector<traces::ServiceId>& dependencies = services[node.service].dependencies;
    for (std::uint32_t i = 0; i < node.child_count; ++i) {
      dependencies.push_back(ServiceIdOf(topology.nodes[node.first_child + i].service));
    }
  }
  for (traces::ServiceEntry& service : services) {
    std::vector<traces::ServiceId>& dependencies = service.dependencies;
    std::sort(dependencies.begin(), dependencies.end());
    dependencies.erase(std::unique(dependencies.begin(), dependencies.end()), dependencies.end());
  }
  return services;
}

std::vector<traces::EntityEntry> EntityEntries(const Topology& topology) {
  std::vector<traces::EntityEntry> entities;
  for (std::uint32_t i = 0; i < topology.host_count(); ++i) {
    entities.push_back({.name = topology.host_names[i],
                        .kind = traces::EntityKind::kHost,
                        .service = ServiceIdOf(topology.host_service[i])});
  }
  for (const SourceInfo& source : topology.sources) {
    const std::uint32_t root = topology.journeys[source.journey].root;
    entities.push_back({.name = source.name,
                        .kind = source.kind,
                        .service = ServiceIdOf(topology.nodes[root].service)});
  }
  return entities;
}

traces::Catalogue MakeCatalogue(const Scenario& scenario, const Topology& topology,
                                const FaultTimelines& faults, const LogModel& log_model) {
  traces::Catalogue catalogue;
  catalogue.services = ServiceEntries(topology);
  catalogue.entities = EntityEntries(topology);
  for (const std::string& name : topology.node_names) {
    catalogue.call_paths.push_back({.name = name});
  }
  catalogue.templates = log_model.templates();
  catalogue.error_codes = topology.error_codes;
  catalogue.faults = faults.CatalogueEntries(scenario);
  return catalogue;
}

}  // namespace

WorldPlan::WorldPlan(Topology compiled, std::uint32_t partition_count)
    : seed(compiled.scenario->seed),
      partitions(partition_count),
      topology(std::move(compiled)),
      faults(*topology.scenario, topology),
      curve(*topology.scenario),
      log_model(*topology.scenario, topology),
      failure_codes(FailureCodes(topology)),
      catalogue(MakeCatalogue(*topology.scenario, topology, faults, log_model)) {}

}  // namespace groundhog::model
