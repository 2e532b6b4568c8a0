// What a caller does for a call: sends an attempt, hears of it or does not, tries again, falls back
// or fails.
#include <algorithm>
#include <cstdint>

#include "model/engine.h"
#include "model/span_id.h"

namespace groundhog::model {

// Starts the span's next group of calls, or ends the span when none is left.
void Engine::NextCalls(SlotHandle handle) {
  const CallNode& node = topology_.nodes[spans_[handle].node];
  while (spans_[handle].calls == kNoSlot) {
    if (spans_[handle].next_child == node.child_count) return CompleteOk(handle);
    const std::uint32_t group = topology_.nodes[node.first_child + spans_[handle].next_child].group;
    while (spans_[handle].next_child < node.child_count) {
      const std::uint32_t index = node.first_child + spans_[handle].next_child;
      const CallNode& call = topology_.nodes[index];
      if (call.group != group) break;
      ++spans_[handle].next_child;
      if (!IsCallMade(spans_[handle], call)) continue;
      if (topology_.dependencies[call.dependency].is_async) {
        SendMessage(handle, index);
      } else {
        StartCall(handle, index);
      }
    }
  }
}

bool Engine::IsCallMade(const Span& span, const CallNode& call) const {
  if (call.taken_threshold >= kAlways) return true;
  const sim::DrawBlock draws =
      sim::Draw(topology_.sources[span.source].key,
                {.ordinal = span.ordinal,
                 .path = CallPath(span.id, call.call_key),
                 .purpose = static_cast<std::uint16_t>(Purpose::kCallTaken)});
  return draws.Word(0) < call.taken_threshold;
}

// Begins the call `node` on behalf of a host's or a client's span.
void Engine::StartCall(SlotHandle span, std::uint32_t node) {
  const SlotHandle handle = calls_.Allocate();
  CallInProgress& call = calls_[handle];
  call.span = span;
  call.node = node;
  call.next = spans_[span].calls;
  spans_[span].calls = handle;
  spans_[span].state = SpanState::kCalling;
  const bool is_by_host = IsHost(spans_[span].host);
  const RetryInfo& retries =
      is_by_host ? DependencyOf(call).retries : topology_.journeys[spans_[span].journey].retries;
  call.attempts_max = static_cast<std::uint16_t>(retries.max + 1);
  IssueAttempt(handle);
}

void Engine::IssueAttempt(SlotHandle handle) {
  CallInProgress& call = calls_[handle];
  Span& span = spans_[call.span];
  ++call.attempt;
  if (!IsHost(span.host)) {
    // Each of a client's attempts is a whole new request to the system.
    span.deadline = now_ + topology_.journeys[span.journey].deadline.delay;
  } else if (!AskBreaker(handle)) {
    ++call.epoch;
    call.sent = now_;
    return PostToSelf(span.host, now_,
                      {.kind = EventKind::kBreakerRefused, .reference = calls_.Reference(handle)});
  }
  SendAttempt(handle);
}

// Whether the attempt may be sent.
bool Engine::AskBreaker(SlotHandle handle) {
  CallInProgress& call = calls_[handle];
  CallGuard* guard = GuardOf(call);
  if (guard == nullptr) return true;
  if (guard->budget && call.attempt == 1) guard->budget->PayIn();
  if (!guard->breaker) return true;
  const CircuitBreaker::Permit permit = guard->breaker->Ask(now_);
  call.breaker_period = permit.period;
  return permit.is_given;
}

void Engine::HandleBreakerRefused(SlotHandle handle) {
  const CallInProgress& call = calls_[handle];
  Affect(&spans_[call.span], GuardOf(call)->opened_by);
  AttemptFailed(handle, Failure::kBreakerOpen, /*is_retryable=*/false);
}

// The attempt under way is over, however it went.
void Engine::EndAttempt(SlotHandle handle, Outcome outcome) {
  CallInProgress& call = calls_[handle];
  ++call.epoch;
  call.is_under_way = false;
  Span& span = spans_[call.span];
  callers_[sim::Index(span.host)].outstanding.Remove(sim::Index(call.callee));
  if (!IsHost(span.host)) return;
  CallGuard* guard = GuardOf(call);
  if (guard != nullptr && guard->breaker) {
    const bool is_ok = outcome != Outcome::kFailed;  // a refusal for good is an answer, too
    if (guard->breaker->Report(call.breaker_period, is_ok, now_)) guard->opened_by = span.truth;
  }
  const sim::Duration wait = now_ - call.sent;
  if (wait > span.longest_wait) {
    span.longest_wait = wait;
    span.longest_dependency = ServiceIdOf(topology_.nodes[call.node].service);
  }
}

// Takes the call off its span's list.
void Engine::EndCall(SlotHandle handle) {
  SlotHandle* link = &spans_[calls_[handle].span].calls;
  while (*link != handle) link = &calls_[*link].next;
  *link = calls_[handle].next;
  calls_.Free(handle);
}

// The span ends before its calls do: it hears of them no more, and the callees are told, unless the
// caller is no longer able to.
void Engine::AbandonCalls(Span* span, bool tells) {
  while (span->calls != kNoSlot) {
    const SlotHandle handle = span->calls;
    const CallInProgress& call = calls_[handle];
    if (call.is_under_way) {
      callers_[sim::Index(span->host)].outstanding.Remove(sim::Index(call.callee));
      CallGuard* guard = GuardOf(call);
      if (guard != nullptr && guard->breaker) guard->breaker->Forget(call.breaker_period);
      if (tells) SendCancel(*span, call);
    }
    span->calls = call.next;
    calls_.Free(handle);
  }
}

void Engine::HandleReply(const Event& event) {
  const SlotHandle handle = event.reference.handle;
  const SlotHandle span = calls_[handle].span;
  if (IsHost(spans_[span].host)) Affect(&spans_[span], event.truth);
  EndAttempt(handle, event.outcome);
  if (!IsHost(spans_[span].host)) return ClientAttemptEnded(handle, event.outcome);
  if (event.outcome == Outcome::kOk) {
    GoOn(handle);
  } else {
    AttemptFailed(handle, Failure::kDependencyFailed, event.outcome == Outcome::kFailed);
  }
}

void Engine::HandleAttemptTimeout(SlotHandle handle) {
  EndAttempt(handle, Outcome::kFailed);
  const SlotHandle span = calls_[handle].span;
  SendCancel(spans_[span], calls_[handle]);
  if (!IsHost(spans_[span].host)) return ClientAttemptEnded(handle, Outcome::kFailed);
  AttemptFailed(handle, Failure::kDependencyTimeout, /*is_retryable=*/true);
}

// The call is done with, and the span goes on.
void Engine::GoOn(SlotHandle handle) {
  const SlotHandle span = calls_[handle].span;
  EndCall(handle);
  NotifyCaller(span);
  NextCalls(span);
}

void Engine::AttemptFailed(SlotHandle handle, Failure failure, bool is_retryable) {
  const CallInProgress& call = calls_[handle];
  Span& span = spans_[call.span];
  const DependencyInfo& dependency = DependencyOf(call);
  if (now_ < span.deadline) {
    if (is_retryable && call.attempt <= dependency.retries.max &&
        ScheduleRetry(handle, failure, dependency)) {
      NotifyCaller(call.span);
      return;
    }
    if (dependency.degrades) {
      if (span.degraded_dependency == traces::ServiceId::kNone) {
        span.degraded_dependency = ServiceIdOf(dependency.callee);
      }
      return GoOn(handle);
    }
  }
  span.failure_retryable = is_retryable || failure == Failure::kBreakerOpen;
  CompleteFailed(call.span, failure, handle);
}

// The pause after attempt `call.attempt`.
sim::Duration Engine::BackoffOf(const CallInProgress& call, const Span& span,
                                const RetryInfo& retries) const {
  double backoff = static_cast<double>(retries.backoff_base.nanoseconds());
  for (int i = 1; i < call.attempt; ++i) backoff *= retries.backoff_multiplier;
  backoff = std::min(backoff, static_cast<double>(retries.backoff_max.nanoseconds()));
  if (retries.backoff_full_jitter) {
    // Full jitter, as in Brooker, "Exponential Backoff And Jitter" (2015).
    const sim::DrawBlock draws =
        sim::Draw(topology_.sources[span.source].key,
                  {.ordinal = span.ordinal,
                   .path = CallPath(span.id, topology_.nodes[call.node].call_key),
                   .attempt = call.attempt,
                   .purpose = static_cast<std::uint16_t>(Purpose::kBackoff)});
    backoff *= draws.Uniform32(0);
  }
  return sim::Duration(std::max<std::int64_t>(1, static_cast<std::int64_t>(backoff)));
}

// Logs the failed attempt and waits for the next; false: no time or no budget is left for one.
bool Engine::ScheduleRetry(SlotHandle handle, Failure failure, const DependencyInfo& dependency) {
  CallInProgress& call = calls_[handle];
  const Span& span = spans_[call.span];
  const sim::Duration wait = BackoffOf(call, span, dependency.retries);
  if (wait >= span.deadline - now_) return false;
  CallGuard* guard = GuardOf(call);
  if (guard != nullptr && guard->budget && !guard->budget->TakeOne()) return false;

  traces::Record record = SpanRecord(span);
  record.level = traces::Level::kWarn;
  record.dependency = ServiceIdOf(dependency.callee);
  record.duration = now_ - call.sent;
  record.queue_wait = {};
  MessageContext context = Context(span, call);
  context.backoff = wait;
  const std::uint32_t word = Draw(span, Purpose::kMessage).Word(0);
  log_.Fill(
      failure == Failure::kDependencyTimeout ? log_.RetryAfterTimeout() : log_.RetryAfterError(),
      word, context, &record);
  Emit(record);

  ++call.epoch;
  PostToSelf(span.host, now_ + wait,
             {.kind = EventKind::kRetry, .reference = calls_.Reference(handle)});
  return true;
}

// Truth travels ahead: a callee that is affected and may not answer in time tells its caller, so
// that a timeout is put down to the fault behind it. Changes nothing but truth.
void Engine::NotifyCaller(SlotHandle handle) {
  Span& span = spans_[handle];
  if (span.truth.fault == traces::FaultId::kNone || span.caller_notified) return;
  if (span.is_message) return;
  span.caller_notified = true;
  if (!IsHost(span.caller)) return;
  const sim::VirtualTime heard = now_ + topology_.network_latency_min;
  if (heard >= span.answer_by) return;
  Post(span.host, span.caller, heard,
       {.kind = EventKind::kNotice, .reference = span.caller_call, .truth = OneHopOn(span.truth)});
}

void Engine::HandleNotice(const Event& event) {
  const SlotHandle span = calls_[event.reference.handle].span;
  Affect(&spans_[span], event.truth);
  NotifyCaller(span);
}

}  // namespace groundhog::model
