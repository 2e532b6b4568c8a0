// What a caller does for a call: chooses a host, sends an attempt, hears of it or does not, tries
// again, falls back or fails.
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
      if (IsCallMade(spans_[handle], call)) StartCall(handle, index);
    }
  }
}

bool Engine::IsCallMade(const Span& span, const CallNode& call) const {
  if (call.taken_threshold >= kAlways) return true;
  const sim::DrawBlock draws =
      sim::Draw(topology_.journeys[span.journey].key,
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
  call.attempts_max =
      static_cast<std::uint16_t>(is_by_host ? DependencyOf(call).retries_max + 1 : 1);
  IssueAttempt(handle);
}

void Engine::IssueAttempt(SlotHandle handle) {
  CallInProgress& call = calls_[handle];
  const Span& span = spans_[call.span];
  ++call.attempt;
  SendAttempt(handle, IsHost(span.host) ? DependencyOf(call).timeout
                                        : topology_.journeys[span.journey].deadline);
}

// Sends attempt `call.attempt` of the call, to be answered within the timeout or by the span's own
// deadline, whichever is earlier.
void Engine::SendAttempt(SlotHandle call_handle, const TimerDelay& timeout) {
  const SlotHandle handle = spans_.Allocate();  // before references: it may move all spans
  CallInProgress& call = calls_[call_handle];
  const Span& from = spans_[call.span];
  Span& to = spans_[handle];
  const CallNode& node = topology_.nodes[call.node];
  const bool is_in_time = timeout.delay <= from.deadline - now_;
  ++call.epoch;
  call.is_under_way = true;
  call.sent = now_;
  call.deadline = is_in_time ? now_ + timeout.delay : from.deadline;
  to.state = SpanState::kTravelling;
  to.node = call.node;
  to.journey = from.journey;
  to.ordinal = from.ordinal;
  to.path = CallPath(from.id, node.call_key);
  to.attempt = call.attempt;
  to.id = SpanIdOf(to.path, to.attempt);
  to.parent = from.id;
  to.deadline = call.deadline;
  to.caller = from.host;
  to.caller_call = calls_.Reference(call_handle);
  const sim::DrawBlock draws = Draw(to, Purpose::kAttempt);
  to.host = sim::EntityId{ChooseHost(from.host, topology_.services[node.service], draws)};
  to.way_back_word = draws.Word(3);
  call.callee = to.host;
  outstanding_[sim::Index(from.host)].Add(sim::Index(to.host));
  Post(from.host, to.host, now_ + NetworkLatency(draws.Uniform32(2)),
       {.kind = EventKind::kAttemptArrives, .reference = spans_.Reference(handle)});
  const Event timed_out = {.kind = EventKind::kAttemptTimeout,
                           .reference = calls_.Reference(call_handle)};
  if (is_in_time) {
    PostTimer(from.host, timeout, timed_out);
  } else {
    PostToSelf(from.host, call.deadline, timed_out);
  }
}

// Balancing on the caller's side, by what the caller knows: its own attempts under way.
std::uint32_t Engine::ChooseHost(sim::EntityId caller, const ServiceInfo& callee,
                                 const sim::DrawBlock& draws) const {
  const std::uint32_t count = callee.host_count;
  const std::uint32_t first = draws.BelowMultiply(0, count);
  if (count == 1 || callee.balancer == Balancer::kRandom) return callee.first_host + first;
  const OutstandingCounts& outstanding = outstanding_[sim::Index(caller)];
  if (callee.balancer == Balancer::kPowerOfTwo) {
    // Mitzenmacher 2001: of two different hosts the one with less under way.
    std::uint32_t second = draws.BelowMultiply(1, count - 1);
    if (second >= first) ++second;
    const std::uint32_t one = callee.first_host + first;
    const std::uint32_t other = callee.first_host + second;
    return outstanding.Of(other) < outstanding.Of(one) ? other : one;
  }
  std::uint32_t best = callee.first_host + first;
  std::uint32_t best_outstanding = outstanding.Of(best);
  for (std::uint32_t step = 1; step < count && best_outstanding > 0; ++step) {
    const std::uint32_t candidate = callee.first_host + (first + step) % count;
    const std::uint32_t candidate_outstanding = outstanding.Of(candidate);
    if (candidate_outstanding < best_outstanding) {
      best = candidate;
      best_outstanding = candidate_outstanding;
    }
  }
  return best;
}

sim::Duration Engine::NetworkLatency(double uniform) const {
  return std::max(topology_.network_latency_min, topology_.network_latency.Sample(uniform));
}

// The attempt under way is over, however it went.
void Engine::EndAttempt(SlotHandle handle) {
  CallInProgress& call = calls_[handle];
  ++call.epoch;
  call.is_under_way = false;
  Span& span = spans_[call.span];
  outstanding_[sim::Index(span.host)].Remove(sim::Index(call.callee));
  if (!IsHost(span.host)) return;
  const sim::Duration wait = now_ - call.sent;
  if (wait > span.longest_wait) {
    span.longest_wait = wait;
    span.longest_dependency =
        traces::ServiceId{static_cast<std::uint16_t>(topology_.nodes[call.node].service)};
  }
}

// Takes the call off its span's list.
void Engine::EndCall(SlotHandle handle) {
  SlotHandle* link = &spans_[calls_[handle].span].calls;
  while (*link != handle) link = &calls_[*link].next;
  *link = calls_[handle].next;
  calls_.Free(handle);
}

// The span ends before its calls do: it hears of them no more.
void Engine::AbandonCalls(Span* span) {
  while (span->calls != kNoSlot) {
    const SlotHandle handle = span->calls;
    const CallInProgress& call = calls_[handle];
    if (call.is_under_way) outstanding_[sim::Index(span->host)].Remove(sim::Index(call.callee));
    span->calls = call.next;
    calls_.Free(handle);
  }
}

// The client has its answer, or gave up.
void Engine::EndClient(SlotHandle span) {
  AbandonCalls(&spans_[span]);
  spans_.Free(span);
}

void Engine::HandleReply(const Event& event) {
  const SlotHandle handle = event.reference.handle;
  EndAttempt(handle);
  const SlotHandle span = calls_[handle].span;
  if (!IsHost(spans_[span].host)) return EndClient(span);
  Affect(&spans_[span], event.truth);
  if (event.outcome == Outcome::kOk) {
    GoOn(handle);
  } else {
    AttemptFailed(handle, Failure::kDependencyFailed, event.outcome == Outcome::kFailed);
  }
}

void Engine::HandleAttemptTimeout(SlotHandle handle) {
  EndAttempt(handle);
  const SlotHandle span = calls_[handle].span;
  if (!IsHost(spans_[span].host)) return EndClient(span);
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
    if (is_retryable && call.attempt <= dependency.retries_max &&
        ScheduleRetry(handle, failure, dependency)) {
      NotifyCaller(call.span);
      return;
    }
    if (dependency.degrades) {
      if (span.degraded_dependency == traces::ServiceId::kNone) {
        span.degraded_dependency = traces::ServiceId{static_cast<std::uint16_t>(dependency.callee)};
      }
      return GoOn(handle);
    }
  }
  span.failure_retryable = is_retryable;
  CompleteFailed(call.span, failure, handle);
}

