#include "model/scenario_warnings.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

#include "model/concat.h"
#include "model/distribution.h"
#include "model/scenario_units.h"

namespace groundhog::model {
namespace {

using Indices = std::map<std::string_view, std::size_t>;

Indices IndicesByName(const std::vector<Service>& services) {
  Indices indices;
  for (std::size_t i = 0; i < services.size(); ++i) indices[services[i].name] = i;
  return indices;
}

double MeanSeconds(const DurationDistribution& distribution) {
  return CompileDistribution(distribution).MeanNanoseconds() / 1e9;
}

// Follows call trees and adds up spans and the time that they hold a slot.
class LoadAdder {
 public:
  explicit LoadAdder(const Scenario& scenario)
      : indices_(IndicesByName(scenario.services)),
        hop_seconds_(MeanSeconds(scenario.network_latency)),
        spans_per_second_(scenario.services.size()),
        slots_busy_(scenario.services.size()) {
    for (const Service& service : scenario.services) {
      own_seconds_.push_back(MeanSeconds(service.service_time));
    }
  }

  // Returns how long one span of `call` holds its slot.
  double Add(const Call& call, double rate_per_second) {
    const std::size_t index = indices_.at(call.service);
    double held_seconds = own_seconds_[index];
    for (const Call& callee : call.calls) {
      const double callee_seconds = Add(callee, rate_per_second * callee.probability);
      held_seconds += callee.probability * (callee_seconds + 2 * hop_seconds_);
    }
    spans_per_second_[index] += rate_per_second;
    slots_busy_[index] += rate_per_second * held_seconds;
    return held_seconds;
  }

  double spans_per_second(std::size_t index) const { return spans_per_second_[index]; }
  double slots_busy(std::size_t index) const { return slots_busy_[index]; }

 private:
  Indices indices_;
  double hop_seconds_;
  std::vector<double> own_seconds_;
  std::vector<double> spans_per_second_;
  std::vector<double> slots_busy_;
};

double PeakFactor(const Scenario& scenario) {
  return *std::ranges::max_element(scenario.daily) * *std::ranges::max_element(scenario.weekly);
}

std::string Percent(double share) {
  return Concat({std::to_string(static_cast<std::int64_t>(share * 100 + 0.5)), " %"});
}

void WarnOfTimeouts(const Scenario& scenario, std::vector<std::string>& warnings) {
  const Indices indices = IndicesByName(scenario.services);
  for (const Service& service : scenario.services) {
    for (const DependencyPolicy& policy : service.dependencies) {
      const Service& callee = scenario.services[indices.at(policy.service)];
      const sim::Duration median = Median(callee.service_time);
      if (policy.timeout >= median) continue;
      warnings.push_back(
          Concat({"'", service.name, "' gives '", policy.service, "' ",
                  FormatDuration(policy.timeout), ", less than the median of its service time, ",
                  FormatDuration(median), ": most attempts will time out"}));
    }
  }
}

void WarnOfFaults(const Scenario& scenario, std::vector<std::string>& warnings) {
  for (const Fault& fault : scenario.faults) {
    if (fault.at < scenario.duration) continue;
    warnings.push_back(
        Concat({"fault '", fault.name, "' never begins: it is due after ", FormatDuration(fault.at),
                ", but the run lasts ", FormatDuration(scenario.duration)}));
  }
}

void WarnOfLoad(const Scenario& scenario, std::vector<std::string>& warnings) {
  const std::vector<ServiceLoad> loads = OfferedLoad(scenario);
  const double peak = PeakFactor(scenario);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const std::string& name = scenario.services[i].name;
    if (loads[i].spans_per_second == 0) {
      warnings.push_back(Concat({"no journey reaches '", name, "': it logs only its intervals"}));
    }
    const double at_peak = loads[i].utilisation * peak;
    if (at_peak <= 1) continue;
    warnings.push_back(Concat({"'", name, "' is offered ", Percent(at_peak),
                               " of its slots' time at the daily peak: its queue will overflow"}));
  }
}

}  // namespace

std::vector<ServiceLoad> OfferedLoad(const Scenario& scenario) {
  LoadAdder adder(scenario);
  for (const Journey& journey : scenario.journeys) adder.Add(journey.root, journey.rate_per_second);
  std::vector<ServiceLoad> loads;
  for (std::size_t i = 0; i < scenario.services.size(); ++i) {
    const Service& service = scenario.services[i];
    const double slots = static_cast<double>(service.hosts) * service.concurrency;
    loads.push_back({.spans_per_second = adder.spans_per_second(i),
                     .utilisation = adder.slots_busy(i) / slots});
  }
  return loads;
}

std::vector<std::string> ScenarioWarnings(const Scenario& scenario) {
  std::vector<std::string> warnings;
  if (scenario.journeys.empty()) {
    warnings.push_back("there are no journeys: services log only their intervals");
  } else {
    WarnOfLoad(scenario, warnings);
  }
  WarnOfTimeouts(scenario, warnings);
  WarnOfFaults(scenario, warnings);
  return warnings;
}

}  // namespace groundhog::model
