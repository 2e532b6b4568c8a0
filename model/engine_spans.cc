// What a host does for a span: takes or refuses it, lets it wait, works, ends it.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/engine.h"

namespace groundhog::model {
namespace {

constexpr std::size_t kStaleMax = 64;  // in a waiting line, besides as many as wait

}  // namespace

void Engine::HandleAttemptArrives(SlotHandle handle) {
  Span& span = spans_[handle];
  if (now_ >= span.deadline) {
    spans_.Free(handle);  // the caller has given up; no span begins, nothing is logged
    return;
  }
  Host& self = host(span.host);
  if (self.is_down()) return LoseArrival(handle);
  const ServiceInfo& service = topology_.services[self.service];
  span.arrival = now_;
  span.started = now_;
  span.answer_by = span.deadline;
  if (!span.is_message && service.time_limit < span.deadline - now_) {
    span.deadline = now_ + service.time_limit;
  }
  if (IsRefusedByOutage(handle)) return;
  Station& station = StationOf(span);
  const std::uint32_t workers = WorkersOf(self, span.is_message);
  if (!span.is_message && workers < service.concurrency && station.in_use >= workers) {
    station.backlog = faults_.Earlier(station.backlog, CapacityTruth(self));
  }
  const auto queue_bound = span.is_message
                               ? static_cast<std::uint32_t>(service.consumers.queue_bound)
                               : service.queue_bound;
  if (!span.is_message && MustShed(self, service)) {
    Affect(&span, station.backlog);
    CompleteFailed(handle, Failure::kShed);
  } else if (station.in_use < workers) {
    CountInFlight(&self);
    ++station.in_use;
    if (!span.is_message) self.delay_was_low = now_;
    StartWork(handle);
  } else if (station.waiting < queue_bound) {
    Enqueue(handle);
  } else {
    Affect(&span, station.backlog);
    CompleteFailed(handle, Failure::kQueueFull);
  }
}

// Whether a request is turned away although it might find room.
bool Engine::MustShed(const Host& host, const ServiceInfo& service) const {
  const SheddingPolicy& policy = service.shedding;
  const Station& station = host.requests;
  if (policy.concurrency_limit &&
      station.in_use + station.waiting >= static_cast<std::uint32_t>(*policy.concurrency_limit)) {
    return true;
  }
  return policy.queue_delay && station.waiting > 0 && now_ - host.delay_was_low > policy.window;
}

void Engine::Enqueue(SlotHandle handle) {
  Span& span = spans_[handle];
  Host& self = host(span.host);
  const ServiceInfo& service = topology_.services[self.service];
  Station& station = StationOf(span);
  CountInFlight(&self);
  ++station.waiting;
  span.state = SpanState::kQueued;
  // Where workers are held for long, those that give up must not pile up.
  if (station.line.size() > kStaleMax + 2 * std::size_t{station.waiting}) {
    station.line.KeepIf([this](SlotReference each) { return spans_.IsCurrent(each); });
  }
  station.line.Push(spans_.Reference(handle));
  sim::VirtualTime until = span.deadline;
  if (!span.is_message && service.queue_timeout < until - now_)
    until = now_ + service.queue_timeout;
  if (until < sim::VirtualTime::Max()) {
    PostToSelf(span.host, until,
               {.kind = EventKind::kSpanDeadline, .reference = spans_.Reference(handle)});
  }
  Affect(&span, station.backlog);
  NotifyCaller(handle);
}

// Needs a worker of the span's station that is already counted as the span's.
void Engine::StartWork(SlotHandle handle) {
  Span& span = spans_[handle];
  const Host& self = host(span.host);
  const ServiceInfo& service = topology_.services[self.service];
  ++span.epoch;
  span.state = SpanState::kWorking;
  span.started = now_;
  if (span.is_message) span.deadline = now_ + service.consumers.deadline;
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
    Affect(&span, StationOf(span).backlog);
    CompleteFailed(handle, Failure::kQueueTimeout);
  } else {
    spans_[handle].failure_retryable = true;  // whatever its work would have come to
    CompleteFailed(handle, Failure::kWorkTimeout);
  }
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

// Logs the span, answers its caller if that can still hear it, and gives its worker to the next.
void Engine::Finish(SlotHandle handle, const traces::Record& record, Outcome outcome) {
  const Span& span = spans_[handle];
  const sim::EntityId host_id = span.host;
  const SpanState state = span.state;
  Emit(record);
  Host& self = host(host_id);
  const bool is_reported = topology_.services[self.service].log_interval.delay > sim::Duration();
  if (is_reported) self.interval.durations.Add(record.duration);
  if (outcome != Outcome::kOk) {
    ++self.interval.errors;
    self.interval.truth = faults_.Earlier(self.interval.truth, record.truth);
  }
  if (!span.is_message) Answer(span, outcome);
  Station& station = StationOf(span);
  spans_.Free(handle);
  if (state == SpanState::kTravelling) return;  // refused: it never held a place
  CountInFlight(&self);
  if (state == SpanState::kQueued) {
    --station.waiting;
  } else {
    --station.in_use;
    FillSlots(host_id, &station);
  }
}

void Engine::Answer(const Span& span, Outcome outcome) {
  const double uniform = sim::DrawBlock({span.way_back_word, 0, 0, 0}).Uniform32(0);
  const sim::VirtualTime heard = now_ + NetworkLatency(span.host, span.caller, uniform);
  if (heard >= span.answer_by) return;
  const traces::Truth lost = LossOf(span, /*word=*/2);
  if (lost.fault == traces::FaultId::kNone) {
    Post(span.host, span.caller, heard,
         {.kind = EventKind::kReply,
          .outcome = outcome,
          .reference = span.caller_call,
          .truth = OneHopOn(span.truth)});
  } else if (IsHost(span.caller)) {
    // The caller will wait in vain; that truth, at least, arrives.
    Post(span.host, span.caller, now_ + topology_.network_latency_min,
         {.kind = EventKind::kNotice, .reference = span.caller_call, .truth = OneHopOn(lost)});
  }
}

// Gives free workers to those who still wait, first come first served.
void Engine::FillSlots(sim::EntityId host_id, Station* station) {
  Host& self = host(host_id);
  const bool is_messages = station == &self.messages;
  while (!station->line.empty() && station->in_use < WorkersOf(self, is_messages)) {
    const SlotReference next = station->line.Pop();
    if (!spans_.IsCurrent(next)) continue;  // gave up while it waited
    Span& span = spans_[next.handle];
    --station->waiting;
    ++station->in_use;
    if (!is_messages) NoteDelay(&self, now_ - span.arrival);
    Affect(&span, station->backlog);
    StartWork(next.handle);
  }
  if (station->in_use < WorkersOf(self, is_messages)) station->backlog = {};
}

// For shedding by queue delay: remembers when a span last got a slot soon enough.
void Engine::NoteDelay(Host* host, sim::Duration delay) {
  const SheddingPolicy& policy = topology_.services[host->service].shedding;
  if (policy.queue_delay && delay <= *policy.queue_delay) host->delay_was_low = now_;
}

// The span is due to the fault from now on, unless to one that began earlier. If it holds a worker,
// so is whoever comes to wait behind it.
void Engine::Affect(Span* span, const traces::Truth& truth) {
  if (truth.fault == traces::FaultId::kNone) return;
  span->truth = faults_.Earlier(span->truth, truth);
  const bool holds_worker =
      span->state == SpanState::kWorking || span->state == SpanState::kCalling;
  if (holds_worker && IsHost(span->host)) {
    Station& station = StationOf(*span);
    if (station.in_use >= WorkersOf(host(span->host), span->is_message)) {
      station.backlog = faults_.Earlier(station.backlog, span->truth);
    }
  }
}

}  // namespace groundhog::model
