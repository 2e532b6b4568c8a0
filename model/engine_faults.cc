// How faults act on hosts and messages. They are timelines that all entities know; each reads them
// at the time of its own events. Only what must happen at a time of its own is an event: a host's
// stop and restart, and slots that come back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "model/engine.h"

namespace groundhog::model {
namespace {

// While a capacity fault's ramp falls, slots come back in so many steps.
constexpr std::int64_t kCapacitySteps = 8;

// When slots of the occurrence come back next, after `time`; its end is the last such time.
sim::VirtualTime CapacityReturns(const FaultInfo& fault, const OccurrenceTimes& occurrence,
                                 sim::VirtualTime time) {
  const sim::Duration step = fault.ramp / kCapacitySteps;
  if (step == sim::Duration()) return occurrence.end;
  const sim::VirtualTime fall = occurrence.end - step * kCapacitySteps;
  if (time < fall) return fall + step;
  return fall + step * ((time - fall) / step + 1);
}

}  // namespace

void Engine::ScheduleFirstFaultEvents(sim::EntityId host_id) {
  const Host& self = host(host_id);
  const ServiceFaults& faults = faults_.OfService(self.service);
  for (const FaultInfo* fault : faults.down) {
    if (fault->Hits(self.number)) ScheduleStop(host_id, *fault, fault->schedule.Numbered(1));
  }
  for (const FaultInfo* fault : faults.capacity) {
    const OccurrenceTimes first = fault->schedule.Numbered(1);
    if (fault->Hits(self.number)) ScheduleCapacity(host_id, *fault, first, first.start);
  }
}

void Engine::ScheduleStop(sim::EntityId host_id, const FaultInfo& fault,
                          const OccurrenceTimes& occurrence) {
  if (!occurrence.exists()) return;
  const OccurrenceTimes down = fault.DownTimes(occurrence, host(host_id).number);
  PostToSelf(host_id, down.start, {.kind = EventKind::kStop, .truth = fault.TruthOf(occurrence)});
}

// The host loses all it had in hand, and is silent.
void Engine::HandleStop(sim::EntityId host_id, const traces::Truth& truth) {
  const FaultInfo& fault = faults_.info(truth.fault);
  const OccurrenceTimes occurrence = fault.schedule.Numbered(truth.occurrence);
  const OccurrenceTimes down = fault.DownTimes(occurrence, host(host_id).number);
  if (++host(host_id).stops == 1) LoseWork(host_id, truth);
  if (down.end < sim::VirtualTime::Max()) {
    PostToSelf(host_id, down.end, {.kind = EventKind::kRestart, .truth = truth});
  }
  ScheduleStop(host_id, fault, fault.schedule.Numbered(truth.occurrence + 1));
}

void Engine::HandleRestart(sim::EntityId host_id, const traces::Truth& truth) {
  Host& self = host(host_id);
  if (--self.stops > 0) return;
  self.restarted_at = now_;
  self.restarted_by = truth;
  self.delay_was_low = now_;
  self.guards = MakeGuards(self.service);
  LogStarted(host_id);
}

void Engine::LoseWork(sim::EntityId host_id, const traces::Truth& truth) {
  std::vector<SlotHandle> lost;
  for (SlotHandle handle = 0; handle < spans_.size(); ++handle) {
    const SpanState state = spans_[handle].state;
    const bool is_there =
        state == SpanState::kQueued || state == SpanState::kWorking || state == SpanState::kCalling;
    if (is_there && spans_[handle].host == host_id) lost.push_back(handle);
  }
  // Handles depend on how entities are spread; what follows must not.
  const auto name = [this](SlotHandle handle) {
    const Span& span = spans_[handle];
    return std::tuple(span.arrival, span.source, span.ordinal, span.id);
  };
  std::ranges::sort(lost, {}, name);
  Host& self = host(host_id);
  CountInFlight(&self);
  for (const SlotHandle handle : lost) {
    AbandonCalls(&spans_[handle], /*tells=*/false);
    TellOfLoss(spans_[handle], truth);
    spans_.Free(handle);
  }
  self.requests = {};
  self.messages = {};
}

// An attempt or message reaches a host that is down: nothing answers.
void Engine::LoseArrival(SlotHandle handle) {
  const Span& span = spans_[handle];
  const Host& self = host(span.host);
  for (const FaultInfo* fault : faults_.OfService(self.service).down) {
    if (!fault->Hits(self.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.LastStarted(now_);
    if (!occurrence.exists()) continue;
    const OccurrenceTimes down = fault->DownTimes(occurrence, self.number);
    if (now_ < down.start || now_ >= down.end) continue;
    TellOfLoss(span, fault->TruthOf(occurrence));
    break;
  }
  spans_.Free(handle);
}

// The caller hears nothing of the loss and will time out; its truth shall name the fault.
void Engine::TellOfLoss(const Span& span, const traces::Truth& truth) {
  if (span.is_message || !IsHost(span.caller)) return;
  Post(span.host, span.caller, now_ + topology_.network_latency_min,
       {.kind = EventKind::kNotice, .reference = span.caller_call, .truth = OneHopOn(truth)});
}

void Engine::ScheduleCapacity(sim::EntityId host_id, const FaultInfo& fault,
                              const OccurrenceTimes& occurrence, sim::VirtualTime after) {
  if (!occurrence.exists()) return;
  const sim::VirtualTime next = CapacityReturns(fault, occurrence, after);
  if (next == sim::VirtualTime::Max()) return;
  PostToSelf(host_id, next, {.kind = EventKind::kCapacity, .truth = fault.TruthOf(occurrence)});
}

void Engine::HandleCapacity(sim::EntityId host_id, const traces::Truth& truth) {
  Host& self = host(host_id);
  CountInFlight(&self);
  if (!self.is_down()) FillSlots(host_id, &self.requests);
  const FaultInfo& fault = faults_.info(truth.fault);
  const OccurrenceTimes occurrence = fault.schedule.Numbered(truth.occurrence);
  if (now_ < occurrence.end) {
    ScheduleCapacity(host_id, fault, occurrence, now_);
  } else {
    const OccurrenceTimes next = fault.schedule.Numbered(truth.occurrence + 1);
    ScheduleCapacity(host_id, fault, next, next.start);
  }
}

// Slots that a host has now. Capacity faults multiply; at least one is left.
std::uint32_t Engine::SlotsOf(const Host& host) const {
  const std::uint32_t slots = topology_.services[host.service].concurrency;
  const std::vector<const FaultInfo*>& faults = faults_.OfService(host.service).capacity;
  if (faults.empty()) return slots;
  double left = slots;
  for (const FaultInfo* fault : faults) {
    if (!fault->Hits(host.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(now_);
    if (occurrence.exists()) left *= fault->FactorAt(occurrence, now_);
  }
  // Whole slots; 0.29 of 100 are 29, although the product of the doubles is a little less.
  constexpr double kRoundingError = 1e-9;
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(left + kRoundingError));
}

// Why a host has fewer slots than it should; none if it does not.
traces::Truth Engine::CapacityTruth(const Host& host) const {
  traces::Truth truth;
  for (const FaultInfo* fault : faults_.OfService(host.service).capacity) {
    if (!fault->Hits(host.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(now_);
    if (occurrence.exists()) truth = faults_.Earlier(truth, fault->TruthOf(occurrence));
  }
  return truth;
}

// In an outage a host refuses at once and logs it; a partial one hits the share of its rate.
bool Engine::IsRefusedByOutage(SlotHandle handle) {
  Span& span = spans_[handle];
  const Host& self = host(span.host);
  for (const FaultInfo* fault : faults_.OfService(self.service).admission) {
    if (!fault->Hits(self.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(now_);
    if (!occurrence.exists()) continue;
    const std::uint64_t threshold = ShareThreshold(fault->RateAt(occurrence, now_));
    if (DrawFault(span, *fault).Word(0) >= threshold) continue;
    Affect(&span, fault->TruthOf(occurrence));
    CompleteFailed(handle, Failure::kUnavailable);
    return true;
  }
  return false;
}

// Injects errors, and returns how many times longer the span's own work takes: the factors of all
// faults and of warming up, multiplied.
double Engine::ApplyFaults(Span* span) {
  const Host& self = host(span->host);
  double factor = 1;
  if (self.restarted_by.fault != traces::FaultId::kNone) {
    factor = WarmUpFactor(self);
    if (factor != 1) Affect(span, self.restarted_by);
  }
  for (const FaultInfo* fault : faults_.OfService(self.service).work) {
    if (!fault->Hits(self.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(now_);
    if (!occurrence.exists()) continue;
    // A deploy acts through the version that a host came back with.
    if (fault->kind == Fault::Kind::kDeploy &&
        now_ < fault->DownTimes(occurrence, self.number).end) {
      continue;
    }
    const traces::Truth truth = fault->TruthOf(occurrence);
    if (fault->kind != Fault::Kind::kErrorRate && fault->factor != 1) {
      factor *= fault->FactorAt(occurrence, now_);
      Affect(span, truth);
    }
    if (fault->kind != Fault::Kind::kLatency &&
        DrawFault(*span, *fault).Word(0) < ShareThreshold(fault->RateAt(occurrence, now_))) {
      InjectError(span, *fault, truth);
    }
  }
  return factor;
}

// Of several injected errors that of the fault which began first stands; any stands before the
// service's own.
void Engine::InjectError(Span* span, const FaultInfo& fault, const traces::Truth& truth) {
  Affect(span, truth);
  const bool stands = faults_.Earlier(span->failure_truth, truth) == truth;
  if (!stands) return;
  span->failure = Failure::kOwn;
  span->failure_code = fault.code;
  span->failure_messages = log_.Injected(fault.service, fault.code);
  span->failure_retryable = true;
  span->failure_truth = truth;
}

// Falls linearly from the service's factor to 1 over its warm-up.
double Engine::WarmUpFactor(const Host& host) const {
  const std::optional<WarmUp>& warm_up = topology_.services[host.service].warm_up;
  if (!warm_up) return 1;
  const sim::Duration since = now_ - host.restarted_at;
  if (since >= warm_up->duration) return 1;
  const double left = static_cast<double>((warm_up->duration - since).nanoseconds()) /
                      static_cast<double>(warm_up->duration.nanoseconds());
  return 1 + (warm_up->factor - 1) * left;
}

// The fault by which a message between the span's caller and its host gets lost now; none if it
// does not. `word` of the fault's draws decides: one for each message of an attempt.
traces::Truth Engine::LossOf(const Span& span, int word) const {
  const std::uint32_t service = topology_.nodes[span.node].service;
  for (const FaultInfo* fault : faults_.OfService(service).link) {
    if (!fault->Hits(host(span.host).number)) continue;
    const bool is_callers = fault->callers.empty() ||
                            (IsHost(span.caller) && fault->callers[host(span.caller).service]);
    if (!is_callers) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(now_);
    if (!occurrence.exists()) continue;
    const std::uint64_t threshold = ShareThreshold(fault->RateAt(occurrence, now_));
    if (DrawFault(span, *fault).Word(word) < threshold) return fault->TruthOf(occurrence);
  }
  return {};
}

// What the host's clock is off by. Skews add up.
sim::Duration Engine::ClockSkewOf(const Host& host) const {
  sim::Duration skew;
  for (const FaultInfo* fault : faults_.OfService(host.service).clock) {
    if (!fault->Hits(host.number)) continue;
    const OccurrenceTimes occurrence = fault->schedule.At(now_);
    if (!occurrence.exists()) continue;
    const double strength = StrengthAt(occurrence, fault->ramp, now_);
    skew += sim::Duration(
        static_cast<std::int64_t>(static_cast<double>(fault->skew.nanoseconds()) * strength));
  }
  return skew;
}

}  // namespace groundhog::model
