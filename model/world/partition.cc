#include "model/world/partition.h"

#include <algorithm>
#include <utility>

#include "model/world/calls.h"
#include "model/world/fault_effects.h"
#include "model/world/logging.h"
#include "model/world/spans.h"
#include "model/world/traffic.h"

namespace groundhog::model {

std::vector<CallGuard> MakeGuards(const Topology& topology, std::uint32_t service) {
  std::vector<CallGuard> guards;
  for (const std::uint32_t index : topology.services[service].guarded) {
    const DependencyInfo& dependency = topology.dependencies[index];
    CallGuard& guard = guards.emplace_back();
    const std::optional<double> percent = dependency.spec->retries.budget_percent;
    if (percent) guard.budget.emplace(*percent);
    if (dependency.spec->breaker) guard.breaker.emplace(*dependency.spec->breaker);
  }
  return guards;
}

Partition::Partition(const WorldPlan& world_plan, std::uint32_t number)
    : plan(world_plan),
      topology(plan.topology),
      faults(plan.faults),
      log_model(plan.log_model),
      rotation(plan.seed, topology, faults),
      number_(number),
      places_(plan.entity_count(), kElsewhere),
      outboxes_(plan.partitions) {
  MakeHosts();
  MakeSources();
  for (std::size_t lane = 0; lane < topology.lane_count; ++lane) queue_.AddLane();
  ScheduleFirstEvents();
  next_time_ = queue_.next_time();
}

void Partition::MakeHosts() {
  for (std::uint32_t i = 0; i < topology.host_count(); ++i) {
    if (plan.OwnerOf(sim::EntityId{i}) != number_) continue;
    places_[i] = host_count_++;
    Host& host = hosts_.emplace_back();
    host.service = topology.host_service[i];
    host.number = topology.NumberOf(sim::EntityId{i});
    host.key = sim::StreamKey(plan.seed, "host/" + topology.host_names[i]);
    host.guards = MakeGuards(topology, host.service);
  }
}

void Partition::MakeSources() {
  for (std::uint32_t i = 0; i < topology.sources.size(); ++i) {
    const sim::EntityId entity = topology.SourceEntity(i);
    if (plan.OwnerOf(entity) != number_) continue;
    places_[sim::Index(entity)] = host_count_ + static_cast<std::uint32_t>(sources_.size());
    sources_.emplace_back().users.resize(topology.sources[i].users);
  }
}

void Partition::ScheduleFirstEvents() {
  for (std::uint32_t i = 0; i < topology.host_count(); ++i) {
    if (!IsOwn(sim::EntityId{i})) continue;
    ScheduleFirstFaultEvents(*this, sim::EntityId{i});
    ScheduleFirstInterval(*this, sim::EntityId{i});
  }
  for (std::uint32_t i = 0; i < topology.sources.size(); ++i) {
    if (IsOwn(topology.SourceEntity(i))) StartSource(*this, i);
  }
}

void Partition::PostTimer(sim::EntityId entity, const TimerDelay& timer, const Event& event) {
  const sim::EventOrder order = NextOrder(entity, entity, now + timer.delay);
  if (timer.lane == kNoLane) {
    queue_.Push(order, event);
  } else {
    queue_.PushToLane(timer.lane, order, event);
  }
}

ValueReference Partition::PostAttempt(Handle handle, sim::VirtualTime arrives) {
  const Attempt& attempt = spans[handle];
  const sim::EventOrder order = NextOrder(attempt.caller, attempt.host, arrives);
  if (IsOwn(attempt.host)) [[likely]] {
    return LetTravel(order, handle);
  }
  outboxes_[plan.OwnerOf(attempt.host)].push_back(
      {.order = order, .event = {.kind = EventKind::kAttemptArrives}, .attempt = attempt});
  spans.Free(handle);
  return {};
}

ValueReference Partition::LetTravel(const sim::EventOrder& order, Handle handle) {
  Span& span = spans[handle];
  span.state = SpanState::kTravelling;
  span.birth = span.epoch;
  const ValueReference reference = {.handle = handle, .epoch = span.epoch};
  queue_.Push(order, {.kind = EventKind::kAttemptArrives, .reference = reference});
  return reference;
}

void Partition::TakeIn(const Parcel& parcel) {
  if (parcel.event.kind == EventKind::kAttemptArrives) {
    const Handle handle = spans.Allocate();
    static_cast<Attempt&>(spans[handle]) = parcel.attempt;
    LetTravel(parcel.order, handle);
  } else {
    queue_.Push(parcel.order, parcel.event);
  }
  next_time_ = std::min(next_time_, parcel.order.time);
}

void Partition::HandleNext() {
  const auto next = queue_.Pop();
  const Event& event = next.payload;
  const sim::EntityId target = next.order.target;
  now = next.order.time;
  ++events_handled_;
  ++events_by_kind_[static_cast<std::size_t>(event.kind)];
  switch (event.kind) {
    case EventKind::kArrival:
      return HandleArrival(*this, sim::Index(target) - topology.host_count());
    case EventKind::kUserTurn:
      return HandleUserTurn(*this, sim::Index(target) - topology.host_count(),
                            event.reference.handle);
    case EventKind::kInterval:
      return HandleInterval(*this, target);
    case EventKind::kStop:
      return HandleStop(*this, target, event.truth);
    case EventKind::kRestart:
      return HandleRestart(*this, target, event.truth);
    case EventKind::kCapacity:
      return HandleCapacity(*this, target, event.truth);
    case EventKind::kAttemptArrives:
      return HandleAttemptArrives(*this, event.reference.handle);
    case EventKind::kCancel:
      return HandleCancel(*this, event.reference, event.truth);
    case EventKind::kCancelByCall:
      return HandleCancelByCall(*this, target, next.order.sender, event.reference, event.truth);
    case EventKind::kWorkDone:
      if (spans.IsCurrent(event.reference)) HandleWorkDone(*this, event.reference.handle);
      return;
    case EventKind::kSpanDeadline:
      if (spans.IsCurrent(event.reference)) HandleSpanDeadline(*this, event.reference.handle);
      return;
    case EventKind::kReply:
    case EventKind::kNotice:
    case EventKind::kAttemptTimeout:
    case EventKind::kRetry:
    case EventKind::kBreakerRefused:
      if (calls.IsCurrent(event.reference)) HandleCallEvent(event);
      return;
  }
}

void Partition::HandleCallEvent(const Event& event) {
  const Handle call = event.reference.handle;
  switch (event.kind) {
    case EventKind::kReply:
      return HandleReply(*this, call, event);
    case EventKind::kNotice:
      return HandleNotice(*this, call, event.truth);
    case EventKind::kAttemptTimeout:
      return HandleAttemptTimeout(*this, call);
    case EventKind::kRetry:
      return IssueAttempt(*this, call);
    case EventKind::kBreakerRefused:
      return HandleBreakerRefused(*this, call);
    default:
      sim::Check(false, "the event is for a call");
  }
}

}  // namespace groundhog::model
