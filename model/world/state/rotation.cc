#include "model/world/state/rotation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "sim/random.h"

namespace groundhog::model {
namespace {

// Only a fault that refuses every probe takes a host out.
bool RefusesAll(const FaultInfo& fault) {
  return fault.rate >= 1 && fault.spec.ramp == sim::Duration();
}

}  // namespace

Rotation::Rotation(std::uint64_t seed, const Topology& topology, const FaultTimelines& faults)
    : topology_(topology), faults_(faults), probe_phases_(topology.host_count()) {
  for (std::uint32_t i = 0; i < topology.services.size(); ++i) {
    const ServiceInfo& service = topology.services[i];
    const ServiceFaults& of_service = faults.OfService(i);
    const bool has_deploy = std::ranges::any_of(
        of_service.At(FaultPlace::kDown),
        [](const FaultInfo* fault) { return fault->spec.kind == Fault::Kind::kDeploy; });
    is_plain_.push_back(!service.spec->health_check && !has_deploy &&
                        !service.spec->prefers_own_zone);
    if (!service.spec->health_check) continue;
    for (std::uint32_t host = service.first_host; host < service.first_host + service.host_count;
         ++host) {
      const sim::DrawBlock draws =
          sim::Draw(sim::StreamKey(seed, "host/" + topology.host_names[host]),
                    {.purpose = static_cast<std::uint16_t>(Purpose::kProbePhase)});
      const auto interval = static_cast<double>(service.spec->health_check->interval.nanoseconds());
      probe_phases_[host] = sim::Duration(static_cast<std::int64_t>(interval * draws.Uniform64(0)));
    }
  }
  choices_.resize(topology.services.size() * topology.zone_names.size());
}

std::span<const std::uint32_t> Rotation::RestrictedChoices(std::uint32_t service,
                                                           std::uint32_t zone,
                                                           sim::VirtualTime now) {
  if (!topology_.services[service].spec->prefers_own_zone) zone = 0;
  Choice& choice = choices_[service * topology_.zone_names.size() + zone];
  if (now < choice.from || now >= choice.until) WorkOut(service, zone, now, &choice);
  return choice.hosts;
}

void Rotation::WorkOut(std::uint32_t service, std::uint32_t zone, sim::VirtualTime now,
                       Choice* choice) const {
  const ServiceInfo& info = topology_.services[service];
  choice->from = now;
  choice->until = sim::VirtualTime::Max();
  choice->hosts.clear();
  std::vector<std::uint32_t> in_zone;
  for (std::uint32_t number = 0; number < info.host_count; ++number) {
    if (IsOut(service, number, now, &choice->until)) continue;
    choice->hosts.push_back(number);
    if (zone != 0 && topology_.host_zone[info.first_host + number] == zone) {
      in_zone.push_back(number);
    }
  }
  if (!in_zone.empty()) choice->hosts = in_zone;
  // All hosts are in rotation: the same draws as in a world without rotation.
  if (choice->hosts.size() == info.host_count) choice->hosts.clear();
}

bool Rotation::IsOut(std::uint32_t service, std::uint32_t number, sim::VirtualTime time,
                     sim::VirtualTime* next_change) const {
  bool is_out = false;
  const auto consider = [&](const FaultInfo& fault) {
    if (!fault.Hits(number)) return;
    // The previous occurrence may still keep the host out after the next has begun.
    const OccurrenceTimes last = fault.schedule.LastStarted(time);
    const std::array<OccurrenceTimes, 3> near = {
        fault.schedule.Numbered(last.exists() ? last.number - 1 : 0), last,
        fault.schedule.FirstAfter(time)};
    for (const OccurrenceTimes& occurrence : near) {
      if (!occurrence.exists()) continue;
      const Window window = OutWindow(fault, occurrence, number);
      if (window.begin >= window.end) continue;
      if (time < window.begin) {
        *next_change = std::min(*next_change, window.begin);
      } else if (time < window.end) {
        is_out = true;
        *next_change = std::min(*next_change, window.end);
      }
      // Look again when this occurrence starts: only then is the one after it among `near`.
      if (time < occurrence.start) *next_change = std::min(*next_change, occurrence.start);
    }
  };
  const ServiceFaults& faults = faults_.OfService(service);
  for (const FaultInfo* fault : faults.At(FaultPlace::kDown)) consider(*fault);
  for (const FaultInfo* fault : faults.At(FaultPlace::kAdmission)) {
    if (RefusesAll(*fault)) consider(*fault);
  }
  return is_out;
}

// When the occurrence keeps the host out of rotation; empty: never.
Rotation::Window Rotation::OutWindow(const FaultInfo& fault, const OccurrenceTimes& occurrence,
                                     std::uint32_t number) const {
  const ServiceInfo& service = topology_.services[fault.service];
  const OccurrenceTimes down = fault.DownTimes(occurrence, number);
  Window window = {.begin = down.end, .end = down.end};
  if (fault.spec.kind == Fault::Kind::kDeploy) window.begin = down.start - fault.spec.drain;
  if (!service.spec->health_check) return window;
  const HealthCheck& check = *service.spec->health_check;
  const sim::Duration phase = probe_phases_[service.first_host + number];
  window.end = ProbeAt(check, phase, down.end) + check.interval * (check.healthy_after - 1);
  if (fault.spec.kind != Fault::Kind::kDeploy) {
    window.begin = ProbeAt(check, phase, down.start) + check.interval * (check.unhealthy_after - 1);
    if (window.begin >= down.end) window.end = window.begin;  // over before a probe noticed it
  }
  return window;
}

// The first probe at `time` or later.
sim::VirtualTime Rotation::ProbeAt(const HealthCheck& check, sim::Duration phase,
                                   sim::VirtualTime time) const {
  // Beyond any run: means never, and avoids the overflow below.
  constexpr sim::VirtualTime kFar = sim::VirtualTime(std::numeric_limits<std::int64_t>::max() / 2);
  if (time >= kFar) return kFar;
  const sim::Duration since = time.since_start() - phase;
  if (since <= sim::Duration()) return sim::VirtualTime(phase);
  const std::int64_t intervals =
      (since.nanoseconds() + check.interval.nanoseconds() - 1) / check.interval.nanoseconds();
  return sim::VirtualTime(phase + check.interval * intervals);
}

}  // namespace groundhog::model
