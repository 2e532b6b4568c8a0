#include "model/scenario_warnings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "model/concat.h"
#include "model/distribution.h"
#include "model/occurrence_schedule.h"
#include "model/scenario_load.h"
#include "model/scenario_units.h"

namespace groundhog::model {
namespace {

using Warnings = std::vector<std::string>;

// Who calls whom, and how.
class Dependencies {
 public:
  explicit Dependencies(const Scenario& scenario) {
    for (const Service& service : scenario.services) {
      services_[service.name] = &service;
      for (const DependencyPolicy& policy : service.dependencies) {
        policies_[{service.name, policy.service}] = &policy;
      }
    }
  }
  const Service& ServiceNamed(std::string_view name) const { return *services_.at(name); }
  const DependencyPolicy& Between(std::string_view caller, std::string_view callee) const {
    return *policies_.at({caller, callee});
  }

 private:
  std::map<std::string_view, const Service*> services_;
  std::map<std::pair<std::string_view, std::string_view>, const DependencyPolicy*> policies_;
};

std::string Percent(double share) {
  return Concat({std::to_string(static_cast<std::int64_t>(share * 100 + 0.5)), " %"});
}

void WarnOfLoad(const Scenario& scenario, Warnings& warnings) {
  const std::vector<ServiceLoad> loads = OfferedLoad(scenario);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const std::string& name = scenario.services[i].name;
    const ServiceLoad& load = loads[i];
    if (load.slots.per_second + load.consumers.per_second == 0) {
      warnings.push_back(Concat({"no journey reaches '", name, "': it logs only its intervals"}));
    }
    if (load.slots_peak.utilisation > 1) {
      warnings.push_back(Concat({"'", name, "' is offered ", Percent(load.slots_peak.utilisation),
                                 " of its slots' time at the peak: its queue will overflow"}));
    }
    if (load.consumers_peak.utilisation > 1) {
      warnings.push_back(
          Concat({"'", name, "' is offered ", Percent(load.consumers_peak.utilisation),
                  " of its consumers' time at the peak: messages will be dropped"}));
    }
  }
}

void WarnOfTimeouts(const Scenario& scenario, const Dependencies& dependencies,
                    Warnings& warnings) {
  for (const Service& service : scenario.services) {
    for (const DependencyPolicy& policy : service.dependencies) {
      if (policy.is_async) continue;
      const sim::Duration median = Median(dependencies.ServiceNamed(policy.service).service_time);
      if (policy.timeout >= median) continue;
      warnings.push_back(
          Concat({"'", service.name, "' gives '", policy.service, "' ",
                  FormatDuration(policy.timeout), ", less than the median of its service time, ",
                  FormatDuration(median), ": most attempts will time out"}));
    }
  }
  for (const Journey& journey : scenario.journeys) {
    const sim::Duration median =
        Median(dependencies.ServiceNamed(journey.root.service).service_time);
    if (journey.deadline >= median) continue;
    warnings.push_back(
        Concat({"journey '", journey.name, "' has a deadline of ", FormatDuration(journey.deadline),
                ", less than the median of the service time of '", journey.root.service, "', ",
                FormatDuration(median), ": most requests will fail"}));
  }
}

// Finds calls that lead back to a service that holds a slot and waits for them. A deadline that
// travels along ends them together; where a call passes none on, the inner one may hold or want a
// slot of the outer one's service long after that has given up.
class CycleFinder {
 public:
  CycleFinder(const Dependencies& dependencies, Warnings& warnings)
      : dependencies_(dependencies), warnings_(warnings) {}

  void Look(const Journey& journey) {
    journey_ = journey.name;
    Follow(journey.root);
  }

 private:
  struct Step {
    std::string_view service;
    bool has_deadline = true;  // from its caller
  };

