// Who is in rotation: the hosts that callers choose among. Health checks and deploys take hosts out
// and back, zones restrict the choice. All of it follows from fault timelines, so it is a pure
// function of time that every caller may use; the object caches the last answers.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_ROTATION_H_
#define GROUNDHOG_MODEL_WORLD_STATE_ROTATION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "model/scenario/scenario.h"
#include "model/world/plan/fault_timeline.h"
#include "model/world/plan/topology.h"
#include "sim/time.h"

namespace groundhog::model {

class Rotation {
 public:
  // `seed` determines the hosts' probing phases. The other two must outlive this.
  Rotation(std::uint64_t seed, const Topology& topology, const FaultTimelines& faults);

  // Numbers within the service of the hosts that a caller in `zone` chooses among at `now`, in
  // order; empty: all of them. Valid until the next call.
  std::span<const std::uint32_t> Choices(std::uint32_t service, std::uint32_t zone,
                                         sim::VirtualTime now) {
    return is_plain_[service] ? std::span<const std::uint32_t>()
                              : RestrictedChoices(service, zone, now);
  }

  // Whether the service's host of this number is out of rotation at `time`; lowers `*next_change`
  // to the next time at which that may change.
  bool IsOut(std::uint32_t service, std::uint32_t number, sim::VirtualTime time,
             sim::VirtualTime* next_change) const;

 private:
  struct Window {
    sim::VirtualTime begin;
    sim::VirtualTime end;
  };
  struct Choice {
    sim::VirtualTime from = sim::VirtualTime::Max();  // valid for [from, until)
    sim::VirtualTime until;
    std::vector<std::uint32_t> hosts;  // empty: all
  };

  std::span<const std::uint32_t> RestrictedChoices(std::uint32_t service, std::uint32_t zone,
                                                   sim::VirtualTime now);
  void WorkOut(std::uint32_t service, std::uint32_t zone, sim::VirtualTime now,
               Choice* choice) const;
  Window OutWindow(const FaultInfo& fault, const OccurrenceTimes& occurrence,
                   std::uint32_t number) const;
  sim::VirtualTime ProbeAt(const HealthCheck& check, sim::Duration phase,
                           sim::VirtualTime time) const;

  const Topology& topology_;
  const FaultTimelines& faults_;
  std::vector<bool> is_plain_;               // by service: all hosts, always
  std::vector<sim::Duration> probe_phases_;  // by host entity
  std::vector<Choice> choices_;              // by service * zones + zone
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_ROTATION_H_
