#include "model/world/plan/topology.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/world/plan/distribution.h"
#include "model/world/plan/failure.h"
#include "model/world/plan/grid.h"
#include "model/world/plan/span_id.h"
#include "model/world/plan/topology_sources.h"

namespace groundhog::model {
namespace {

constexpr std::size_t kIdsMax = 65'000;  // steps of all call trees: numbered in 16 bits

// Compiles one scenario. A class, so that all steps share the lookups by name.
class Compiler {
 public:
  explicit Compiler(const Scenario& scenario)
      : topology_{.scenario = std::make_shared<const Scenario>(OnGrid(scenario)),
                  .resolution = UnitOf(scenario.resolution)},
        scenario_(*topology_.scenario) {}

  absl::StatusOr<Topology> Compile() {
    CollectErrorCodes();
    CollectZones();
    for (const Service& service : scenario_.services) AddService(service);
    for (const Service& service : scenario_.services) AddDependencies(service);
    for (const Journey& journey : scenario_.journeys) {
      if (absl::Status status = AddJourney(journey); !status.ok()) return status;
    }
    AssignLanes();
    topology_.network_latency =
        CompileDistribution(scenario_.network_latency, topology_.resolution);
    topology_.network_latency_min = scenario_.network_latency_min;
    AddZoneLatencies();
    topology_.sources = CompileSources(scenario_, topology_);
    return std::move(topology_);
  }

 private:
  void CollectErrorCodes() {
    std::set<std::string> codes;
    for (const char* code : kFailureCodes) {
      if (*code != '\0') codes.insert(code);
    }
    for (const Service& service : scenario_.services) {
      for (const OwnError& error : service.errors) codes.insert(error.code);
    }
    for (const Fault& fault : scenario_.faults) {
      if (kFaultKinds[fault.kind].HasKey("code")) codes.insert(fault.code);
    }
    topology_.error_codes.assign(codes.begin(), codes.end());
  }

  void CollectZones() {
    std::set<std::string> zones = {""};
    for (const Service& service : scenario_.services) {
      zones.insert(service.zones.begin(), service.zones.end());
    }
    topology_.zone_names.assign(zones.begin(), zones.end());
  }

  // The name must be a zone of some service, or empty.
  std::uint32_t ZoneIndex(const std::string& name) const {
    const auto found = std::ranges::lower_bound(topology_.zone_names, name);
    return static_cast<std::uint32_t>(found - topology_.zone_names.begin());
  }

  void AddZoneLatencies() {
    const std::size_t zones = topology_.zone_names.size();
    if (zones == 1 || (!scenario_.cross_zone_latency && scenario_.zone_links.empty())) return;
    const sim::DurationSampler across =
        scenario_.cross_zone_latency
            ? CompileDistribution(*scenario_.cross_zone_latency, topology_.resolution)
            : topology_.network_latency;
    for (std::size_t from = 0; from < zones; ++from) {
      for (std::size_t to = 0; to < zones; ++to) {
        const bool is_across = from != to && from != 0 && to != 0;
        topology_.zone_latency.push_back(is_across ? across : topology_.network_latency);
      }
    }
    for (const ZoneLink& link : scenario_.zone_links) {
      const std::size_t one = ZoneIndex(link.one);
      const std::size_t other = ZoneIndex(link.other);
      topology_.zone_latency[one * zones + other] =
          CompileDistribution(link.latency, topology_.resolution);
      topology_.zone_latency[other * zones + one] = topology_.zone_latency[one * zones + other];
    }
  }

  void AddService(const Service& service) {
    ServiceInfo info;
    info.spec = &service;
    info.first_host = static_cast<std::uint32_t>(topology_.host_service.size());
    info.host_count = static_cast<std::uint32_t>(service.hosts);
    info.service_time = CompileDistribution(service.service_time, topology_.resolution);
    info.log_interval.delay = service.log_interval;
    double cumulative_rate = 0;
    for (const OwnError& error : service.errors) {
      cumulative_rate += error.rate;
      const std::uint64_t threshold = ShareThreshold(std::min(cumulative_rate, 1.0));
      info.errors.push_back(
          {.code = topology_.ErrorCode(error.code),
           .threshold = static_cast<std::uint32_t>(std::min<std::uint64_t>(threshold, 0xFFFFFFFFu)),
           .retryable = error.retryable,
           .index = static_cast<std::uint32_t>(info.errors.size())});
    }
    const auto index = static_cast<std::uint32_t>(topology_.services.size());
    for (int number = 1; number <= service.hosts; ++number) {
      topology_.host_service.push_back(index);
      topology_.host_names.push_back(absl::StrCat(service.name, "-", number));
      const auto zones = static_cast<int>(service.zones.size());
      topology_.host_zone.push_back(
          zones == 0 ? 0
                     : ZoneIndex(service.zones[static_cast<std::size_t>((number - 1) % zones)]));
    }
    service_index_[service.name] = index;
    topology_.services.push_back(std::move(info));
  }

