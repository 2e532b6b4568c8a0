// Fault timelines: which faults act on a host at a time. Timelines are known before the run and are
// pure functions of time, so that every entity may read them without a message (DESIGN: determinism
// contract, rule 3).
#ifndef GROUNDHOG_MODEL_FAULT_TIMELINE_H_
#define GROUNDHOG_MODEL_FAULT_TIMELINE_H_

#include <cstdint>
#include <vector>

#include "model/scenario.h"
#include "model/topology.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

// A fault that acts now on one host.
struct ActiveFault {
  traces::FaultId fault{};
  std::uint32_t occurrence = 0;  // from 1
};

// One fault, compiled.
struct FaultInfo {
  Fault::Kind kind = Fault::Kind::kOutage;
  std::uint32_t service = 0;
  std::vector<bool> hosts;  // by host number within the service; empty: all
  sim::VirtualTime first_start;
  sim::Duration duration;
  sim::Duration period;  // zero: once
  double factor = 1;
  std::uint64_t rate_threshold = 0;  // of 2^32
  traces::ErrorCodeId code{};
  std::uint32_t draw_key = 0;  // from its name: takes the draw key's path, so faults draw apart

  // The occurrence that is under way at `time`, from 1; 0: none.
  std::uint32_t OccurrenceAt(sim::VirtualTime time) const;
  sim::VirtualTime Start(std::uint32_t occurrence) const;
  // Whether it acts on the service's host of this number, from 0.
  bool Hits(std::uint32_t host_number) const { return hosts.empty() || hosts[host_number]; }
};

class FaultTimelines {
 public:
  FaultTimelines(const Scenario& scenario, const Topology& topology);

  const FaultInfo& info(traces::FaultId fault) const { return faults_[traces::Index(fault)]; }
  const std::vector<FaultInfo>& faults() const { return faults_; }

  // Faults that target a service, by index, in the scenario's order.
  const std::vector<traces::FaultId>& OfService(std::uint32_t service) const {
    return by_service_[service];
  }

  // When the occurrence that a truth names began; needs truth.fault != kNone.
  sim::VirtualTime Start(const traces::Truth& truth) const {
    return info(truth.fault).Start(truth.occurrence);
  }

  // Of two causes the one that began earlier, on a tie the first fault of the scenario; kNone
  // loses. Of the same cause the fewer hops.
  traces::Truth Earlier(const traces::Truth& one, const traces::Truth& other) const;

 private:
  std::vector<FaultInfo> faults_;
  std::vector<std::vector<traces::FaultId>> by_service_;
};

// As the trace's catalogue lists them.
std::vector<traces::FaultEntry> CatalogueFaults(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_FAULT_TIMELINE_H_
