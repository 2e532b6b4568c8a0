#include "model/fault_timeline.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "model/span_id.h"

namespace groundhog::model {
namespace {

// As in the scenario, by Fault::Kind.
constexpr std::array<const char*, 10> kKindNames = {
    "outage",    "crash", "latency", "error_rate", "capacity",
    "partition", "loss",  "surge",   "deploy",     "clock_skew"};

const char* KindName(Fault::Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

std::uint32_t ServiceIndex(const Topology& topology, const std::string& name) {
  const auto found = std::find_if(topology.services.begin(), topology.services.end(),
                                  [&](const ServiceInfo& info) { return info.name == name; });
  return static_cast<std::uint32_t>(found - topology.services.begin());
}

}  // namespace

std::uint32_t FaultInfo::OccurrenceAt(sim::VirtualTime time) const {
  if (time < first_start) return 0;
  const sim::Duration since = time - first_start;
  if (period == sim::Duration()) return since < duration ? 1 : 0;
  const std::int64_t number = since / period;
  const sim::Duration into = since - period * number;
  return into < duration ? static_cast<std::uint32_t>(number + 1) : 0;
}

sim::VirtualTime FaultInfo::Start(std::uint32_t occurrence) const {
  return first_start + period * (static_cast<std::int64_t>(occurrence) - 1);
}

FaultTimelines::FaultTimelines(const Scenario& scenario, const Topology& topology)
    : by_service_(topology.services.size()) {
  for (const Fault& fault : scenario.faults) {
    FaultInfo info;
    info.kind = fault.kind;
    info.service = ServiceIndex(topology, fault.target);
    if (!fault.hosts.empty()) {
      info.hosts.resize(topology.services[info.service].host_count, false);
      for (const int number : fault.hosts) {
        if (number >= 1 && static_cast<std::size_t>(number) <= info.hosts.size()) {
          info.hosts[static_cast<std::size_t>(number - 1)] = true;
        }
      }
    }
    info.first_start = sim::VirtualTime(fault.at);
    info.duration = fault.duration;
    info.period = fault.every;
    info.factor = fault.factor;
    info.rate_threshold = ShareThreshold(fault.rate);
    if (fault.kind == Fault::Kind::kErrorRate) info.code = topology.ErrorCode(fault.code);
    info.draw_key = HashName32("fault:" + fault.name);
    by_service_[info.service].push_back(
        traces::FaultId{static_cast<std::uint16_t>(faults_.size())});
    faults_.push_back(std::move(info));
  }
}

traces::Truth FaultTimelines::Earlier(const traces::Truth& one, const traces::Truth& other) const {
  if (other.fault == traces::FaultId::kNone) return one;
  if (one.fault == traces::FaultId::kNone) return other;
  if (one.fault == other.fault && one.occurrence == other.occurrence) {
    return other.hops < one.hops ? other : one;
  }
  const sim::VirtualTime start_one = Start(one);
  const sim::VirtualTime start_other = Start(other);
  if (start_one != start_other) return start_one < start_other ? one : other;
  return traces::Index(one.fault) <= traces::Index(other.fault) ? one : other;
}

std::vector<traces::FaultEntry> CatalogueFaults(const Scenario& scenario) {
  std::vector<traces::FaultEntry> entries;
  for (const Fault& fault : scenario.faults) {
    entries.push_back({.name = fault.name,
                       .kind = KindName(fault.kind),
                       .target = fault.target,
                       .first_start = sim::VirtualTime(fault.at),
                       .duration = fault.duration,
                       .period = fault.every});
  }
  return entries;
}

}  // namespace groundhog::model
