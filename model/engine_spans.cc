// What a host does for a span: takes or refuses it, lets it wait, works, ends it, logs it.
#include <algorithm>
#include <cstdint>

#include "model/engine.h"

namespace groundhog::model {
namespace {

traces::ServiceId ServiceIdOf(std::uint32_t index) {
  return traces::ServiceId{static_cast<std::uint16_t>(index)};
}

}  // namespace

void Engine::HandleAttemptArrives(SlotHandle handle) {
  Span& span = spans_[handle];
  if (now_ >= span.deadline) {
    spans_.Free(handle);  // the caller has given up; no span begins, nothing is logged
    return;
  }
  span.arrival = now_;
  span.started = now_;
  if (IsRefusedByOutage(handle)) return;
  Host& self = host(span.host);
  const ServiceInfo& service = topology_.services[self.service];
  if (self.slots_in_use < service.concurrency) {
    CountInFlight(&self);
    ++self.slots_in_use;
    StartWork(handle);
  } else if (self.waiting < service.queue_bound) {
    Enqueue(handle);
  } else {
    Affect(&span, self.backlog);
    CompleteFailed(handle, Failure::kQueueFull);
  }
}

// In an outage a host refuses at once and logs it; a partial one hits the share of its rate.
bool Engine::IsRefusedByOutage(SlotHandle handle) {
  Span& span = spans_[handle];
  const Host& self = host(span.host);
  const std::uint32_t number = sim::Index(span.host) - topology_.services[self.service].first_host;
  for (const traces::FaultId id : faults_.OfService(self.service)) {
    const FaultInfo& fault = faults_.info(id);
    if (fault.kind != Fault::Kind::kOutage || !fault.Hits(number)) continue;
    const std::uint32_t occurrence = fault.OccurrenceAt(now_);
    if (occurrence == 0 || DrawFault(span, fault).Word(0) >= fault.rate_threshold) continue;
    Affect(&span, {.fault = id, .root = ServiceIdOf(self.service), .occurrence = occurrence});
    CompleteFailed(handle, Failure::kUnavailable);
    return true;
  }
  return false;
}

void Engine::Enqueue(SlotHandle handle) {
  Span& span = spans_[handle];
  Host& self = host(span.host);
  CountInFlight(&self);
  ++self.waiting;
  span.state = SpanState::kQueued;
  self.line.Push(spans_.Reference(handle));
  PostToSelf(span.host, span.deadline,
             {.kind = EventKind::kSpanDeadline, .reference = spans_.Reference(handle)});
  Affect(&span, self.backlog);
  NotifyCaller(handle);
}

// Needs a slot that is already counted as the span's.
void Engine::StartWork(SlotHandle handle) {
  Span& span = spans_[handle];
  const Host& self = host(span.host);
  const ServiceInfo& service = topology_.services[self.service];
  ++span.epoch;
  span.state = SpanState::kWorking;
  span.started = now_;
  const sim::DrawBlock draws = Draw(span, Purpose::kService);
  span.message_word = draws.Word(3);
  DecideOwnError(&span, draws);
  const double factor = ApplyFaults(&span);
  const sim::Duration work = service.service_time.SampleTimes(factor, draws.Uniform64(0));
  if (work <= span.deadline - now_) {
    PostToSelf(span.host, now_ + work,
               {.kind = EventKind::kWorkDone, .reference = spans_.Reference(handle)});
    return;
  }
  PostToSelf(span.host, span.deadline,
             {.kind = EventKind::kSpanDeadline, .reference = spans_.Reference(handle)});
  NotifyCaller(handle);
}

void Engine::DecideOwnError(Span* span, const sim::DrawBlock& draws) {
  const std::uint32_t service = topology_.nodes[span->node].service;
  for (const OwnErrorInfo& error : topology_.services[service].errors) {
    if (draws.Word(2) >= error.threshold) continue;
    span->failure = Failure::kOwn;
    span->failure_code = error.code;
    span->failure_messages = log_.Own(service, error.index);
    span->failure_retryable = error.retryable;
    return;
  }
}

// An error-rate fault makes the span fail. Returns how many times longer latency faults make its
// own work; together they multiply.
double Engine::ApplyFaults(Span* span) {
  double work_factor = 1;
  const std::uint32_t service = topology_.nodes[span->node].service;
  const std::uint32_t number = sim::Index(span->host) - topology_.services[service].first_host;
  for (const traces::FaultId id : faults_.OfService(service)) {
    const FaultInfo& fault = faults_.info(id);
    if (!fault.Hits(number)) continue;
    const std::uint32_t occurrence = fault.OccurrenceAt(now_);
    if (occurrence == 0) continue;
    const traces::Truth truth = {
        .fault = id, .root = ServiceIdOf(service), .occurrence = occurrence};
    if (fault.kind == Fault::Kind::kLatency) {
      work_factor *= fault.factor;
      Affect(span, truth);
    } else if (fault.kind == Fault::Kind::kErrorRate &&
               DrawFault(*span, fault).Word(0) < fault.rate_threshold) {
      span->failure = Failure::kOwn;
      span->failure_code = fault.code;
      span->failure_messages = log_.Injected(service, fault.code);
      span->failure_retryable = true;
      Affect(span, truth);
    }
  }
  return work_factor;
}

void Engine::HandleWorkDone(SlotHandle handle) {
  if (spans_[handle].failure == Failure::kOwn) {
    CompleteFailed(handle, Failure::kOwn);
  } else {
    NextCalls(handle);
  }
}

void Engine::HandleSpanDeadline(SlotHandle handle) {
  if (spans_[handle].state == SpanState::kQueued) {
    Span& span = spans_[handle];
    Affect(&span, host(span.host).backlog);
    CompleteFailed(handle, Failure::kQueueTimeout);
  } else {
    CompleteFailed(handle, Failure::kWorkTimeout);
  }
}

traces::Record Engine::SpanRecord(const Span& span) const {
  traces::Record record;
  record.time = now_;
  record.host = span.host;
  record.service = ServiceIdOf(topology_.nodes[span.node].service);
  record.request = {.source = topology_.JourneyEntity(span.journey), .ordinal = span.ordinal};
  record.span = span.id;
  record.parent_span = span.parent;
  record.call_path = topology_.nodes[span.node].path;
  record.attempt = span.attempt;
  record.duration = now_ - span.arrival;
  record.queue_wait =
      span.state == SpanState::kQueued ? record.duration : span.started - span.arrival;
  record.dependency = span.longest_dependency;
  record.truth = span.truth;
  return record;
}

void Engine::CompleteOk(SlotHandle handle) {
  const Span& span = spans_[handle];
  const ServiceInfo& service = topology_.services[topology_.nodes[span.node].service];
  traces::Record record = SpanRecord(span);
  if (span.degraded_dependency != traces::ServiceId::kNone) {
    record.level = traces::Level::kWarn;
    record.dependency = span.degraded_dependency;
    log_.Fill(log_.Degraded(), span.message_word, Context(span), &record);
  } else if (record.duration > service.slow) {
    record.level = traces::Level::kWarn;
    log_.Fill(log_.Slow(), span.message_word, Context(span), &record);
  } else {
    log_.Fill(log_.Ok(topology_.nodes[span.node].service), span.message_word, Context(span),
              &record);
  }
  Finish(handle, record, Outcome::kOk);
}

// `failed_call`: the call whose failure fails the span, if one does.
void Engine::CompleteFailed(SlotHandle handle, Failure failure, SlotHandle failed_call) {
  Span& span = spans_[handle];
  traces::Record record = SpanRecord(span);
  record.level = traces::Level::kError;
  MessageContext context = Context(span);
  if (failed_call != kNoSlot) {
    const CallInProgress& call = calls_[failed_call];
    record.dependency = ServiceIdOf(topology_.nodes[call.node].service);
    context = Context(span, call);
  }
  const std::uint32_t word = Draw(span, Purpose::kMessage).Word(1);
  if (failure == Failure::kOwn) {
    record.error_code = span.failure_code;
    log_.Fill(span.failure_messages, word, context, &record);
  } else {
    record.error_code = failure_codes_[static_cast<std::size_t>(failure)];
    log_.Fill(log_.Failed(failure), word, context, &record);
  }
  AbandonCalls(&span);
  Finish(handle, record, span.failure_retryable ? Outcome::kFailed : Outcome::kFailedForGood);
}

// Logs the span, answers its caller if that can still hear it, and gives its slot to the next.
void Engine::Finish(SlotHandle handle, const traces::Record& record, Outcome outcome) {
  const Span& span = spans_[handle];
  const sim::EntityId host_id = span.host;
  const SpanState state = span.state;
  records_->push_back(record);
  Host& self = host(host_id);
  self.interval.durations.push_back(record.duration);
  if (outcome != Outcome::kOk) {
    ++self.interval.errors;
    self.interval.truth = faults_.Earlier(self.interval.truth, record.truth);
  }
  const sim::VirtualTime heard =
      now_ + NetworkLatency(sim::DrawBlock({span.way_back_word, 0, 0, 0}).Uniform32(0));
  if (heard < span.deadline) {
    Post(host_id, span.caller, heard,
         {.kind = EventKind::kReply,
          .outcome = outcome,
          .reference = span.caller_call,
          .truth = OneHopOn(span.truth)});
  }
  spans_.Free(handle);
  if (state == SpanState::kTravelling) return;  // refused: it never held a place
  CountInFlight(&self);
  if (state == SpanState::kQueued) {
    --self.waiting;
  } else {
    ReleaseSlot(host_id);
  }
}

// Gives a slot to the first who still waits, or leaves it free.
void Engine::ReleaseSlot(sim::EntityId host_id) {
  Host& self = host(host_id);
  while (!self.line.empty()) {
    const SlotReference next = self.line.Pop();
    if (!spans_.IsCurrent(next)) continue;  // gave up while it waited
    --self.waiting;
    Affect(&spans_[next.handle], self.backlog);
    StartWork(next.handle);
    return;
  }
  --self.slots_in_use;
  self.backlog = {};
}

// The span is due to the fault from now on, unless to one that began earlier. If it holds a slot,
// so is whoever comes to wait behind it.
void Engine::Affect(Span* span, const traces::Truth& truth) {
  if (truth.fault == traces::FaultId::kNone) return;
  span->truth = faults_.Earlier(span->truth, truth);
  const bool holds_slot = span->state == SpanState::kWorking || span->state == SpanState::kCalling;
  if (holds_slot && IsHost(span->host)) {
    Host& self = host(span->host);
    if (self.slots_in_use >= topology_.services[self.service].concurrency) {
      self.backlog = faults_.Earlier(self.backlog, span->truth);
    }
  }
}

// `call`: the one that the message is about; the empty one: none.
MessageContext Engine::Context(const Span& span, const CallInProgress& call) const {
  const Host& self = hosts_[sim::Index(span.host)];
  return {.request_key = topology_.journeys[span.journey].key,
          .ordinal = span.ordinal,
          .timeout = call.deadline - call.sent,
          .call_attempt = call.attempt,
          .attempts_max = call.attempts_max,
          .queue_depth = self.waiting,
          .in_flight = self.slots_in_use,
          .slots = topology_.services[self.service].concurrency,
          .peer_host = call.callee};
}

}  // namespace groundhog::model
