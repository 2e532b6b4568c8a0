// How an attempt or a message gets to a host: who is addressed, which host, how long it travels,
// whether it gets lost.
#include <algorithm>
#include <cstdint>
#include <span>

#include "model/engine.h"

namespace groundhog::model {

// Fills in who and what: the handling of call `node` that `from` makes.
void Engine::Address(Span* to, const Span& from, std::uint32_t node) {
  to->state = SpanState::kTravelling;
  to->node = node;
  to->source = from.source;
  to->journey = from.journey;
  to->ordinal = from.ordinal;
  to->path = CallPath(from.id, topology_.nodes[node].call_key);
  to->id = SpanIdOf(to->path, to->attempt);
  to->parent = from.id;
  to->caller = from.host;
  // A request that is there only because of a surge is due to it on all its way.
  if (topology_.sources[from.source].fault != traces::FaultId::kNone) {
    to->truth = IsHost(from.host) ? OneHopOn(from.truth) : from.truth;
  }
}

// Sends attempt `call.attempt` of the call. The caller gives it up after the timeout or at its own
// deadline, whichever is earlier.
void Engine::SendAttempt(SlotHandle call_handle) {
  const SlotHandle handle = spans_.Allocate();  // before references: it may move all spans
  CallInProgress& call = calls_[call_handle];
  const Span& from = spans_[call.span];
  Span& to = spans_[handle];
  const bool is_by_host = IsHost(from.host);
  const TimerDelay& timeout =
      is_by_host ? DependencyOf(call).timeout : topology_.journeys[from.journey].patience;
  const bool is_in_time = timeout.delay <= from.deadline - now_;
  ++call.epoch;
  call.is_under_way = true;
  call.sent = now_;
  call.deadline = is_in_time ? now_ + timeout.delay : from.deadline;
  to.attempt = call.attempt;
  Address(&to, from, call.node);
  to.birth = to.epoch;
  to.deadline = call.deadline;
  if (!is_by_host) {
    to.deadline = from.deadline;
  } else if (!DependencyOf(call).propagates_deadline) {
    to.deadline = sim::VirtualTime::Max();
  }
  call.callee_may_outlive = to.deadline > call.deadline;
  to.caller_call = calls_.Reference(call_handle);
  const sim::DrawBlock draws = Draw(to, Purpose::kAttempt);
  to.host = sim::EntityId{ChooseHost(from.host, call.node, draws)};
  to.way_back_word = draws.Word(3);
  call.callee = to.host;
  call.attempt_span = {.handle = handle, .epoch = to.birth};
  callers_[sim::Index(from.host)].outstanding.Add(sim::Index(to.host));
  call.arrives = now_ + NetworkLatency(from.host, to.host, draws.Uniform32(2));
  const traces::Truth lost = LossOf(to, /*word=*/1);
  if (lost.fault == traces::FaultId::kNone) {
    Post(from.host, to.host, call.arrives,
         {.kind = EventKind::kAttemptArrives, .reference = spans_.Reference(handle)});
  } else {
    PostToSelf(from.host, now_ + topology_.network_latency_min,
               {.kind = EventKind::kNotice,
                .reference = calls_.Reference(call_handle),
                .truth = OneHopOn(lost)});
    call.attempt_span = {};
    spans_.Free(handle);
  }
  const Event timed_out = {.kind = EventKind::kAttemptTimeout,
                           .reference = calls_.Reference(call_handle)};
  if (is_in_time) {
    PostTimer(from.host, timeout, timed_out);
  } else {
    PostToSelf(from.host, call.deadline, timed_out);
  }
}

// Hands the async call `node` over: nobody waits for it, and it has no deadline until it is taken.
void Engine::SendMessage(SlotHandle from_handle, std::uint32_t node) {
  const SlotHandle handle = spans_.Allocate();
  const Span& from = spans_[from_handle];
  Span& to = spans_[handle];
  Address(&to, from, node);
  to.is_message = true;
  to.birth = to.epoch;
  to.deadline = sim::VirtualTime::Max();
  const sim::DrawBlock draws = Draw(to, Purpose::kAttempt);
  to.host = sim::EntityId{ChooseHost(from.host, node, draws)};
  if (LossOf(to, /*word=*/1).fault != traces::FaultId::kNone) return spans_.Free(handle);
  Post(from.host, to.host, now_ + NetworkLatency(from.host, to.host, draws.Uniform32(2)),
       {.kind = EventKind::kAttemptArrives, .reference = spans_.Reference(handle)});
}

// The caller gives up an attempt that the callee would go on with. The news takes the same way as
// the attempt did, so it never overtakes it.
void Engine::SendCancel(const Span& from, const CallInProgress& call) {
  if (call.attempt_span.handle == kNoSlot) return;
  const sim::VirtualTime heard = now_ + (call.arrives - call.sent);
  if (!call.callee_may_outlive && heard >= call.deadline) return;  // it will have ended by itself
  const bool is_told =
      IsHost(from.host) ? DependencyOf(call).cancels : topology_.journeys[from.journey].cancels;
  if (!is_told) return;
  Span as_sent;
  as_sent.attempt = call.attempt;
  Address(&as_sent, from, call.node);
  as_sent.host = call.callee;
  if (LossOf(as_sent, /*word=*/3).fault != traces::FaultId::kNone) return;
  Post(from.host, call.callee, heard, {.kind = EventKind::kCancel, .reference = call.attempt_span});
}

// Balancing on the caller's side, by what the caller knows: its own attempts under way.
std::uint32_t Engine::ChooseHost(sim::EntityId caller, std::uint32_t node,
                                 const sim::DrawBlock& draws) {
  const std::uint32_t service = topology_.nodes[node].service;
  const ServiceInfo& callee = topology_.services[service];
  const std::span<const std::uint32_t> choices = rotation_.Choices(service, ZoneOf(caller), now_);
  const auto count =
      choices.empty() ? callee.host_count : static_cast<std::uint32_t>(choices.size());
  const auto host_at = [&](std::uint32_t index) {
    return callee.first_host + (choices.empty() ? index : choices[index]);
  };
  const std::uint32_t first = draws.BelowMultiply(0, count);
  if (count == 1 || callee.balancer == Balancer::kRandom) return host_at(first);
  Caller& self = callers_[sim::Index(caller)];
  if (callee.balancer == Balancer::kRoundRobin) {
    return host_at(self.turns.Next(service, first, count));
  }
  const OutstandingCounts& outstanding = self.outstanding;
  if (callee.balancer == Balancer::kPowerOfTwo) {
    // Mitzenmacher 2001: of two different hosts the one with less under way.
    std::uint32_t second = draws.BelowMultiply(1, count - 1);
    if (second >= first) ++second;
    const std::uint32_t one = host_at(first);
    const std::uint32_t other = host_at(second);
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

sim::Duration Engine::NetworkLatency(sim::EntityId from, sim::EntityId to, double uniform) const {
  const sim::DurationSampler& sampler =
      topology_.zone_latency.empty()
          ? topology_.network_latency
          : topology_.zone_latency[ZoneOf(from) * topology_.zone_names.size() + ZoneOf(to)];
  return std::max(topology_.network_latency_min, sampler.Sample(uniform));
}

std::uint32_t Engine::ZoneOf(sim::EntityId entity) const {
  if (IsHost(entity)) return topology_.host_zone[sim::Index(entity)];
  const std::uint32_t source = sim::Index(entity) - topology_.host_count();
  return topology_.journeys[topology_.sources[source].journey].zone;
}

}  // namespace groundhog::model
