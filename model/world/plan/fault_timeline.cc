#include "model/world/plan/fault_timeline.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/world/plan/span_id.h"

namespace groundhog::model {
namespace {

// By host number; empty: all.
std::vector<bool> HostsHit(const Fault& fault, const ServiceInfo& service,
                           const Topology& topology) {
  if (fault.hosts.empty() && fault.zones.empty()) return {};
  std::vector<bool> hit(service.host_count, fault.hosts.empty());
  for (const int number : fault.hosts) {
    if (number >= 1 && static_cast<std::size_t>(number) <= hit.size()) {
      hit[static_cast<std::size_t>(number - 1)] = true;
    }
  }
  if (fault.zones.empty()) return hit;
  for (std::uint32_t i = 0; i < service.host_count; ++i) {
    const std::string& zone = topology.zone_names[topology.host_zone[service.first_host + i]];
    if (std::ranges::find(fault.zones, zone) == fault.zones.end()) hit[i] = false;
  }
  return hit;
}

std::vector<bool> CallersHit(const Fault& fault, const Topology& topology) {
  if (fault.callers.empty()) return {};
  std::vector<bool> hit(topology.services.size(), false);
  for (const std::string& caller : fault.callers) hit[topology.ServiceIndex(caller)] = true;
  return hit;
}

}  // namespace

OccurrenceTimes FaultInfo::DownTimes(const OccurrenceTimes& occurrence,
                                     std::uint32_t host_number) const {
  if (spec.kind != Fault::Kind::kDeploy) return occurrence;
  const std::int64_t turn = host_number / static_cast<std::uint32_t>(spec.at_once);
  const sim::VirtualTime start = occurrence.start + spec.drain + (spec.restart + spec.pause) * turn;
  return {.number = occurrence.number, .start = start, .end = start + spec.restart};
}

FaultTimelines::FaultTimelines(const Scenario& scenario, const Topology& topology)
    : by_service_(topology.services.size()) {
  faults_.reserve(scenario.faults.size());  // by_service_ points into it
  for (const Fault& fault : scenario.faults) {
    const FaultKind& kind = kFaultKinds[fault.kind];
    FaultInfo info{.spec = fault};
    info.id = traces::FaultId{static_cast<std::uint16_t>(faults_.size())};
    info.service = topology.ServiceIndex(fault.target);
    info.hosts = HostsHit(fault, topology.services[info.service], topology);
    info.callers = CallersHit(fault, topology);
    info.schedule = ScheduleOf(fault, scenario);
    if (kind.HasKey("factor")) info.factor = fault.factor;
    info.rate = kind.HasKey("rate") ? fault.rate : kind.rate;
    if (kind.HasKey("code")) info.code = topology.ErrorCode(fault.code);
    info.draw_key = HashName32("fault:" + fault.name);
    faults_.push_back(std::move(info));
    by_service_[faults_.back().service].Add(kind, faults_.back());
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

std::vector<traces::FaultEntry> FaultTimelines::CatalogueEntries(const Scenario& scenario) const {
  std::vector<traces::FaultEntry> entries;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = scenario.faults[i];
    traces::FaultEntry entry = {.name = fault.name,
                                .kind = std::string(kFaultKinds.NameOf(fault.kind)),
                                .target = fault.target};
    const OccurrenceSchedule& schedule = faults_[i].schedule;
    entry.is_random = schedule.is_random();
    if (!entry.is_random) {
      entry.first_start = sim::VirtualTime(fault.at);
      entry.duration = fault.duration;
      entry.period = fault.every;
    }
    for (const OccurrenceTimes& times : schedule.list()) {
      entry.times.push_back({.start = times.start, .end = times.end});
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace groundhog::model
