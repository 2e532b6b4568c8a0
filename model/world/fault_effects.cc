#include "model/world/fault_effects.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "model/world/blame.h"
#include "model/world/calls.h"
#include "model/world/logging.h"
#include "model/world/sending.h"
#include "model/world/spans.h"

namespace groundhog::model {
namespace {

// Calls `act`(fault, occurrence) for each fault that acts at `place` on the service's host of this
// number now, in the scenario's order.
template <class Act>
void ForEachActive(const Partition& part, std::uint32_t service, std::uint32_t host_number,
                   FaultPlace place, const Act& act) {
  for (const FaultInfo* fault : part.faults.OfService(service).At(place)) {
    if (!fault->Hits(host_number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(part.now);
    if (occurrence.exists()) act(*fault, occurrence);
  }
}

// Whether the occurrence hits the attempt: the fault's rate now against `word` of its draws.
bool IsHit(const Partition& part, const Attempt& attempt, const FaultInfo& fault,
           const OccurrenceTimes& occurrence, int word) {
  const std::uint64_t threshold = ShareThreshold(fault.RateAt(occurrence, part.now));
  return threshold > 0 && part.DrawFault(attempt, fault).Word(word) < threshold;
}

// While a capacity fault's ramp falls, slots come back in this many steps.
constexpr std::int64_t kCapacitySteps = 8;

// When slots of the occurrence come back next, after `time`; its end is the last such time.
sim::VirtualTime CapacityReturns(const FaultInfo& fault, const OccurrenceTimes& occurrence,
                                 sim::Duration resolution, sim::VirtualTime time) {
  const sim::Duration step = (fault.spec.ramp / kCapacitySteps).RoundedDownTo(resolution);
  if (step == sim::Duration()) return occurrence.end;
  const sim::VirtualTime fall = occurrence.end - step * kCapacitySteps;
  if (time < fall) return fall + step;
  return fall + step * ((time - fall) / step + 1);
}

void ScheduleStop(Partition& part, sim::EntityId host_id, const FaultInfo& fault,
                  const OccurrenceTimes& occurrence) {
  if (!occurrence.exists()) return;
  const OccurrenceTimes down = fault.DownTimes(occurrence, part.host(host_id).number);
  part.PostToSelf(host_id, down.start,
                  {.kind = EventKind::kStop, .truth = fault.TruthOf(occurrence)});
}

// The caller gets no answer and will time out; the truth of that timeout must name the fault.
void TellOfLoss(Partition& part, const Span& span, const traces::Truth& truth) {
  if (span.is_message || !part.IsHost(span.caller)) return;
  SendNotice(part, span.host, span, truth);
}

void LoseWork(Partition& part, sim::EntityId host_id, const traces::Truth& truth) {
  Host& self = part.host(host_id);
  std::vector<Handle> lost;
  for (Handle handle = self.first_in_hand; handle != kNoHandle;
       handle = part.spans[handle].next_in_hand) {
    lost.push_back(handle);
  }
  // By arrival, and of one time by what names a span: (source, ordinal, id). The list has those of
  // one time in the order of their events, which depends on who sent them.
  const auto key = [&part](Handle handle) {
    const Span& span = part.spans[handle];
    return std::tuple(span.arrival, span.source, span.ordinal, span.id);
  };
  std::ranges::sort(lost, {}, key);
  CountInFlight(part, &self);
  for (const Handle handle : lost) {
    AbandonCalls(part, &part.spans[handle], /*sends_cancel=*/false);
    TellOfLoss(part, part.spans[handle], truth);
    part.spans.Free(handle);
  }
  self.first_in_hand = kNoHandle;
  self.last_in_hand = kNoHandle;
  self.requests = {};
  self.messages = {};
}

void ScheduleCapacity(Partition& part, sim::EntityId host_id, const FaultInfo& fault,
                      const OccurrenceTimes& occurrence, sim::VirtualTime after) {
  if (!occurrence.exists()) return;
  const sim::VirtualTime next = CapacityReturns(fault, occurrence, part.topology.resolution, after);
  if (next == sim::VirtualTime::Max()) return;
  part.PostToSelf(host_id, next,
                  {.kind = EventKind::kCapacity, .truth = fault.TruthOf(occurrence)});
}

// Of several injected errors, the one whose fault began first is kept; an injected error replaces
// the service's own.
void InjectError(Partition& part, Span* span, const FaultInfo& fault, const traces::Truth& truth) {
  const bool stands = part.faults.Earlier(span->failure_truth, truth) == truth;
  if (!stands) return;
  span->failure = Failure::kOwn;
  span->failure_code = fault.code;
  span->failure_messages = part.log_model.Injected(fault.service, fault.code);
  span->failure_retryable = true;
  span->failure_truth = truth;
}

// Falls linearly from the service's factor to 1 over its warm-up.
double WarmUpFactor(const Partition& part, const Host& host) {
  const std::optional<WarmUp>& warm_up = part.topology.services[host.service].spec->warm_up;
  if (!warm_up) return 1;
  const sim::Duration since = part.now - host.restarted_at;
  if (since >= warm_up->duration) return 1;
  const double left = static_cast<double>((warm_up->duration - since).nanoseconds()) /
                      static_cast<double>(warm_up->duration.nanoseconds());
  return 1 + (warm_up->factor - 1) * left;
}

}  // namespace

void ScheduleFirstFaultEvents(Partition& part, sim::EntityId host_id) {
  const Host& self = part.host(host_id);
  const ServiceFaults& faults = part.faults.OfService(self.service);
  for (const FaultInfo* fault : faults.At(FaultPlace::kDown)) {
    if (fault->Hits(self.number)) ScheduleStop(part, host_id, *fault, fault->schedule.Numbered(1));
  }
  for (const FaultInfo* fault : faults.At(FaultPlace::kCapacity)) {
    const OccurrenceTimes first = fault->schedule.Numbered(1);
    if (fault->Hits(self.number)) ScheduleCapacity(part, host_id, *fault, first, first.start);
  }
}

void HandleStop(Partition& part, sim::EntityId host_id, const traces::Truth& truth) {
  const FaultInfo& fault = part.faults.info(truth.fault);
  const OccurrenceTimes occurrence = fault.schedule.Numbered(truth.occurrence);
  const OccurrenceTimes down = fault.DownTimes(occurrence, part.host(host_id).number);
  if (++part.host(host_id).faults_down == 1) LoseWork(part, host_id, truth);
  if (down.end < sim::VirtualTime::Max()) {
    part.PostToSelf(host_id, down.end, {.kind = EventKind::kRestart, .truth = truth});
  }
  ScheduleStop(part, host_id, fault, fault.schedule.Numbered(truth.occurrence + 1));
}

void HandleRestart(Partition& part, sim::EntityId host_id, const traces::Truth& truth) {
  Host& self = part.host(host_id);
  if (--self.faults_down > 0) return;
  self.restarted_at = part.now;
  self.restarted_by = truth;
  self.delay_was_low = part.now;
  self.guards = MakeGuards(part.topology, self.service);
  LogStarted(part, host_id);
}

void LoseArrival(Partition& part, Handle handle) {
  const Span& span = part.spans[handle];
  const Host& self = part.host(span.host);
  for (const FaultInfo* fault : part.faults.OfService(self.service).At(FaultPlace::kDown)) {
    if (!fault->Hits(self.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.LastStarted(part.now);
    if (!occurrence.exists()) continue;
    const OccurrenceTimes down = fault->DownTimes(occurrence, self.number);
    if (part.now < down.start || part.now >= down.end) continue;
    TellOfLoss(part, span, fault->TruthOf(occurrence));
    break;
  }
  part.spans.Free(handle);
}

void HandleCapacity(Partition& part, sim::EntityId host_id, const traces::Truth& truth) {
  Host& self = part.host(host_id);
  CountInFlight(part, &self);
  if (!self.is_down()) {
    FillWorkers(part, host_id, &self.requests);
    FillWorkers(part, host_id, &self.messages);
  }
  const FaultInfo& fault = part.faults.info(truth.fault);
  const OccurrenceTimes occurrence = fault.schedule.Numbered(truth.occurrence);
  if (part.now < occurrence.end) {
    ScheduleCapacity(part, host_id, fault, occurrence, part.now);
  } else {
    const OccurrenceTimes next = fault.schedule.Numbered(truth.occurrence + 1);
    ScheduleCapacity(part, host_id, fault, next, next.start);
  }
}

std::uint32_t WorkersLeft(const Partition& part, const Host& host, std::uint32_t workers) {
  double left = workers;
  ForEachActive(part, host.service, host.number, FaultPlace::kCapacity,
                [&](const FaultInfo& fault, const OccurrenceTimes& occurrence) {
                  left *= fault.FactorAt(occurrence, part.now);
                });
  // A whole number: 0.29 of 100 is 29, although the product of the doubles is a little less.
  constexpr double kRoundingError = 1e-9;
  return std::max(std::min<std::uint32_t>(workers, 1),
                  static_cast<std::uint32_t>(left + kRoundingError));
}

traces::Truth CapacityTruth(const Partition& part, const Host& host) {
  traces::Truth truth;
  ForEachActive(part, host.service, host.number, FaultPlace::kCapacity,
                [&](const FaultInfo& fault, const OccurrenceTimes& occurrence) {
                  truth = part.faults.Earlier(truth, fault.TruthOf(occurrence));
                });
  return truth;
}

bool IsRefusedByOutage(Partition& part, Handle handle) {
  Span& span = part.spans[handle];
  const Host& self = part.host(span.host);
  traces::Truth refused_by;  // the first
  ForEachActive(part, self.service, self.number, FaultPlace::kAdmission,
                [&](const FaultInfo& fault, const OccurrenceTimes& occurrence) {
                  const bool is_first = refused_by.fault == traces::FaultId::kNone;
                  if (is_first && IsHit(part, span, fault, occurrence, /*word=*/0)) {
                    refused_by = fault.TruthOf(occurrence);
                  }
                });
  if (refused_by.fault == traces::FaultId::kNone) return false;
  TakeCause(part, &span, refused_by);
  span.failure_truth = refused_by;
  CompleteFailed(part, handle, Failure::kUnavailable);
  return true;
}

double ApplyFaults(Partition& part, Span* span) {
  const Host& self = part.host(span->host);
  double factor = 1;
  if (self.restarted_by.fault != traces::FaultId::kNone) {
    factor = WarmUpFactor(part, self);
    if (factor != 1) TakeCause(part, span, self.restarted_by);
  }
  ForEachActive(part, self.service, self.number, FaultPlace::kWork,
                [&](const FaultInfo& fault, const OccurrenceTimes& occurrence) {
                  // A deploy acts only on hosts that have come back with the new version.
                  if (fault.spec.kind == Fault::Kind::kDeploy &&
                      part.now < fault.DownTimes(occurrence, self.number).end) {
                    return;
                  }
                  const traces::Truth truth = fault.TruthOf(occurrence);
                  if (fault.factor != 1) {
                    factor *= fault.FactorAt(occurrence, part.now);
                    TakeCause(part, span, truth);
                  }
                  if (IsHit(part, *span, fault, occurrence, /*word=*/0)) {
                    InjectError(part, span, fault, truth);
                  }
                });
  return factor;
}

traces::Truth LossOf(const Partition& part, const Attempt& attempt, int word) {
  const Topology& topology = part.topology;
  const std::uint32_t service = topology.nodes[attempt.node].service;
  // Asked for every message: the host's number is looked up only where a link can fail.
  if (part.faults.OfService(service).At(FaultPlace::kLink).empty()) return {};
  traces::Truth lost_by;  // the first
  ForEachActive(part, service, topology.NumberOf(attempt.host), FaultPlace::kLink,
                [&](const FaultInfo& fault, const OccurrenceTimes& occurrence) {
                  if (lost_by.fault != traces::FaultId::kNone) return;
                  const bool is_callers =
                      fault.callers.empty() ||
                      (part.IsHost(attempt.caller) &&
                       fault.callers[topology.host_service[sim::Index(attempt.caller)]]);
                  if (is_callers && IsHit(part, attempt, fault, occurrence, word)) {
                    lost_by = fault.TruthOf(occurrence);
                  }
                });
  return lost_by;
}

sim::Duration ClockSkewOf(const Partition& part, const Host& host) {
  sim::Duration skew;
  ForEachActive(part, host.service, host.number, FaultPlace::kClock,
                [&](const FaultInfo& fault, const OccurrenceTimes& occurrence) {
                  const double strength = StrengthAt(occurrence, fault.spec.ramp, part.now);
                  const bool is_behind = fault.spec.direction == Fault::Direction::kBehind;
                  const sim::Duration full = is_behind ? -fault.spec.skew : fault.spec.skew;
                  const sim::Duration exact(static_cast<std::int64_t>(
                      static_cast<double>(full.nanoseconds()) * strength));
                  skew += exact.RoundedDownTo(part.topology.resolution);
                });
  return skew;
}

}  // namespace groundhog::model
