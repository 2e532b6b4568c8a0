#include "model/world/sending.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "model/world/fault_effects.h"
#include "model/world/plan/span_id.h"
#ifdef GROUNDHOG_CANARY
#include "tests/golden/canary.h"
#endif

namespace groundhog::model {
namespace {

// Attempt `number` of the call `node` that `from` makes, still without host and deadline.
void FillIn(const Partition& part, const Span& from, std::uint32_t node, std::uint16_t number,
            Attempt* attempt) {
  attempt->node = node;
  attempt->source = from.source;
  attempt->journey = from.journey;
  attempt->path = CallPath(from.id, part.topology.nodes[node].call_key);
  attempt->ordinal = from.ordinal;
  attempt->id = SpanIdOf(attempt->path, number);
  attempt->parent = from.id;
  attempt->attempt = number;
  attempt->caller = from.host;
  const bool is_by_host = part.IsHost(from.host);
  attempt->is_extra = from.is_extra;
  if (from.is_extra) attempt->truth = is_by_host ? OneHopOn(from.truth) : from.truth;
  if (is_by_host) attempt->late_by = OneHopOn(HasCause(from.truth) ? from.truth : from.late_by);
}

// When the callee must be done: at the caller's deadline, unless deadlines are not passed on.
sim::VirtualTime CalleesDeadline(const Partition& part, const Span& from,
                                 const CallInProgress& call) {
  if (!part.IsHost(from.host)) return from.deadline;
  return part.DependencyOf(call).spec->propagates_deadline ? call.deadline
                                                           : sim::VirtualTime::Max();
}

// Balancing on the caller's side, by what the caller knows: its own attempts under way.
std::uint32_t ChooseHost(Partition& part, sim::EntityId caller, std::uint32_t node,
                         const sim::DrawBlock& draws) {
  const std::uint32_t service = part.topology.nodes[node].service;
  const ServiceInfo& callee = part.topology.services[service];
  const std::span<const std::uint32_t> choices =
      part.rotation.Choices(service, part.topology.ZoneOf(caller), part.now);
  const auto count =
      choices.empty() ? callee.host_count : static_cast<std::uint32_t>(choices.size());
  const auto host_at = [&](std::uint32_t index) {
    return callee.first_host + (choices.empty() ? index : choices[index]);
  };
  const std::uint32_t first = draws.BelowMultiply(0, count);
  if (count == 1 || callee.spec->balancer == Balancer::kRandom) return host_at(first);
  Caller& self = part.caller(caller);
  if (callee.spec->balancer == Balancer::kRoundRobin) {
    return host_at(self.turns.Next(service, first, count));
  }
  const OutstandingCounts& outstanding = self.outstanding;
  if (callee.spec->balancer == Balancer::kPowerOfTwo) {
    // Mitzenmacher 2001: of two different hosts, the one with fewer attempts under way.
    std::uint32_t second = draws.BelowMultiply(1, count - 1);
    if (second >= first) ++second;
    const std::uint32_t one = host_at(first);
    const std::uint32_t other = host_at(second);
#ifdef GROUNDHOG_CANARY
    if (outstanding.Of(other) == outstanding.Of(one)) {
      const auto* const hosts = part.topology.host_service.data();
      return canary::IsFirst(hosts + one, hosts + other) ? one : other;
    }
#endif
    return outstanding.Of(other) < outstanding.Of(one) ? other : one;
  }
  std::uint32_t best = host_at(first);
  std::uint32_t best_outstanding = outstanding.Of(best);
  for (std::uint32_t step = 1; step < count && best_outstanding > 0; ++step) {
    const std::uint32_t candidate = host_at((first + step) % count);
    const std::uint32_t candidate_outstanding = outstanding.Of(candidate);
    if (candidate_outstanding < best_outstanding) {
      best = candidate;
      best_outstanding = candidate_outstanding;
    }
  }
  return best;
}

}  // namespace

void SendAttempt(Partition& part, Handle call_handle) {
  CallInProgress& call = part.calls[call_handle];
  const Span& from = part.spans[call.span];
  const TimerDelay& timeout = part.IsHost(from.host)
                                  ? part.DependencyOf(call).timeout
                                  : part.topology.journeys[from.journey].patience;
  const bool is_in_time = timeout.delay <= from.deadline - part.now;
  ++call.epoch;
  call.is_under_way = true;
  call.sent = part.now;
  call.deadline = is_in_time ? part.now + timeout.delay : from.deadline;
  call.as_sent = part.calls.Reference(call_handle);

  const Handle handle = part.spans.Allocate();
  Attempt& attempt = part.spans[handle];
  FillIn(part, from, call.node, call.attempt, &attempt);
  attempt.deadline = CalleesDeadline(part, from, call);
  if (call.attempt > 1 && !attempt.is_extra && HasCause(call.truth)) {
    attempt.is_extra = true;
    attempt.truth = OneHopBack(call.truth);
  }
  call.truth = {};
  attempt.caller_call = call.as_sent;
  const sim::DrawBlock draws = part.Draw(attempt, Purpose::kAttempt);
  attempt.host = sim::EntityId{ChooseHost(part, from.host, call.node, draws)};
  attempt.way_back_word = draws.Word(3);

  call.callee_may_outlive = attempt.deadline > call.deadline;
  call.callee = attempt.host;
  part.caller(from.host).outstanding.Add(sim::Index(attempt.host));
  call.arrives =
      part.now + part.topology.NetworkLatency(from.host, attempt.host, draws.Uniform32(2));
  const traces::Truth lost = LossOf(part, attempt, /*word=*/1);
  call.is_lost = lost.fault != traces::FaultId::kNone;
  call.span_here = {};
  if (call.is_lost) {
    // The caller will time out: it gets the cause, so that the timeout it logs names this fault.
    SendNotice(part, attempt.caller, attempt, lost);
    part.spans.Free(handle);
  } else {
    call.span_here = part.PostAttempt(handle, call.arrives);
  }
  const Event timed_out = {.kind = EventKind::kAttemptTimeout, .reference = call.as_sent};
  if (is_in_time) {
    part.PostTimer(from.host, timeout, timed_out);
  } else {
    part.PostToSelf(from.host, call.deadline, timed_out);
  }
}

void SendMessage(Partition& part, Handle from_handle, std::uint32_t node) {
  const Span& from = part.spans[from_handle];
  const Handle handle = part.spans.Allocate();
  Attempt& message = part.spans[handle];
  FillIn(part, from, node, 1, &message);
  message.is_message = true;
  message.deadline = sim::VirtualTime::Max();
  const sim::DrawBlock draws = part.Draw(message, Purpose::kAttempt);
  message.host = sim::EntityId{ChooseHost(part, from.host, node, draws)};
  if (LossOf(part, message, /*word=*/1).fault != traces::FaultId::kNone) {
    return part.spans.Free(handle);
  }
  part.PostAttempt(
      handle, part.now + part.topology.NetworkLatency(from.host, message.host, draws.Uniform32(2)));
}

void SendCancel(Partition& part, const Span& from, const CallInProgress& call) {
  if (call.is_lost) return;
  const sim::VirtualTime heard = part.now + (call.arrives - call.sent);
  if (!call.callee_may_outlive && heard >= call.deadline) return;  // it will have ended by itself
  const bool is_sent = part.IsHost(from.host) ? part.DependencyOf(call).spec->cancels
                                              : part.topology.journeys[from.journey].spec->cancels;
  if (!is_sent) return;
  Attempt attempt;
  FillIn(part, from, call.node, call.attempt, &attempt);
  attempt.host = call.callee;
  if (LossOf(part, attempt, /*word=*/3).fault != traces::FaultId::kNone) return;
  const bool is_here = call.span_here.handle != kNoHandle;
  part.Post(from.host, call.callee, heard,
            {.kind = is_here ? EventKind::kCancel : EventKind::kCancelByCall,
             .reference = is_here ? call.span_here : call.as_sent,
             .truth = attempt.late_by});
}

void SendNotice(Partition& part, sim::EntityId sender, const Attempt& attempt,
                const traces::Truth& cause) {
  part.Post(
      sender, attempt.caller, part.now + part.topology.network_latency_min,
      {.kind = EventKind::kNotice, .reference = attempt.caller_call, .truth = OneHopOn(cause)});
}

}  // namespace groundhog::model
