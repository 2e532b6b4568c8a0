// Fault timelines: which faults act on a host at a time. Timelines are known before the run and are
// pure functions of time, so that every entity may read them without a message.
//
// Overlapping faults: factors multiply; each rate is drawn separately; the cause, and the code of
// an injected error, are those of the fault that began first.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_FAULT_TIMELINE_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_FAULT_TIMELINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/scenario/scenario.h"
#include "model/world/plan/occurrence_schedule.h"
#include "model/world/plan/topology.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

// One fault, compiled.
struct FaultInfo {
  Fault spec;  // as in the scenario; its factor and rate only if its kind has them
  traces::FaultId id{};
  std::uint32_t service = 0;
  std::vector<bool> hosts;    // by host number within the service; empty: all
  std::vector<bool> callers;  // by service; empty: all, clients too
  OccurrenceSchedule schedule;
  double factor = 1;
  double rate = 0;
  traces::ErrorCodeId code{};
  std::uint32_t draw_key = 0;  // from its name; used as the draw key's path: faults draw separately

  // Whether it acts on the service's host of this number, from 0.
  bool Hits(std::uint32_t host_number) const { return hosts.empty() || hosts[host_number]; }
  // The value that depends on its strength at `time` within the occurrence.
  double FactorAt(const OccurrenceTimes& occurrence, sim::VirtualTime time) const {
    const sim::Duration ramp = spec.ramp;
    return ramp == sim::Duration() ? factor : 1 + (factor - 1) * StrengthAt(occurrence, ramp, time);
  }
  double RateAt(const OccurrenceTimes& occurrence, sim::VirtualTime time) const {
    const sim::Duration ramp = spec.ramp;
    return ramp == sim::Duration() ? rate : rate * StrengthAt(occurrence, ramp, time);
  }
  traces::Truth TruthOf(const OccurrenceTimes& occurrence) const {
    return {.fault = id, .root = ServiceIdOf(service), .occurrence = occurrence.number};
  }
  // kCrash, kDeploy: when the host of this number is down in the occurrence, [start, end).
  OccurrenceTimes DownTimes(const OccurrenceTimes& occurrence, std::uint32_t host_number) const;
};

// The faults of one service, by where they act, each in the scenario's order.
class ServiceFaults {
 public:
  const std::vector<const FaultInfo*>& At(FaultPlace place) const {
    return by_place_[static_cast<std::size_t>(place)];
  }

  // `fault` must outlive this.
  void Add(const FaultKind& kind, const FaultInfo& fault) {
    for (std::size_t place = 0; place < kFaultPlaceCount; ++place) {
      if (kind.acts_on.Has(static_cast<FaultPlace>(place))) by_place_[place].push_back(&fault);
    }
  }

 private:
  std::array<std::vector<const FaultInfo*>, kFaultPlaceCount> by_place_;
};

// Immutable; cannot be moved.
class FaultTimelines {
 public:
  FaultTimelines(const Scenario& scenario, const Topology& topology);
  FaultTimelines(const FaultTimelines&) = delete;
  FaultTimelines& operator=(const FaultTimelines&) = delete;

  const FaultInfo& info(traces::FaultId fault) const { return faults_[traces::Index(fault)]; }
  const ServiceFaults& OfService(std::uint32_t service) const { return by_service_[service]; }

  // The start of the occurrence that a truth names; needs truth.fault != kNone.
  sim::VirtualTime Start(const traces::Truth& truth) const {
    return info(truth.fault).schedule.Numbered(truth.occurrence).start;
  }

  // Of two causes the one that began first, on a tie the first fault of the scenario; kNone loses.
  // For equal causes, the one with fewer hops.
  traces::Truth Earlier(const traces::Truth& one, const traces::Truth& other) const;

  // As the trace's catalogue lists them.
  std::vector<traces::FaultEntry> CatalogueEntries(const Scenario& scenario) const;

 private:
  std::vector<FaultInfo> faults_;
  std::vector<ServiceFaults> by_service_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_FAULT_TIMELINE_H_
