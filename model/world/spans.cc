#include "model/world/spans.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/world/blame.h"
#include "model/world/calls.h"
#include "model/world/fault_effects.h"
#include "model/world/logging.h"
#include "model/world/sending.h"

namespace groundhog::model {
namespace {

constexpr std::size_t kStaleMax = 64;  // stale entries in a line, plus one for each that waits

// Whether a request is shed although there might be room for it.
bool MustShed(const Partition& part, const Host& host, const ServiceInfo& service) {
  const SheddingPolicy& policy = service.spec->shedding;
  const Station& station = host.requests;
  if (policy.concurrency_limit &&
      station.in_use + station.waiting >= static_cast<std::uint32_t>(*policy.concurrency_limit)) {
    return true;
  }
  return policy.queue_delay && station.waiting > 0 && part.now - host.delay_was_low > policy.window;
}

// Adds the span to its host's spans in hand, as the latest.
void TakeInHand(Partition& part, Handle handle) {
  Span& span = part.spans[handle];
  Host& self = part.host(span.host);
  span.previous_in_hand = self.last_in_hand;
  if (self.last_in_hand == kNoHandle) {
    self.first_in_hand = handle;
  } else {
    part.spans[self.last_in_hand].next_in_hand = handle;
  }
  self.last_in_hand = handle;
}

void LeaveHand(Partition& part, Handle handle) {
  const Span& span = part.spans[handle];
  Host& self = part.host(span.host);
  if (span.previous_in_hand == kNoHandle) {
    self.first_in_hand = span.next_in_hand;
  } else {
    part.spans[span.previous_in_hand].next_in_hand = span.next_in_hand;
  }
  if (span.next_in_hand == kNoHandle) {
    self.last_in_hand = span.previous_in_hand;
  } else {
    part.spans[span.next_in_hand].previous_in_hand = span.previous_in_hand;
  }
}

void Enqueue(Partition& part, Handle handle) {
  Span& span = part.spans[handle];
  Host& self = part.host(span.host);
  const ServiceInfo& service = part.topology.services[self.service];
  Station& station = part.StationOf(span);
  CountInFlight(part, &self);
  ++station.waiting;
  span.state = SpanState::kQueued;
  // When workers are held for long, entries of spans that gave up must not accumulate.
  if (station.line.size() > kStaleMax + 2 * std::size_t{station.waiting}) {
    station.line.KeepIf([&part](ValueReference each) { return part.spans.IsCurrent(each); });
  }
  station.line.Push(part.spans.Reference(handle));
  sim::VirtualTime until = span.deadline;
  const std::optional<sim::Duration> timeout = service.spec->queue_timeout;
  if (!span.is_message && timeout && *timeout < until - part.now) until = part.now + *timeout;
  if (until < sim::VirtualTime::Max()) {
    part.PostToSelf(span.host, until,
                    {.kind = EventKind::kSpanDeadline, .reference = part.spans.Reference(handle)});
  }
  if (!span.is_message) TakeCause(part, &span, station.backlog);  // see FillWorkers
  NotifyCaller(part, handle);
}

void DecideOwnError(Partition& part, Span* span, const sim::DrawBlock& draws) {
  const std::uint32_t service = part.topology.nodes[span->node].service;
  for (const OwnErrorInfo& error : part.topology.services[service].errors) {
    if (draws.Word(2) >= error.threshold) continue;
    span->failure = Failure::kOwn;
    span->failure_code = error.code;
    span->failure_messages = part.log_model.Own(service, error.index);
    span->failure_retryable = error.retryable;
    return;
  }
}

// Needs a worker of the span's station that is already counted as the span's.
void StartWork(Partition& part, Handle handle) {
  Span& span = part.spans[handle];
  const Host& self = part.host(span.host);
  const ServiceInfo& service = part.topology.services[self.service];
  ++span.epoch;
  span.state = SpanState::kWorking;
  span.started = part.now;
  if (span.is_message) span.deadline = part.now + service.spec->consumers->deadline;
  const sim::DrawBlock draws = part.Draw(span, Purpose::kService);
  span.message_word = draws.Word(3);
  DecideOwnError(part, &span, draws);
  const double factor = ApplyFaults(part, &span);
  CountAsBlamed(part, &span);
  const sim::Duration work = service.service_time.SampleTimes(factor, draws.Uniform64(0));
  if (work <= span.deadline - part.now) {
    part.PostToSelf(span.host, part.now + work,
                    {.kind = EventKind::kWorkDone, .reference = part.spans.Reference(handle)});
    // Its caller's patience is not known here: it may end before the work does.
    if (span.answer_by == sim::VirtualTime::Max()) NotifyCaller(part, handle);
    return;
  }
  part.PostToSelf(span.host, span.deadline,
                  {.kind = EventKind::kSpanDeadline, .reference = part.spans.Reference(handle)});
  span.is_late_anyway =
      factor != 1 && span.started == span.arrival &&
      service.service_time.SampleTimes(1, draws.Uniform64(0)) > span.deadline - part.now;
  if (!span.is_late_anyway) NotifyCaller(part, handle);
}

// `truth` is that of an answer that failed. One that went well has only what has held it up.
void Answer(Partition& part, const Span& span, Outcome outcome, const traces::Truth& truth) {
  const double uniform = sim::DrawBlock({span.way_back_word, 0, 0, 0}).Uniform32(0);
  const sim::VirtualTime heard =
      part.now + part.topology.NetworkLatency(span.host, span.caller, uniform);
  if (heard >= span.answer_by) return;
  const traces::Truth lost = LossOf(part, span, /*word=*/2);
  if (lost.fault == traces::FaultId::kNone) {
    part.Post(span.host, span.caller, heard,
              {.kind = EventKind::kReply,
               .outcome = outcome,
               .is_late = HasCause(span.truth),
               .reference = span.caller_call,
               .truth = OneHopOn(outcome == Outcome::kOk ? span.truth : truth)});
  } else if (part.IsHost(span.caller)) {
    // The caller will time out: send it the cause, so that the timeout it logs names this fault.
    SendNotice(part, span.host, span, lost);
  }
}

// Logs the span, answers its caller if that still waits, and gives its worker to the next.
void Finish(Partition& part, Handle handle, const traces::Record& record, Outcome outcome) {
  const Span& span = part.spans[handle];
  const sim::EntityId host_id = span.host;
  const SpanState state = span.state;
  const bool is_blamed = span.is_blamed;
  Emit(part, record);
  Host& self = part.host(host_id);
  const bool is_reported =
      part.topology.services[self.service].log_interval.delay > sim::Duration();
  if (is_reported) self.interval.durations.Add(record.duration);
  if (HasCause(span.truth)) {
    ++self.interval.blamed;
    self.interval.blamed_on = part.faults.Earlier(self.interval.blamed_on, span.truth);
  }
  if (outcome != Outcome::kOk) {
    ++self.interval.errors;
    self.interval.truth = part.faults.Earlier(self.interval.truth, record.truth);
  }
  if (!span.is_message) Answer(part, span, outcome, record.truth);
  Station& station = part.StationOf(span);
  if (state != SpanState::kTravelling) LeaveHand(part, handle);
  part.spans.Free(handle);
  if (state == SpanState::kTravelling) return;  // refused: it never waited or held a worker
  CountInFlight(part, &self);
  if (state == SpanState::kQueued) {
    --station.waiting;
  } else {
    --station.in_use;
    if (is_blamed) --station.blamed;
    FillWorkers(part, host_id, &station);
  }
}

// For shedding by queue delay: remembers when a span last got a slot soon enough.
void NoteDelay(const Partition& part, Host* host, sim::Duration delay) {
  const SheddingPolicy& policy = part.topology.services[host->service].spec->shedding;
  if (policy.queue_delay && delay <= *policy.queue_delay) host->delay_was_low = part.now;
}

}  // namespace

void HandleAttemptArrives(Partition& part, Handle handle) {
  Span& span = part.spans[handle];
  if (part.now >= span.deadline) {
    part.spans.Free(handle);  // the caller has given up; no span begins, nothing is logged
    return;
  }
  Host& self = part.host(span.host);
  if (self.is_down()) return LoseArrival(part, handle);
  const ServiceInfo& service = part.topology.services[self.service];
  span.arrival = part.now;
  span.started = part.now;
  span.answer_by = span.deadline;
  if (!span.is_message && service.spec->time_limit < span.deadline - part.now) {
    span.deadline = part.now + service.spec->time_limit;
  }
  if (IsRefusedByOutage(part, handle)) return;
  Station& station = part.StationOf(span);
  const std::uint32_t workers = WorkersOf(part, self, span.is_message);
  if (workers < service.Workers(span.is_message) && station.in_use >= workers) {
    station.backlog = part.faults.Earlier(station.backlog, CapacityTruth(part, self));
  }
  if (station.in_use >= workers) {
    station.backlog = part.faults.Earlier(station.backlog, HostsDownTruth(part, self));
    if (station.blamed > 0) {
      station.backlog = part.faults.Earlier(station.backlog, station.blamed_on);
    }
    if (span.is_extra) station.backlog = part.faults.Earlier(station.backlog, span.truth);
  }
  if (!span.is_message && MustShed(part, self, service)) {
    TakeCause(part, &span, station.backlog);
    CompleteFailed(part, handle, Failure::kShed);
  } else if (station.in_use < workers) {
    CountInFlight(part, &self);
    ++station.in_use;
    if (!span.is_message) self.delay_was_low = part.now;
    TakeInHand(part, handle);
    StartWork(part, handle);
  } else if (station.waiting < service.QueueBound(span.is_message)) {
    TakeInHand(part, handle);
    Enqueue(part, handle);
  } else {
    TakeCause(part, &span, station.backlog);
    CompleteFailed(part, handle, Failure::kQueueFull);
  }
}

void HandleWorkDone(Partition& part, Handle handle) {
  if (part.spans[handle].failure == Failure::kOwn) {
    CompleteFailed(part, handle, Failure::kOwn);
  } else {
    NextCalls(part, handle);
  }
}

void HandleSpanDeadline(Partition& part, Handle handle) {
  if (part.spans[handle].state == SpanState::kQueued) {
    Span& span = part.spans[handle];
    TakeCause(part, &span, part.StationOf(span).backlog);
    CompleteFailed(part, handle, Failure::kQueueTimeout);
  } else {
    part.spans[handle].failure_retryable = true;  // also when its work would have failed otherwise
    CompleteFailed(part, handle, Failure::kWorkTimeout);
  }
}

void HandleCancel(Partition& part, ValueReference reference, const traces::Truth& why) {
  const Span& span = part.spans[reference.handle];
  const bool is_in_hand = span.state != SpanState::kFree && span.birth == reference.epoch;
  if (!is_in_hand) return;
  part.spans[reference.handle].late_by = why;
  CompleteFailed(part, reference.handle, Failure::kCancelled);
}

void HandleCancelByCall(Partition& part, sim::EntityId host_id, sim::EntityId caller,
                        ValueReference as_sent, const traces::Truth& why) {
  // From the front: most spans that are given up arrived long ago.
  Handle handle = part.host(host_id).first_in_hand;
  for (; handle != kNoHandle; handle = part.spans[handle].next_in_hand) {
    Span& span = part.spans[handle];
    if (span.caller_call != as_sent || span.caller != caller || span.is_message) continue;
    span.late_by = why;
    return CompleteFailed(part, handle, Failure::kCancelled);
  }
}

void CompleteOk(Partition& part, Handle handle) {
  const Span& span = part.spans[handle];
  const ServiceInfo& service = part.topology.services[part.topology.nodes[span.node].service];
  traces::Record record = SpanRecord(part, span);
  if (span.degraded_dependency != traces::ServiceId::kNone) {
    record.level = traces::Level::kWarn;
    record.dependency = span.degraded_dependency;
    if (!span.is_extra) record.truth = span.degraded_truth;
    part.log_model.Fill(part.log_model.Degraded(), span.message_word, Context(part, span), &record);
  } else if (service.spec->slow && record.duration > *service.spec->slow) {
    record.level = traces::Level::kWarn;
    part.log_model.Fill(part.log_model.Slow(), span.message_word, Context(part, span), &record);
  } else {
    part.log_model.Fill(part.log_model.Ok(part.topology.nodes[span.node].service),
                        span.message_word, Context(part, span), &record);
  }
  Finish(part, handle, record, Outcome::kOk);
}

void CompleteFailed(Partition& part, Handle handle, Failure failure, Handle failed_call) {
  Span& span = part.spans[handle];
  traces::Record record = SpanRecord(part, span);
  record.level = traces::Level::kError;
  record.truth = CauseOfFailure(part, span, failure, failed_call);
  MessageContext context = Context(part, span);
  if (failed_call != kNoHandle) {
    const CallInProgress& call = part.calls[failed_call];
    record.dependency = ServiceIdOf(part.topology.nodes[call.node].service);
    context = Context(part, span, call);
  }
  const std::uint32_t word = part.Draw(span, Purpose::kMessage).Word(1);
  if (failure == Failure::kOwn) {
    record.error_code = span.failure_code;
    part.log_model.Fill(span.failure_messages, word, context, &record);
  } else {
    record.error_code = part.plan.failure_codes[static_cast<std::size_t>(failure)];
    part.log_model.Fill(part.log_model.Failed(failure), word, context, &record);
  }
  span.late_by = record.truth;  // says cancelled calls why
  AbandonCalls(part, &span);
  Finish(part, handle, record, span.failure_retryable ? Outcome::kFailed : Outcome::kFailedForGood);
}

void FillWorkers(Partition& part, sim::EntityId host_id, Station* station) {
  Host& self = part.host(host_id);
  const bool is_messages = station == &self.messages;
  while (!station->line.empty() && station->in_use < WorkersOf(part, self, is_messages)) {
    const ValueReference next = station->line.Pop();
    if (!part.spans.IsCurrent(next)) continue;  // gave up while it waited
    Span& span = part.spans[next.handle];
    --station->waiting;
    ++station->in_use;
    // Waiting changes nothing that a message's record says: its work begins when it is taken.
    if (!is_messages) {
      NoteDelay(part, &self, part.now - span.arrival);
      TakeCause(part, &span, station->backlog);
    }
    StartWork(part, next.handle);
  }
  if (station->in_use < WorkersOf(part, self, is_messages)) station->backlog = {};
}

}  // namespace groundhog::model
