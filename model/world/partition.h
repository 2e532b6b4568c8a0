// A partition: some of the world's entities (hosts and traffic sources) with everything that
// changes about them, in memory of its own. What happens to an entity is decided by the handlers
// (traffic.h, spans.h, calls.h, sending.h, fault_effects.h, logging.h). They get only the partition
// that owns the entity, so they cannot reach another partition's state: an entity of another
// partition has no place here, and asking for it stops the run.
//
// Partitions send each other parcels: events and attempts that arrive no sooner than
// network_latency_min later. WindowedRun (windowed_run.h) advances partitions and delivers parcels.
//
// One thread at a time. Memory grows with the partition's entities and what they have in flight.
#ifndef GROUNDHOG_MODEL_WORLD_PARTITION_H_
#define GROUNDHOG_MODEL_WORLD_PARTITION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/world/plan/span_id.h"
#include "model/world/plan/world_plan.h"
#include "model/world/state/attempt.h"
#include "model/world/state/call_in_progress.h"
#include "model/world/state/event.h"
#include "model/world/state/handle_table.h"
#include "model/world/state/host.h"
#include "model/world/state/parcel.h"
#include "model/world/state/rotation.h"
#include "model/world/state/source.h"
#include "model/world/state/span.h"
#include "sim/check.h"
#include "sim/random.h"
#include "sim/schedule.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

class Partition {
 public:
  // `plan` must outlive this. `number` < plan.partitions.
  Partition(const WorldPlan& plan, std::uint32_t number);

  // For WindowedRun.

  // Handles all events before `end`; appends what its hosts log to *records, in order. Returns the
  // time of the next event, as next_time().
  sim::VirtualTime AdvanceTo(sim::VirtualTime end) {
    while (next_time_ < end) {
      HandleNext();
      next_time_ = queue_.next_time();
    }
    return next_time_;
  }
  // The time of the next event; VirtualTime::Max() if none is pending.
  sim::VirtualTime next_time() const { return next_time_; }
  // The parcels for another partition since that outbox was last cleared.
  std::vector<Parcel>& outbox(std::uint32_t partition) { return outboxes_[partition]; }
  void TakeIn(const Parcel& parcel);
  // Events sent here minus events handled here: only the sum over all partitions is meaningful.
  std::uint64_t events_posted() const { return events_posted_; }
  std::uint64_t events_handled() const { return events_handled_; }
  const EventCounts& events_by_kind() const { return events_by_kind_; }
  // Its hosts, in the order of entities.
  const std::vector<Host>& hosts() const { return hosts_; }

  // For handlers: state.

  bool IsHost(sim::EntityId entity) const { return sim::Index(entity) < topology.host_count(); }
  Host& host(sim::EntityId host) { return hosts_[HostPlace(host)]; }
  const Host& host(sim::EntityId host) const { return hosts_[HostPlace(host)]; }
  Source& source(std::uint32_t source) {
    return sources_[SourcePlace(places_[topology.host_count() + source])];
  }
  Caller& caller(sim::EntityId entity) {
    const std::uint32_t place = places_[sim::Index(entity)];
    return place < host_count_ ? hosts_[place].caller : sources_[SourcePlace(place)].caller;
  }
  Station& StationOf(const Span& span) {
    Host& self = host(span.host);
    return span.is_message ? self.messages : self.requests;
  }
  const DependencyInfo& DependencyOf(const CallInProgress& call) const {
    return topology.dependencies[topology.nodes[call.node].dependency];
  }
  // Null: the call's dependency has neither budget nor breaker, or a client makes it.
  CallGuard* GuardOf(const CallInProgress& call) {
    const sim::EntityId caller = spans[call.span].host;
    if (!IsHost(caller)) return nullptr;
    const std::uint32_t guard = DependencyOf(call).guard;
    return guard == kNoGuard ? nullptr : &host(caller).guards[guard];
  }

  // For handlers: what they send. `sender` is of this partition.

  void Post(sim::EntityId sender, sim::EntityId target, sim::VirtualTime time, const Event& event) {
    const sim::EventOrder order = NextOrder(sender, target, time);
    if (IsOwn(target)) [[likely]] {
      queue_.Push(order, event);
    } else {
      outboxes_[plan.OwnerOf(target)].push_back({.order = order, .event = event, .attempt = {}});
    }
  }
  void PostToSelf(sim::EntityId entity, sim::VirtualTime time, const Event& event) {
    queue_.Push(NextOrder(entity, entity, time), event);
  }
  // A timer of one of the constant delays; needs now + timer.delay < VirtualTime::Max().
  void PostTimer(sim::EntityId entity, const TimerDelay& timer, const Event& event);
  // Sends the attempt that is written in this fresh span from its caller to its host. If the host
  // is of another partition, the attempt goes there as a copy and the span is freed; otherwise this
  // is the host's span, and returned.
  ValueReference PostAttempt(Handle attempt, sim::VirtualTime arrives);

