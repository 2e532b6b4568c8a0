// How faults act on hosts and messages. They are timelines that all entities know; each entity
// reads them at the time of its own events. Only changes that must happen at a time of their own
// are events: a host's stop and restart, and slots that come back.
#ifndef GROUNDHOG_MODEL_WORLD_FAULT_EFFECTS_H_
#define GROUNDHOG_MODEL_WORLD_FAULT_EFFECTS_H_

#include <cstdint>

#include "model/world/partition.h"
#include "model/world/state/attempt.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/host.h"
#include "model/world/state/span.h"
#include "sim/entity.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

// Before the run: the host's first stops, and the first times at which slots come back.
void ScheduleFirstFaultEvents(Partition& part, sim::EntityId host);

// The host loses all spans in hand, and answers nobody.
void HandleStop(Partition& part, sim::EntityId host, const traces::Truth& truth);
void HandleRestart(Partition& part, sim::EntityId host, const traces::Truth& truth);
void HandleCapacity(Partition& part, sim::EntityId host, const traces::Truth& truth);

// An attempt or message reaches a host that is down: nothing answers.
void LoseArrival(Partition& part, Handle span);

// In an outage a host refuses at once and logs it; a partial outage refuses the share given by its
// rate. Returns whether the span was refused, and so is over.
bool IsRefusedByOutage(Partition& part, Handle span);

// Injects errors, and returns how many times longer the span's own work takes: the factors of all
// faults and of warming up, multiplied.
double ApplyFaults(Partition& part, Span* span);

// Why a host has fewer slots or consumers than configured; none if it has all.
traces::Truth CapacityTruth(const Partition& part, const Host& host);
// How many of `workers` capacity faults leave the host now.
std::uint32_t WorkersLeft(const Partition& part, const Host& host, std::uint32_t workers);
// Workers that a station has at the moment: slots, or consumers for `of_messages`. Capacity faults
// multiply; at least one is left.
inline std::uint32_t WorkersOf(const Partition& part, const Host& host, bool of_messages) {
  const ServiceInfo& service = part.topology.services[host.service];
  const std::uint32_t workers = service.Workers(of_messages);
  const bool is_constant = part.faults.OfService(host.service).At(FaultPlace::kCapacity).empty();
  return is_constant ? workers : WorkersLeft(part, host, workers);
}

// The fault that loses a message between the attempt's caller and its host now; none if it arrives.
// `word` of the fault's draws decides (purpose.h): one word for each message of an attempt. Both
// ends call it: the answer depends only on the plan, not on the other end's state.
traces::Truth LossOf(const Partition& part, const Attempt& attempt, int word);

// The error of the host's clock. Skews add up.
sim::Duration ClockSkewOf(const Partition& part, const Host& host);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_FAULT_EFFECTS_H_