  void Follow(const Call& call) {
    path_.push_back({.service = call.service, .has_deadline = enters_with_deadline_});
    Check();
    for (const Call& callee : call.calls) {
      const DependencyPolicy& policy = dependencies_.Between(call.service, callee.service);
      // Nobody waits for a message: what it leads to begins a path of its own.
      std::vector<Step> outer;
      if (policy.is_async) outer.swap(path_);
      enters_with_deadline_ = policy.is_async || policy.propagates_deadline;
      Follow(callee);
      if (policy.is_async) outer.swap(path_);
    }
    path_.pop_back();
  }

  // Whether the path's last service stands further up, and a step between passes no deadline on.
  void Check() {
    bool has_deadline = true;
    for (std::size_t i = path_.size() - 1; i > 0; --i) {
      has_deadline = has_deadline && path_[i].has_deadline;
      if (path_[i - 1].service != path_.back().service) continue;
      if (!has_deadline) Warn(i - 1);
      return;
    }
  }

  void Warn(std::size_t first) {
    constexpr std::string_view kDanger = "when its slots are taken,";
    std::string calls;
    for (std::size_t i = first; i < path_.size(); ++i) {
      calls += Concat({calls.empty() ? "" : " -> ", path_[i].service});
    }
    if (!told_.insert(calls).second) return;
    warnings_.push_back(Concat({"journey '", journey_, "' has the call cycle ", calls,
                                " without a deadline that travels along: ", kDanger, " '",
                                path_[first].service, "' waits for itself"}));
  }

  const Dependencies& dependencies_;
  Warnings& warnings_;
  std::string_view journey_;
  std::vector<Step> path_;
  bool enters_with_deadline_ = true;
  std::set<std::string> told_;
};

std::string WhyNothingHappens(const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::kOutage:
    case Fault::Kind::kErrorRate:
    case Fault::Kind::kLoss:
      return fault.rate == 0 ? "its rate is 0" : "";
    case Fault::Kind::kLatency:
    case Fault::Kind::kCapacity:
    case Fault::Kind::kSurge:
      return fault.factor == 1 ? "its factor is 1" : "";
    case Fault::Kind::kCrash:
    case Fault::Kind::kPartition:
    case Fault::Kind::kDeploy:
    case Fault::Kind::kClockSkew:
      break;
  }
  return "";
}

void WarnOfFaults(const Scenario& scenario, Warnings& warnings) {
  const auto warn_of_late = [&](std::string_view what, const std::string& name, sim::Duration at) {
    if (at < scenario.duration) return;
    warnings.push_back(
        Concat({what, " '", name, "' never begins: it is due after ", FormatDuration(at),
                ", but the run lasts ", FormatDuration(scenario.duration)}));
  };
  for (const Fault& fault : scenario.faults) {
    warn_of_late("fault", fault.name, fault.at);
    const OccurrenceSchedule schedule = ScheduleOf(fault, scenario);
    if (fault.at < scenario.duration && schedule.is_random() && schedule.random().empty()) {
      warnings.push_back(Concat({"fault '", fault.name, "' never begins: with seed ",
                                 std::to_string(scenario.seed), " it comes only after the ",
                                 FormatDuration(scenario.duration), " of the run"}));
    }
    const std::string reason = WhyNothingHappens(fault);
    if (reason.empty()) continue;
    warnings.push_back(Concat({"fault '", fault.name, "' does nothing: ", reason}));
  }
  for (const Burst& burst : scenario.bursts) warn_of_late("burst", burst.name, burst.at);
}

}  // namespace

std::vector<std::string> ScenarioWarnings(const Scenario& scenario) {
  Warnings warnings;
  const Dependencies dependencies(scenario);
  if (scenario.journeys.empty()) {
    warnings.push_back("there are no journeys: services log only their intervals");
  } else {
    WarnOfLoad(scenario, warnings);
  }
  WarnOfTimeouts(scenario, dependencies, warnings);
  CycleFinder cycles(dependencies, warnings);
  for (const Journey& journey : scenario.journeys) cycles.Look(journey);
  WarnOfFaults(scenario, warnings);
  return warnings;
}

}  // namespace groundhog::model
