#include "model/world/calls.h"

#include <cstdint>

#include "model/world/blame.h"
#include "model/world/logging.h"
#include "model/world/plan/backoff.h"
#include "model/world/plan/span_id.h"
#include "model/world/sending.h"
#include "model/world/spans.h"
#include "model/world/traffic.h"

namespace groundhog::model {
namespace {

constexpr std::uint64_t kAlways = std::uint64_t{1} << 32;  // a threshold of 32-bit words

bool IsCallMade(const Partition& part, const Span& span, const CallNode& call) {
  if (call.taken_threshold >= kAlways) return true;
  const sim::DrawBlock draws =
      sim::Draw(part.topology.sources[span.source].key,
                {.ordinal = span.ordinal,
                 .path = CallPath(span.id, call.call_key),
                 .purpose = static_cast<std::uint16_t>(Purpose::kCallTaken)});
  return draws.Word(0) < call.taken_threshold;
}

// Whether the attempt may be sent.
bool AskBreaker(Partition& part, Handle handle) {
  CallInProgress& call = part.calls[handle];
  CallGuard* guard = part.GuardOf(call);
  if (guard == nullptr) return true;
  if (guard->budget && call.attempt == 1) guard->budget->PayIn();
  if (!guard->breaker) return true;
  const CircuitBreaker::Permit permit = guard->breaker->Ask(part.now);
  call.breaker_period = permit.period;
  return permit.is_given;
}

// The attempt under way is over, however it went.
void EndAttempt(Partition& part, Handle handle, Outcome outcome) {
  CallInProgress& call = part.calls[handle];
  ++call.epoch;
  call.is_under_way = false;
  Span& span = part.spans[call.span];
  part.caller(span.host).outstanding.Remove(sim::Index(call.callee));
  if (!part.IsHost(span.host)) return;
  CallGuard* guard = part.GuardOf(call);
  if (guard != nullptr && guard->breaker) {
    const bool is_ok = outcome != Outcome::kFailed;  // a final refusal is an answer, too
    if (!is_ok && call.truth.fault != traces::FaultId::kNone) guard->failed_by = call.truth;
    if (guard->breaker->Report(call.breaker_period, is_ok, part.now)) {
      guard->opened_by = guard->failed_by;
    }
  }
  const sim::Duration wait = part.now - call.sent;
  if (wait > span.longest_wait) {
    span.longest_wait = wait;
    span.longest_dependency = ServiceIdOf(part.topology.nodes[call.node].service);
  }
}

// Takes the call off its span's list.
void EndCall(Partition& part, Handle handle) {
  Handle* link = &part.spans[part.calls[handle].span].calls;
  while (*link != handle) link = &part.calls[*link].next;
  *link = part.calls[handle].next;
  part.calls.Free(handle);
}

// Ends the call, and lets the span go on.
void EndCallAndContinue(Partition& part, Handle handle) {
  const Handle span = part.calls[handle].span;
  EndCall(part, handle);
  NotifyCaller(part, span);
  NextCalls(part, span);
}

// Logs the failed attempt and schedules the next; false: no time or no budget is left for one.
bool ScheduleRetry(Partition& part, Handle handle, Failure failure,
                   const DependencyInfo& dependency) {
  CallInProgress& call = part.calls[handle];
  Span& span = part.spans[call.span];
  const sim::Duration wait = BackoffOf(part, call, span, dependency.spec->retries);
  if (wait >= span.deadline - part.now) return false;
  CallGuard* guard = part.GuardOf(call);
  if (guard != nullptr && guard->budget && !guard->budget->TakeOne()) return false;

  traces::Record record = SpanRecord(part, span);
  record.level = traces::Level::kWarn;
  record.truth = CauseOfFailure(part, span, failure, handle);
  record.dependency = ServiceIdOf(dependency.callee);
  record.duration = part.now - call.sent;
  record.queue_wait = {};
  MessageContext context = Context(part, span, call);
  context.backoff = wait;
  const std::uint32_t word = part.Draw(span, Purpose::kMessage).Word(0);
  part.log_model.Fill(failure == Failure::kDependencyTimeout ? part.log_model.RetryAfterTimeout()
                                                             : part.log_model.RetryAfterError(),
                      word, context, &record);
  Emit(part, record);

  TakeCause(part, &span, call.truth);  // which makes it late, also if the failure came in time
  ++call.epoch;
  part.PostToSelf(span.host, part.now + wait,
                  {.kind = EventKind::kRetry, .reference = part.calls.Reference(handle)});
  return true;
}

void AttemptFailed(Partition& part, Handle handle, Failure failure, bool is_retryable) {
  const CallInProgress& call = part.calls[handle];
  Span& span = part.spans[call.span];
  const DependencyInfo& dependency = part.DependencyOf(call);
  if (part.now < span.deadline) {
    if (is_retryable && call.attempt <= dependency.spec->retries.max &&
        ScheduleRetry(part, handle, failure, dependency)) {
      NotifyCaller(part, call.span);
      return;
    }
    if (dependency.degrades()) {
      if (span.degraded_dependency == traces::ServiceId::kNone) {
        span.degraded_dependency = ServiceIdOf(dependency.callee);
        span.degraded_truth = CauseOfFailure(part, span, failure, handle);
      }
      return EndCallAndContinue(part, handle);
    }
  }
  span.failure_retryable = is_retryable || failure == Failure::kBreakerOpen;
  CompleteFailed(part, call.span, failure, handle);
}

}  // namespace

void NextCalls(Partition& part, Handle handle) {
  const CallNode& node = part.topology.nodes[part.spans[handle].node];
  while (part.spans[handle].calls == kNoHandle) {
    if (part.spans[handle].next_child == node.child_count) return CompleteOk(part, handle);
    const std::uint32_t group =
        part.topology.nodes[node.first_child + part.spans[handle].next_child].group;
    while (part.spans[handle].next_child < node.child_count) {
      const std::uint32_t index = node.first_child + part.spans[handle].next_child;
      const CallNode& call = part.topology.nodes[index];
      if (call.group != group) break;
      ++part.spans[handle].next_child;
      if (!IsCallMade(part, part.spans[handle], call)) continue;
      if (part.topology.dependencies[call.dependency].spec->is_async) {
        SendMessage(part, handle, index);
      } else {
        StartCall(part, handle, index);
      }
    }
  }
}

void StartCall(Partition& part, Handle span, std::uint32_t node) {
  const Handle handle = part.calls.Allocate();
  CallInProgress& call = part.calls[handle];
  call.span = span;
  call.node = node;
  call.next = part.spans[span].calls;
  part.spans[span].calls = handle;
  part.spans[span].state = SpanState::kCalling;
  const bool is_by_host = part.IsHost(part.spans[span].host);
  const RetryPolicy& retries = is_by_host
                                   ? part.DependencyOf(call).spec->retries
                                   : part.topology.journeys[part.spans[span].journey].spec->retries;
  call.attempts_max = static_cast<std::uint16_t>(retries.max + 1);
  IssueAttempt(part, handle);
}

void IssueAttempt(Partition& part, Handle handle) {
  CallInProgress& call = part.calls[handle];
  Span& span = part.spans[call.span];
  ++call.attempt;
  if (!part.IsHost(span.host)) {
    // Each of a client's attempts is a whole new request to the system.
    span.deadline = part.now + part.topology.journeys[span.journey].deadline.delay;
  } else if (!AskBreaker(part, handle)) {
    ++call.epoch;
    call.sent = part.now;
    return part.PostToSelf(
        span.host, part.now,
        {.kind = EventKind::kBreakerRefused, .reference = part.calls.Reference(handle)});
  }
  SendAttempt(part, handle);
}

void HandleBreakerRefused(Partition& part, Handle handle) {
  CallInProgress& call = part.calls[handle];
  call.truth = part.GuardOf(call)->opened_by;
  TakeCause(part, &part.spans[call.span], call.truth);
  AttemptFailed(part, handle, Failure::kBreakerOpen, /*is_retryable=*/false);
}

void AbandonCalls(Partition& part, Span* span, bool sends_cancel) {
  while (span->calls != kNoHandle) {
    const Handle handle = span->calls;
    const CallInProgress& call = part.calls[handle];
    if (call.is_under_way) {
      part.caller(span->host).outstanding.Remove(sim::Index(call.callee));
      CallGuard* guard = part.GuardOf(call);
      if (guard != nullptr && guard->breaker) guard->breaker->Forget(call.breaker_period);
      if (sends_cancel) SendCancel(part, *span, call);
    }
    span->calls = call.next;
    part.calls.Free(handle);
  }
}

void HandleReply(Partition& part, Handle handle, const Event& reply) {
  const Handle span = part.calls[handle].span;
  const bool is_hosts = part.IsHost(part.spans[span].host);
  part.calls[handle].truth = reply.truth;
  if (is_hosts && reply.is_late) TakeCause(part, &part.spans[span], reply.truth);
  EndAttempt(part, handle, reply.outcome);
  if (!is_hosts) return ClientAttemptEnded(part, handle, reply.outcome);
  if (reply.outcome == Outcome::kOk) {
    EndCallAndContinue(part, handle);
  } else {
    AttemptFailed(part, handle, Failure::kDependencyFailed, reply.outcome == Outcome::kFailed);
  }
}

void HandleAttemptTimeout(Partition& part, Handle handle) {
  EndAttempt(part, handle, Outcome::kFailed);
  const Handle span = part.calls[handle].span;
  SendCancel(part, part.spans[span], part.calls[handle]);
  if (!part.IsHost(part.spans[span].host)) {
    return ClientAttemptEnded(part, handle, Outcome::kFailed);
  }
  AttemptFailed(part, handle, Failure::kDependencyTimeout, /*is_retryable=*/true);
}

sim::Duration BackoffOf(const Partition& part, const CallInProgress& call, const Span& span,
                        const RetryPolicy& retries) {
  const sim::Duration exact = Backoff(retries, call.attempt, [&] {
    const sim::DrawBlock draws =
        sim::Draw(part.topology.sources[span.source].key,
                  {.ordinal = span.ordinal,
                   .path = CallPath(span.id, part.topology.nodes[call.node].call_key),
                   .attempt = call.attempt,
                   .purpose = static_cast<std::uint16_t>(Purpose::kBackoff)});
    return draws.Uniform32(0);
  });
  return exact.RoundedTo(part.topology.resolution);
}

void NotifyCaller(Partition& part, Handle handle) {
  Span& span = part.spans[handle];
  if (span.truth.fault == traces::FaultId::kNone || span.caller_notified) return;
  if (span.is_message) return;
  span.caller_notified = true;
  if (!part.IsHost(span.caller)) return;
  if (part.now + part.topology.network_latency_min >= span.answer_by) return;
  SendNotice(part, span.host, span, span.truth);
}

void HandleNotice(Partition& part, Handle call, const traces::Truth& truth) {
  const Handle span = part.calls[call].span;
  part.calls[call].truth = truth;
  TakeCause(part, &part.spans[span], truth);
  NotifyCaller(part, span);
}

}  // namespace groundhog::model
