// Warnings about which service calls which.
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/review/warning_rules.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

// Who calls whom, and how.
class Dependencies {
 public:
  explicit Dependencies(const Scenario& scenario) {
    for (const Service& service : scenario.services) {
      for (const DependencyPolicy& policy : service.dependencies) {
        policies_[{service.name, policy.service}] = &policy;
      }
    }
  }
  const DependencyPolicy& Between(std::string_view caller, std::string_view callee) const {
    return *policies_.at({caller, callee});
  }

 private:
  std::map<std::pair<std::string_view, std::string_view>, const DependencyPolicy*> policies_;
};

// Finds calls that lead back to a service that holds a slot and waits for them. If every call
// passes its deadline on, all end together. If one does not, the inner call may hold or want a slot
// of the outer one's service long after the outer one has given up.
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
      // No caller waits for a message: its handling starts a new path.
      std::vector<Step> outer;
      if (policy.is_async) outer.swap(path_);
      enters_with_deadline_ = policy.is_async || policy.propagates_deadline;
      Follow(callee);
      if (policy.is_async) outer.swap(path_);
    }
    path_.pop_back();
  }

  // Whether the path's last service occurs in it before, and a step between passes no deadline on.
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
    warnings_.push_back({Concat({"journeys.", journey_, ".entry"}),
                         Concat({"journey '", journey_, "' has the call cycle ", calls,
                                 " without a deadline that travels along: ", kDanger, " '",
                                 path_[first].service, "' waits for itself"})});
  }

  const Dependencies& dependencies_;
  Warnings& warnings_;
  std::string_view journey_;
  std::vector<Step> path_;
  bool enters_with_deadline_ = true;
  std::set<std::string> told_;
};

// The place of each element of a call's list: "calls.1", or "calls.1.parallel.0" in a group.
std::vector<std::string> CallPaths(const Call& caller, std::string_view path) {
  std::vector<std::string> paths;
  int element = -1;
  int in_group = 0;
  for (std::size_t i = 0; i < caller.calls.size(); ++i) {
    const bool continues = caller.calls[i].is_with_previous;
    const bool is_continued = i + 1 < caller.calls.size() && caller.calls[i + 1].is_with_previous;
    element += continues ? 0 : 1;
    in_group = continues ? in_group + 1 : 0;
    std::string where = Concat({path, ".calls.", std::to_string(element)});
    if (continues || is_continued) where += Concat({".parallel.", std::to_string(in_group)});
    paths.push_back(std::move(where));
  }
  return paths;
}

// Calls `visit(call, path)` for the root and all below it.
template <typename Visit>
void VisitCalls(const Call& call, const std::string& path, const Visit& visit) {
  visit(call, path);
  const std::vector<std::string> paths = CallPaths(call, path);
  for (std::size_t i = 0; i < call.calls.size(); ++i) VisitCalls(call.calls[i], paths[i], visit);
}

template <typename Visit>
void VisitJourneys(const Scenario& scenario, const Visit& visit) {
  for (const Journey& journey : scenario.journeys) {
    VisitCalls(journey.root, Concat({"journeys.", journey.name, ".entry"}),
               [&](const Call& call, const std::string& path) { visit(journey, call, path); });
  }
}

}  // namespace

void WarnOfCallCycles(const Scenario& scenario, Warnings& warnings) {
  const Dependencies dependencies(scenario);
  CycleFinder cycles(dependencies, warnings);
  for (const Journey& journey : scenario.journeys) cycles.Look(journey);
}

// A policy that no journey's tree uses. Services that no journey reaches have their own warning.
void WarnOfUnusedDependencies(const Scenario& scenario, Warnings& warnings) {
  std::set<std::string_view> reached;
  std::set<std::pair<std::string_view, std::string_view>> used;
  VisitJourneys(scenario, [&](const Journey&, const Call& call, const std::string&) {
    reached.insert(call.service);
    for (const Call& callee : call.calls) used.insert({call.service, callee.service});
  });
  for (const Service& service : scenario.services) {
    if (!reached.contains(service.name)) continue;
    for (const DependencyPolicy& policy : service.dependencies) {
      if (used.contains({service.name, policy.service})) continue;
      warnings.push_back(
          {Concat({"services.", service.name, ".dependencies.", policy.service}),
           Concat({"'", service.name, "' never calls '", policy.service,
                   "': a dependency says how to call, but only a journey makes ",
                   "calls; write {service: ", service.name, ", calls: [", policy.service,
                   "]} in a journey, or leave the dependency out"})});
    }
  }
}

// A call to a service that calls nobody here but does so in another journey. Not for an entry: its
// author wrote the whole journey and meant it.
void WarnOfForgottenCalls(const Scenario& scenario, Warnings& warnings) {
  struct Place {
    const Journey* journey = nullptr;
    const Call* call = nullptr;
  };
  std::map<std::string_view, Place> goes_on;  // the first call of each service that does
  VisitJourneys(scenario, [&](const Journey& journey, const Call& call, const std::string&) {
    if (!call.calls.empty()) goes_on.insert({call.service, {&journey, &call}});
  });
  std::set<std::pair<std::string_view, std::string_view>> told;
  VisitJourneys(scenario, [&](const Journey& journey, const Call& call, const std::string& path) {
    const auto elsewhere = goes_on.find(call.service);
    if (!call.calls.empty() || &call == &journey.root || elsewhere == goes_on.end()) return;
    if (elsewhere->second.journey == &journey) return;
    if (!told.insert({journey.name, call.service}).second) return;
    const std::string& callee = elsewhere->second.call->calls.front().service;
    warnings.push_back(
        {path, Concat({"journey '", journey.name, "' ends at '", call.service, "', which calls '",
                       callee, "' in journey '", elsewhere->second.journey->name,
                       "': a call makes only the calls that its journey lists; to continue, write ",
                       "{service: ", call.service, ", calls: [", callee, "]}"})});
  });
}

void WarnOfCallsNeverMade(const Scenario& scenario, Warnings& warnings) {
  VisitJourneys(scenario, [&](const Journey& journey, const Call& call, const std::string& path) {
    if (call.probability > 0 || &call == &journey.root) return;
    warnings.push_back(
        {path + ".probability", Concat({"journey '", journey.name, "' never calls '", call.service,
                                        "' here: its probability is 0; leave the call out"})});
  });
}

void WarnOfJourneysNeverMade(const Scenario& scenario, Warnings& warnings) {
  std::set<std::string_view> asked;
  for (const UserPopulation& users : scenario.users) {
    for (const SessionStep& step : users.session) {
      if (step.probability > 0) asked.insert(step.journey);
    }
  }
  for (const Journey& journey : scenario.journeys) {
    if (journey.rate_per_second > 0 || asked.contains(journey.name)) continue;
    warnings.push_back({Concat({"journeys.", journey.name, ".rate"}),
                        Concat({"journey '", journey.name,
                                "' gets no requests: its rate is 0/s and no users ask for it"})});
  }
}

}  // namespace groundhog::model