  void AddDependencies(const Service& service) {
    const std::uint32_t caller = service_index_.at(service.name);
    for (const DependencyPolicy& policy : service.dependencies) {
      const std::uint32_t callee = service_index_.at(policy.service);
      dependency_index_[{caller, callee}] =
          static_cast<std::uint32_t>(topology_.dependencies.size());
      DependencyInfo info = {.spec = &policy,
                             .caller = caller,
                             .callee = callee,
                             .timeout = {.delay = policy.timeout}};
      if (policy.retries.budget_percent || policy.breaker) {
        std::vector<std::uint32_t>& guarded = topology_.services[caller].guarded;
        info.guard = static_cast<std::uint32_t>(guarded.size());
        guarded.push_back(static_cast<std::uint32_t>(topology_.dependencies.size()));
      }
      topology_.dependencies.push_back(info);
    }
  }

  absl::Status AddJourney(const Journey& journey) {
    JourneyInfo info;
    info.spec = &journey;
    info.deadline.delay = journey.deadline;
    info.patience.delay = journey.patience.value_or(journey.deadline);
    info.zone = ZoneIndex(journey.zone);
    info.root = static_cast<std::uint32_t>(topology_.nodes.size());
    topology_.nodes.emplace_back();
    topology_.node_names.emplace_back();
    FillNode(info.root, journey.root, journey.name, /*occurrence=*/0);
    topology_.services[topology_.nodes[info.root].service].takes_calls = true;
    topology_.journeys.push_back(info);
    if (topology_.nodes.size() > kIdsMax) {
      return absl::InvalidArgumentError(absl::StrCat("the journeys have more than ", kIdsMax,
                                                     " steps in all; shorten their call trees"));
    }
    return absl::OkStatus();
  }

  // Recursion is bounded by the parser's limit on a tree's depth.
  void FillNode(std::uint32_t index, const Call& call, const std::string& parent_name,
                int occurrence) {
    CallNode node;
    node.service = service_index_.at(call.service);
    node.first_child = static_cast<std::uint32_t>(topology_.nodes.size());
    node.child_count = static_cast<std::uint32_t>(call.calls.size());
    node.call_key = HashName32(absl::StrCat(call.service, "#", occurrence));
    node.taken_threshold = ShareThreshold(call.probability);
    node.path = traces::CallPathId{static_cast<std::uint16_t>(index)};
    topology_.node_names[index] = absl::StrCat(parent_name, "/", call.service);
    const std::string name = topology_.node_names[index];
    topology_.nodes.resize(topology_.nodes.size() + call.calls.size());
    topology_.node_names.resize(topology_.nodes.size());
    topology_.nodes[index] = node;
    std::map<std::string, int> occurrences;
    std::uint32_t group = 0;
    for (std::uint32_t i = 0; i < node.child_count; ++i) {
      const Call& child = call.calls[i];
      FillNode(node.first_child + i, child, name, occurrences[child.service]++);
      if (!child.is_with_previous) ++group;
      topology_.nodes[node.first_child + i].group = group;
      const std::uint32_t callee = service_index_.at(child.service);
      const std::uint32_t dependency = dependency_index_.at({node.service, callee});
      topology_.nodes[node.first_child + i].dependency = dependency;
      if (!topology_.dependencies[dependency].spec->is_async) {
        topology_.services[callee].takes_calls = true;
      }
    }
  }

  // The delays of the most timers come first; of two with equal shares, the shorter one.
  void AssignLanes() {
    std::vector<TimerDelay*> timers;
    std::map<sim::Duration, std::size_t> uses;
    for (DependencyInfo& dependency : topology_.dependencies) timers.push_back(&dependency.timeout);
    for (JourneyInfo& journey : topology_.journeys) timers.push_back(&journey.patience);
    for (ServiceInfo& service : topology_.services) timers.push_back(&service.log_interval);
    for (const TimerDelay* timer : timers) ++uses[timer->delay];
    std::vector<std::pair<sim::Duration, std::size_t>> delays(uses.begin(), uses.end());
    std::stable_sort(delays.begin(), delays.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (delays.size() > kLanesMax) delays.resize(kLanesMax);
    topology_.lane_count = delays.size();
    std::map<sim::Duration, std::size_t> lanes;
    for (std::size_t lane = 0; lane < delays.size(); ++lane) lanes[delays[lane].first] = lane;
    for (TimerDelay* timer : timers) {
      const auto found = lanes.find(timer->delay);
      timer->lane = found == lanes.end() ? kNoLane : found->second;
    }
  }

  Topology topology_;
  const Scenario& scenario_;  // the topology's
  std::map<std::string, std::uint32_t> service_index_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> dependency_index_;
};

}  // namespace

traces::ErrorCodeId Topology::ErrorCode(const std::string& code) const {
  const auto found = std::lower_bound(error_codes.begin(), error_codes.end(), code);
  return traces::ErrorCodeId{static_cast<std::uint16_t>(found - error_codes.begin())};
}

std::uint32_t Topology::ServiceIndex(const std::string& name) const {
  const auto name_of = [](const ServiceInfo& info) -> const std::string& {
    return info.spec->name;
  };
  const auto found = std::ranges::find(services, name, name_of);
  return static_cast<std::uint32_t>(found - services.begin());
}

std::uint64_t ShareThreshold(double share) {
  return static_cast<std::uint64_t>(share * 4294967296.0);
}

absl::StatusOr<Topology> CompileTopology(const Scenario& scenario) {
  return Compiler(scenario).Compile();
}

}  // namespace groundhog::model
