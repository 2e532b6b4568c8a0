// Warnings about faults, bursts and keys that change nothing.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/review/warning_rules.h"
#include "model/world/plan/occurrence_schedule.h"
#include "text/concat.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;

// The services that journeys reach, and the calls between them.
struct Traffic {
  std::set<std::string_view> reached;
  std::set<std::pair<std::string_view, std::string_view>> calls;  // caller, callee
};

void Add(const Call& call, Traffic& traffic) {
  traffic.reached.insert(call.service);
  for (const Call& callee : call.calls) {
    traffic.calls.insert({call.service, callee.service});
    Add(callee, traffic);
  }
}

Traffic TrafficOf(const Scenario& scenario) {
  Traffic traffic;
  for (const Journey& journey : scenario.journeys) {
    Add(journey.root, traffic);
  }
  return traffic;
}

// A host always keeps one slot and one consumer.
bool HasOnlyTheLast(const Service& service) {
  return service.concurrency == 1 && (!service.consumers || service.consumers->count == 1);
}

// Why the fault does nothing, by its own keys.
std::string WhyNothingHappens(const Fault& fault, const Service& target) {
  const FaultKind& kind = kFaultKinds[fault.kind];
  const bool has_work = target.service_time.kind != DurationDistribution::Kind::kConstant ||
                        target.service_time.value > sim::Duration();
  if (fault.kind == Fault::Kind::kLatency && !has_work) {
    return Concat({"the service_time of '", target.name, "' is 0s"});
  }
  if (kind.strength == "rate" && fault.rate == 0) return "its rate is 0";
  if (kind.strength == "factor" && fault.factor == 1) return "its factor is 1";
  if (ActsOn(fault.kind, FaultPlace::kCapacity) && HasOnlyTheLast(target)) {
    return Concat({"a host of '", target.name, "' has 1 slot, and one is always left"});
  }
  return "";
}

// Why the fault does nothing in this scenario: its target has no work, or the callers that it names
// never call it.
std::string WhyNobodyNotices(const Fault& fault, const Traffic& traffic) {
  // Hosts log by themselves that they stop, and what their clocks say; a surge is traffic itself.
  const auto acts_on = [&fault](FaultPlace place) { return ActsOn(fault.kind, place); };
  if (acts_on(FaultPlace::kDown) || acts_on(FaultPlace::kClock) || acts_on(FaultPlace::kTraffic)) {
    return "";
  }
  if (!traffic.reached.contains(fault.target)) {
    return Concat({"no journey reaches '", fault.target, "'"});
  }
  if (fault.callers.empty()) return "";
  const bool is_called = std::ranges::any_of(fault.callers, [&](const std::string& caller) {
    return traffic.calls.contains({caller, fault.target});
  });
  return is_called ? "" : Concat({"its callers call '", fault.target, "' in no journey"});
}

void WarnOfLate(std::string_view what, const std::string& path, const std::string& name,
                sim::Duration at, const Scenario& scenario, Warnings& warnings) {
  if (at < scenario.duration) return;
  warnings.push_back(
      {path, Concat({what, " '", name, "' never begins: it is due after ", FormatDuration(at),
                     ", but the run lasts ", FormatDuration(scenario.duration)})});
}