  // For handlers: draws.

  sim::DrawBlock Draw(const Attempt& attempt, Purpose purpose) const {
    return sim::Draw(topology.sources[attempt.source].key,
                     {.ordinal = attempt.ordinal,
                      .path = attempt.path,
                      .attempt = attempt.attempt,
                      .purpose = static_cast<std::uint16_t>(purpose)});
  }
  // A fault's draws are independent of all others, so that a run without the fault draws the same.
  sim::DrawBlock DrawFault(const Attempt& attempt, const FaultInfo& fault) const {
    return sim::Draw(topology.sources[attempt.source].key,
                     {.ordinal = attempt.ordinal,
                      .path = MixWords(attempt.path, fault.draw_key),
                      .attempt = attempt.attempt,
                      .purpose = static_cast<std::uint16_t>(Purpose::kFault)});
  }

  const WorldPlan& plan;
  const Topology& topology;      // the plan's
  const FaultTimelines& faults;  // the plan's
  const LogModel& log_model;     // the plan's
  Rotation rotation;             // the same in each partition
  sim::VirtualTime now;
  HandleTable<Span> spans;
  HandleTable<CallInProgress> calls;
  std::vector<traces::Record>* records = nullptr;  // where they go, set from outside

 private:
  static constexpr std::uint32_t kElsewhere = 0xFFFFFFFF;

  bool IsOwn(sim::EntityId entity) const { return places_[sim::Index(entity)] != kElsewhere; }
  static void CheckOwn(bool is_own) {
    sim::Check(is_own, "a handler touches entities of its own partition only");
  }
  std::uint32_t HostPlace(sim::EntityId host) const {
    const std::uint32_t place = places_[sim::Index(host)];
    CheckOwn(place < host_count_);
    return place;
  }
  std::uint32_t SourcePlace(std::uint32_t place) const {
    CheckOwn(place - host_count_ < sources_.size());
    return place - host_count_;
  }
  sim::EventOrder NextOrder(sim::EntityId sender, sim::EntityId target, sim::VirtualTime time) {
    ++events_posted_;
    return {
        .time = time, .target = target, .sender = sender, .sequence = caller(sender).events_sent++};
  }
  void MakeHosts();
  void MakeSources();
  void ScheduleFirstEvents();
  void HandleNext();
  void HandleCallEvent(const Event& event);
  // The span travels to its host, which is of this partition.
  ValueReference LetTravel(const sim::EventOrder& order, Handle handle);

  const std::uint32_t number_;
  // By entity: its place among the partition's own, hosts before sources, or kElsewhere. Small,
  // since nearly every access to a host goes through it.
  std::vector<std::uint32_t> places_;
  std::vector<Host> hosts_;  // in the order of entities
  std::uint32_t host_count_ = 0;
  std::vector<Source> sources_;  // in the order of entities
  sim::Schedule<Event> queue_;
  sim::VirtualTime
      next_time_;  // of queue_, between handlers: it is read more often than it changes
  std::vector<std::vector<Parcel>> outboxes_;  // by partition
  std::uint64_t events_posted_ = 0;
  std::uint64_t events_handled_ = 0;
  EventCounts events_by_kind_{};
};

// The state of a host's guards when it starts.
std::vector<CallGuard> MakeGuards(const Topology& topology, std::uint32_t service);

inline bool HasCause(const traces::Truth& truth) { return truth.fault != traces::FaultId::kNone; }

// The caller's truth when it is affected by `truth` of its callee.
inline traces::Truth OneHopOn(traces::Truth truth) {
  if (truth.fault != traces::FaultId::kNone && truth.hops < 255) ++truth.hops;
  return truth;
}
// The callee's, from its caller's.
inline traces::Truth OneHopBack(traces::Truth truth) {
  if (truth.hops > 0) --truth.hops;
  return truth;
}
inline bool IsSameCause(const traces::Truth& one, const traces::Truth& other) {
  return one.fault == other.fault && one.occurrence == other.occurrence;
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PARTITION_H_