// Logs the failed attempt and waits for the next; false: there is no time left for one.
bool Engine::ScheduleRetry(SlotHandle handle, Failure failure, const DependencyInfo& dependency) {
  CallInProgress& call = calls_[handle];
  const Span& span = spans_[call.span];
  double backoff = static_cast<double>(dependency.backoff_base.nanoseconds());
  for (int i = 1; i < call.attempt; ++i) backoff *= dependency.backoff_multiplier;
  backoff = std::min(backoff, static_cast<double>(dependency.backoff_max.nanoseconds()));
  if (dependency.backoff_full_jitter) {
    // Full jitter, as in Brooker, "Exponential Backoff And Jitter" (2015).
    const sim::DrawBlock draws =
        sim::Draw(topology_.journeys[span.journey].key,
                  {.ordinal = span.ordinal,
                   .path = CallPath(span.id, topology_.nodes[call.node].call_key),
                   .attempt = call.attempt,
                   .purpose = static_cast<std::uint16_t>(Purpose::kBackoff)});
    backoff *= draws.Uniform32(0);
  }
  const sim::Duration wait(std::max<std::int64_t>(1, static_cast<std::int64_t>(backoff)));
  if (wait >= span.deadline - now_) return false;

  traces::Record record = SpanRecord(span);
  record.level = traces::Level::kWarn;
  record.dependency = traces::ServiceId{static_cast<std::uint16_t>(dependency.callee)};
  record.duration = now_ - call.sent;
  record.queue_wait = {};
  MessageContext context = Context(span, call);
  context.backoff = wait;
  const std::uint32_t word = Draw(span, Purpose::kMessage).Word(0);
  log_.Fill(
      failure == Failure::kDependencyTimeout ? log_.RetryAfterTimeout() : log_.RetryAfterError(),
      word, context, &record);
  records_->push_back(record);

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
  span.caller_notified = true;
  if (!IsHost(span.caller)) return;
  const sim::VirtualTime heard = now_ + topology_.network_latency_min;
  if (heard >= span.deadline) return;
  Post(span.host, span.caller, heard,
       {.kind = EventKind::kNotice, .reference = span.caller_call, .truth = OneHopOn(span.truth)});
}

void Engine::HandleNotice(const Event& event) {
  const SlotHandle span = calls_[event.reference.handle].span;
  Affect(&spans_[span], event.truth);
  NotifyCaller(span);
}

}  // namespace groundhog::model