void WarnOfService(const Service& service, const std::set<std::string_view>& gets_messages,
                   Warnings& warnings) {
  const std::string path = Concat({"services.", service.name});
  if (service.consumers && !gets_messages.contains(service.name)) {
    warnings.push_back({path + ".consumers",
                        Concat({"the consumers of '", service.name,
                                "' have nothing to do: no journey makes an async call there"})});
  }
  const auto limit = service.shedding.concurrency_limit;
  if (limit && *limit >= service.concurrency + service.queue_bound) {
    warnings.push_back(
        {path + ".shedding.concurrency_limit",
         Concat({"the 'concurrency_limit' of '", service.name, "', ", std::to_string(*limit),
                 ", never sheds anything: 'concurrency' and 'queue' are ",
                 std::to_string(service.concurrency + service.queue_bound), " together"})});
  }
  for (const OwnError& error : service.errors) {
    if (error.rate > 0) continue;
    warnings.push_back({Concat({path, ".errors.", error.code, ".rate"}),
                        Concat({"the error ", error.code, " of '", service.name,
                                "' never happens: its rate is 0"})});
  }
  for (const DependencyPolicy& policy : service.dependencies) {
    if (!policy.retries.budget_percent || policy.retries.max > 0) continue;
    warnings.push_back({Concat({path, ".dependencies.", policy.service, ".retries.budget_percent"}),
                        Concat({"the retry budget of '", service.name, "' for '", policy.service,
                                "' does nothing: the 'max' of its retries is 0"})});
  }
}

}  // namespace

void WarnOfFaultsThatNeverBegin(const Scenario& scenario, Warnings& warnings) {
  for (const Fault& fault : scenario.faults) {
    const std::string path = Concat({"faults.", fault.name});
    WarnOfLate("fault", path, fault.name, fault.at, scenario, warnings);
    const OccurrenceSchedule schedule = ScheduleOf(fault, scenario);
    if (fault.at >= scenario.duration || !schedule.is_random() || !schedule.list().empty()) {
      continue;
    }
    warnings.push_back({path, Concat({"fault '", fault.name, "' never begins: with seed ",
                                      std::to_string(scenario.seed), " it comes only after the ",
                                      FormatDuration(scenario.duration), " of the run"})});
  }
}

void WarnOfFaultsWithoutEffect(const Scenario& scenario, Warnings& warnings) {
  const Traffic traffic = TrafficOf(scenario);
  for (const Fault& fault : scenario.faults) {
    const auto target = std::ranges::find(scenario.services, fault.target, &Service::name);
    std::string reason = WhyNothingHappens(fault, *target);
    if (reason.empty() && !scenario.journeys.empty()) reason = WhyNobodyNotices(fault, traffic);
    if (reason.empty()) continue;
    warnings.push_back({Concat({"faults.", fault.name}),
                        Concat({"fault '", fault.name, "' does nothing: ", reason})});
  }
}

void WarnOfBurstsWithoutEffect(const Scenario& scenario, Warnings& warnings) {
  const bool has_rate = std::ranges::any_of(
      scenario.journeys, [](const Journey& journey) { return journey.rate_per_second > 0; });
  for (const Burst& burst : scenario.bursts) {
    const std::string path = Concat({"traffic.bursts.", burst.name});
    WarnOfLate("burst", path, burst.name, burst.at, scenario, warnings);
    const std::string_view reason = burst.factor == 1 ? "its factor is 1"
                                    : has_rate        ? ""
                                                      : "no journey has a rate";
    if (reason.empty()) continue;
    warnings.push_back({path, Concat({"burst '", burst.name, "' does nothing: ", reason})});
  }
}

void WarnOfKeysWithoutEffect(const Scenario& scenario, Warnings& warnings) {
  const Traffic traffic = TrafficOf(scenario);
  std::set<std::string_view> gets_messages;
  std::set<std::string_view> zones;
  for (const Service& service : scenario.services) {
    zones.insert(service.zones.begin(), service.zones.end());
    for (const DependencyPolicy& policy : service.dependencies) {
      if (policy.is_async && traffic.calls.contains({service.name, policy.service})) {
        gets_messages.insert(policy.service);
      }
    }
  }
  for (const Service& service : scenario.services) {
    WarnOfService(service, gets_messages, warnings);
  }
  if (scenario.cross_zone_latency && zones.size() < 2) {
    warnings.push_back({"network.cross_zone",
                        "'cross_zone' does nothing: the services are not in two zones; give them "
                        "'zones'"});
  }
}

}  // namespace groundhog::model
