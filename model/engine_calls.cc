// What a caller does for a call: chooses a host, sends an attempt, hears of it or does not, tries
// again, falls back or fails.
#include <algorithm>
#include <cstdint>

#include "model/engine.h"
#include "model/span_id.h"

namespace groundhog::model {

// Starts the span's next call that is made at all, or ends the span.
void Engine::NextCall(SpanHandle handle) {
  Span& span = spans_[handle];
  const CallNode& node = topology_.nodes[span.node];
  for (; span.child < node.child_count; ++span.child) {
    const CallNode& call = topology_.nodes[node.first_child + span.child];
    if (call.taken_threshold < kAlways) {
      const sim::DrawBlock draws =
          sim::Draw(topology_.journeys[span.journey].key,
                    {.ordinal = span.ordinal,
                     .path = CallPath(span.id, call.call_key),
                     .purpose = static_cast<std::uint16_t>(Purpose::kCallTaken)});
      if (draws.Word(0) >= call.taken_threshold) continue;
    }
    span.call_attempt = 0;
    IssueAttempt(handle);
    return;
  }
  CompleteOk(handle);
}

void Engine::IssueAttempt(SpanHandle handle) {
  Span& span = spans_[handle];
  const CallNode& call = CurrentCall(span);
  const DependencyInfo& dependency = topology_.dependencies[call.dependency];
  ++span.call_attempt;
  span.call_attempts_max = static_cast<std::uint16_t>(dependency.retries_max + 1);
  const std::uint32_t node = topology_.nodes[span.node].first_child + span.child;
  SendAttempt(handle, node, dependency.timeout);
}

// Sends attempt `call_attempt` of the call `node` on behalf of a host's or a client's span, to be
// answered within the timeout or by the span's own deadline, whichever is earlier.
void Engine::SendAttempt(SpanHandle caller, std::uint32_t node, const TimerDelay& timeout) {
  const SpanHandle handle = spans_.Allocate();  // before references: it may move all spans
  Span& from = spans_[caller];
  Span& to = spans_[handle];
  const CallNode& call = topology_.nodes[node];
  const bool is_in_time = timeout.delay <= from.deadline - now_;
  const sim::VirtualTime deadline = is_in_time ? now_ + timeout.delay : from.deadline;
  ++from.epoch;
  from.state = SpanState::kCalling;
  to.state = SpanState::kTravelling;
  to.node = node;
  to.journey = from.journey;
  to.ordinal = from.ordinal;
  to.path = CallPath(from.id, call.call_key);
  to.attempt = from.call_attempt;
  to.id = SpanIdOf(to.path, to.attempt);
  to.parent = from.id;
  to.deadline = deadline;
  to.caller = from.host;
  to.caller_span = spans_.Reference(caller);
  const sim::DrawBlock draws = Draw(to, Purpose::kAttempt);
  const ServiceInfo& callee = topology_.services[call.service];
  to.host = sim::EntityId{ChooseHost(from.host, callee, draws)};
  to.way_back_word = draws.Word(3);
  from.callee = to.host;
  from.attempt_sent = now_;
  from.attempt_deadline = deadline;
  outstanding_[sim::Index(from.host)].Add(sim::Index(to.host));
  Post(from.host, to.host, now_ + NetworkLatency(draws.Uniform32(2)),
       {.kind = EventKind::kAttemptArrives, .span = spans_.Reference(handle)});
  const Event timed_out = {.kind = EventKind::kAttemptTimeout, .span = spans_.Reference(caller)};
  if (is_in_time) {
    PostTimer(from.host, timeout, timed_out);
  } else {
    PostToSelf(from.host, deadline, timed_out);
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
void Engine::EndAttempt(SpanHandle handle) {
  Span& span = spans_[handle];
  ++span.epoch;
  outstanding_[sim::Index(span.host)].Remove(sim::Index(span.callee));
  if (!IsHost(span.host)) return;
  const sim::Duration wait = now_ - span.attempt_sent;
  if (wait > span.longest_wait) {
    span.longest_wait = wait;
    span.longest_dependency =
        traces::ServiceId{static_cast<std::uint16_t>(CurrentCall(span).service)};
  }
}

void Engine::HandleReply(const Event& event) {
  const SpanHandle handle = event.span.handle;
  EndAttempt(handle);
  Span& span = spans_[handle];
  if (!IsHost(span.host)) {
    spans_.Free(handle);  // the client has its answer
    return;
  }
  Affect(&span, event.truth);
  if (event.outcome == Outcome::kOk) {
    ++span.child;
    NotifyCaller(handle);
    NextCall(handle);
    return;
  }
  AttemptFailed(handle, Failure::kDependencyFailed, event.outcome == Outcome::kFailed);
}

void Engine::HandleAttemptTimeout(SpanHandle handle) {
  EndAttempt(handle);
  if (!IsHost(spans_[handle].host)) {
    spans_.Free(handle);  // the client gave up
    return;
  }
  AttemptFailed(handle, Failure::kDependencyTimeout, /*is_retryable=*/true);
}

void Engine::AttemptFailed(SpanHandle handle, Failure failure, bool is_retryable) {
  Span& span = spans_[handle];
  const CallNode& call = CurrentCall(span);
  const DependencyInfo& dependency = topology_.dependencies[call.dependency];
  const traces::ServiceId callee{static_cast<std::uint16_t>(call.service)};
  if (now_ < span.deadline) {
    if (is_retryable && span.call_attempt <= dependency.retries_max &&
        ScheduleRetry(handle, failure, dependency)) {
      NotifyCaller(handle);
      return;
    }
    if (dependency.degrades) {
      if (span.degraded_dependency == traces::ServiceId::kNone) span.degraded_dependency = callee;
      ++span.child;
      NotifyCaller(handle);
      NextCall(handle);
      return;
    }
  }
  span.failure_retryable = is_retryable;
  CompleteFailed(handle, failure, callee);
}

// Logs the failed attempt and waits for the next; false: there is no time left for one.
bool Engine::ScheduleRetry(SpanHandle handle, Failure failure, const DependencyInfo& dependency) {
  Span& span = spans_[handle];
  double backoff = static_cast<double>(dependency.backoff_base.nanoseconds());
  for (int i = 1; i < span.call_attempt; ++i) backoff *= dependency.backoff_multiplier;
  backoff = std::min(backoff, static_cast<double>(dependency.backoff_max.nanoseconds()));
  if (dependency.backoff_full_jitter) {
    // Full jitter, as in Brooker, "Exponential Backoff And Jitter" (2015).
    const sim::DrawBlock draws =
        sim::Draw(topology_.journeys[span.journey].key,
                  {.ordinal = span.ordinal,
                   .path = CallPath(span.id, CurrentCall(span).call_key),
                   .attempt = span.call_attempt,
                   .purpose = static_cast<std::uint16_t>(Purpose::kBackoff)});
    backoff *= draws.Uniform32(0);
  }
  const sim::Duration wait(std::max<std::int64_t>(1, static_cast<std::int64_t>(backoff)));
  if (wait >= span.deadline - now_) return false;

  traces::Record record = SpanRecord(span);
  record.level = traces::Level::kWarn;
  record.dependency = traces::ServiceId{static_cast<std::uint16_t>(dependency.callee)};
  record.duration = now_ - span.attempt_sent;
  record.queue_wait = {};
  MessageContext context = Context(span);
  context.backoff = wait;
  const std::uint32_t word = Draw(span, Purpose::kMessage).Word(0);
  log_.Fill(
      failure == Failure::kDependencyTimeout ? log_.RetryAfterTimeout() : log_.RetryAfterError(),
      word, context, &record);
  records_->push_back(record);

  ++span.epoch;
  span.state = SpanState::kBackingOff;
  PostToSelf(span.host, now_ + wait, {.kind = EventKind::kRetry, .span = spans_.Reference(handle)});
  return true;
}

// Truth travels ahead: a callee that is affected and may not answer in time tells its caller, so
// that a timeout is put down to the fault behind it. Changes nothing but truth.
void Engine::NotifyCaller(SpanHandle handle) {
  Span& span = spans_[handle];
  if (span.truth.fault == traces::FaultId::kNone || span.caller_notified) return;
  span.caller_notified = true;
  if (!IsHost(span.caller)) return;
  const sim::VirtualTime heard = now_ + topology_.network_latency_min;
  if (heard >= span.deadline) return;
  Post(span.host, span.caller, heard,
       {.kind = EventKind::kNotice, .span = span.caller_span, .truth = OneHopOn(span.truth)});
}

void Engine::HandleNotice(const Event& event) {
  Affect(&spans_[event.span.handle], event.truth);
  NotifyCaller(event.span.handle);
}

}  // namespace groundhog::model
