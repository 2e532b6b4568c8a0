// Fault timelines: which faults act on a host at a time. Timelines are known before the run and are
// pure functions of time, so that every entity may read them without a message.
//
// Overlapping faults: factors multiply; each rate is drawn separately; the cause, and the code of
// an injected error, are those of the fault that began first.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_FAULT_TIMELINE_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_FAULT_TIMELINE_H_

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
  traces::FaultId id{};
  Fault::Kind kind = Fault::Kind::kOutage;
  std::uint32_t service = 0;
  std::vector<bool> hosts;    // by host number within the service; empty: all
  std::vector<bool> callers;  // by service; empty: all, clients too
  OccurrenceSchedule schedule;
  sim::Duration ramp;
  double factor = 1;
  double rate = 1;
  traces::ErrorCodeId code{};
  std::uint32_t draw_key = 0;  // from its name; used as the draw key's path: faults draw separately
  sim::Duration restart;       // kDeploy
  sim::Duration pause;
  sim::Duration drain;
  std::uint32_t at_once = 1;
  sim::Duration skew;  // kClockSkew, signed

  // Whether it acts on the service's host of this number, from 0.
  bool Hits(std::uint32_t host_number) const { return hosts.empty() || hosts[host_number]; }
  // The value that depends on its strength at `time` within the occurrence.
  double FactorAt(const OccurrenceTimes& occurrence, sim::VirtualTime time) const {
    return ramp == sim::Duration() ? factor : 1 + (factor - 1) * StrengthAt(occurrence, ramp, time);
  }
  double RateAt(const OccurrenceTimes& occurrence, sim::VirtualTime time) const {
    return ramp == sim::Duration() ? rate : rate * StrengthAt(occurrence, ramp, time);
  }
  traces::Truth TruthOf(const OccurrenceTimes& occurrence) const {
    return {.fault = id,
            .root = traces::ServiceId{static_cast<std::uint16_t>(service)},
            .occurrence = occurrence.number};
  }
  // kCrash, kDeploy: when the host of this number is down in the occurrence, [start, end).
  OccurrenceTimes DownTimes(const OccurrenceTimes& occurrence, std::uint32_t host_number) const;
};

// The faults of one service, by what they act on, each in the scenario's order.
struct ServiceFaults {
  std::vector<const FaultInfo*> admission;  // kOutage
  std::vector<const FaultInfo*> work;       // kLatency, kErrorRate, kDeploy
  std::vector<const FaultInfo*> capacity;   // kCapacity
  std::vector<const FaultInfo*> down;       // kCrash, kDeploy
  std::vector<const FaultInfo*> link;       // kPartition, kLoss: messages to and from it
  std::vector<const FaultInfo*> clock;      // kClockSkew
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
