// The engine behind World: state and event handlers. Internal to model.
//
// Every handler touches its own entity only: hosts_, outstanding_ and sequences_ at the event's
// target, the spans addressed to it and their calls. All else goes through Post with a delay of at
// least the least network latency. engine.cc has the loop, traffic and interval logs;
// engine_spans.cc what a host does for a span; engine_calls.cc what a caller does for a call.
#ifndef GROUNDHOG_MODEL_ENGINE_H_
#define GROUNDHOG_MODEL_ENGINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/call_in_progress.h"
#include "model/failure.h"
#include "model/fault_timeline.h"
#include "model/host.h"
#include "model/log_model.h"
#include "model/scenario.h"
#include "model/span.h"
#include "model/span_id.h"
#include "model/topology.h"
#include "model/traffic_curve.h"
#include "model/world.h"
#include "sim/random.h"
#include "sim/schedule.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

enum class EventKind : std::uint8_t {
  kArrival,         // source: the next candidate request
  kAttemptArrives,  // host: an attempt has crossed the network
  kWorkDone,        // host: a span's own work is finished
  kSpanDeadline,    // host: a waiting or working span has run out of time
  kReply,           // caller: an attempt was answered
  kAttemptTimeout,  // caller: an attempt was not answered in time
  kRetry,           // caller: the backoff of a call is over
  kNotice,          // caller: the attempt under way is affected by a fault (truth only)
  kInterval,        // host: time for the interval log
};

enum class Outcome : std::uint8_t { kOk, kFailed, kFailedForGood };  // for good: not to be retried

// Small and trivially copyable, as the queue wants it.
struct Event {
  EventKind kind = EventKind::kArrival;
  Outcome outcome = Outcome::kOk;
  SlotReference reference{};  // to a span at its host, to a call at its caller
  traces::Truth truth{};
};

class Engine {
 public:
  Engine(const Scenario& scenario, Topology topology, const World::Options& options);

  const traces::Catalogue& catalogue() const { return catalogue_; }
  std::uint64_t events() const { return events_; }
  absl::StatusOr<sim::VirtualTime> Run(sim::VirtualTime until, std::size_t enough,
                                       std::vector<traces::Record>* records);

 private:
  using Queue = sim::Schedule<Event>;

  struct Source {
    std::uint64_t next_ordinal = 0;
  };

  // engine.cc
  void BuildCatalogue(const Scenario& scenario);
  void ScheduleFirstEvents();
  void RunOne(Queue* queue);
  sim::VirtualTime RunWindows(sim::VirtualTime until, std::size_t enough,
                              std::vector<traces::Record>* records);
  void Post(sim::EntityId source, sim::EntityId target, sim::VirtualTime time, const Event& event);
  void PostToSelf(sim::EntityId entity, sim::VirtualTime time, const Event& event) {
    Post(entity, entity, time, event);
  }
  // A timer of one of the constant delays; needs now_ + timer.delay < VirtualTime::Max().
  void PostTimer(sim::EntityId entity, const TimerDelay& timer, const Event& event);
  Queue& QueueOf(sim::EntityId entity) {
    return queues_.size() == 1 ? queues_[0] : queues_[sim::Index(entity) % queues_.size()];
  }
  void ScheduleArrival(std::uint32_t journey, sim::VirtualTime after);
  bool HasRunAway() const;
  absl::Status RunawayError() const;
  void HandleArrival(sim::EntityId source);
  void HandleInterval(sim::EntityId host);

  // engine_spans.cc
  void HandleAttemptArrives(SlotHandle handle);
  bool IsRefusedByOutage(SlotHandle handle);
  void Enqueue(SlotHandle handle);
  void StartWork(SlotHandle handle);
  void DecideOwnError(Span* span, const sim::DrawBlock& draws);
  double ApplyFaults(Span* span);
  void HandleWorkDone(SlotHandle handle);
  void HandleSpanDeadline(SlotHandle handle);
  void CompleteOk(SlotHandle handle);
  void CompleteFailed(SlotHandle handle, Failure failure, SlotHandle failed_call = kNoSlot);
  void Finish(SlotHandle handle, const traces::Record& record, Outcome outcome);
  void ReleaseSlot(sim::EntityId host_id);
  void Affect(Span* span, const traces::Truth& truth);
  void CountInFlight(Host* host);
  traces::Record SpanRecord(const Span& span) const;

  // engine_calls.cc
  void NextCalls(SlotHandle handle);
  bool IsCallMade(const Span& span, const CallNode& call) const;
  void StartCall(SlotHandle span, std::uint32_t node);
  void IssueAttempt(SlotHandle call);
  void SendAttempt(SlotHandle call, const TimerDelay& timeout);
  std::uint32_t ChooseHost(sim::EntityId caller, const ServiceInfo& callee,
                           const sim::DrawBlock& draws) const;
  sim::Duration NetworkLatency(double uniform) const;
  void HandleReply(const Event& event);
  void HandleAttemptTimeout(SlotHandle call);
  void EndAttempt(SlotHandle call);
  void EndCall(SlotHandle call);
  void AbandonCalls(Span* span);
  void EndClient(SlotHandle span);
  void GoOn(SlotHandle call);
  void AttemptFailed(SlotHandle call, Failure failure, bool is_retryable);
  bool ScheduleRetry(SlotHandle call, Failure failure, const DependencyInfo& dependency);
  void HandleNotice(const Event& event);
  void NotifyCaller(SlotHandle handle);

  const DependencyInfo& DependencyOf(const CallInProgress& call) const {
    return topology_.dependencies[topology_.nodes[call.node].dependency];
  }
  bool IsHost(sim::EntityId entity) const { return sim::Index(entity) < hosts_.size(); }
  Host& host(sim::EntityId entity) { return hosts_[sim::Index(entity)]; }
  sim::DrawBlock Draw(const Span& span, Purpose purpose) const {
    return sim::Draw(topology_.journeys[span.journey].key,
                     {.ordinal = span.ordinal,
                      .path = span.path,
                      .attempt = span.attempt,
                      .purpose = static_cast<std::uint16_t>(purpose)});
  }
  // A fault's draws are apart from all others, so that a run without it draws the same.
  sim::DrawBlock DrawFault(const Span& span, const FaultInfo& fault) const {
    return sim::Draw(topology_.journeys[span.journey].key,
                     {.ordinal = span.ordinal,
                      .path = MixWords(span.path, fault.draw_key),
                      .attempt = span.attempt,
                      .purpose = static_cast<std::uint16_t>(Purpose::kFault)});
  }
  static traces::Truth OneHopOn(traces::Truth truth) {
    if (truth.fault != traces::FaultId::kNone && truth.hops < 255) ++truth.hops;
    return truth;
  }
  MessageContext Context(const Span& span, const CallInProgress& call = {}) const;

  static constexpr std::uint64_t kAlways = std::uint64_t{1} << 32;

  const std::size_t spans_in_flight_max_;
  const std::uint64_t events_pending_max_;
  const Topology topology_;
  const FaultTimelines faults_;
  const TrafficCurve curve_;
  LogModel log_;
  traces::Catalogue catalogue_;

  std::array<traces::ErrorCodeId, kFailureCount> failure_codes_{};

  std::vector<Host> hosts_;
  std::vector<Source> sources_;                 // by journey
  std::vector<OutstandingCounts> outstanding_;  // by entity
  std::vector<std::uint64_t> sequences_;        // by entity: of events it has sent
  SlotTable<Span> spans_;
  SlotTable<CallInProgress> calls_;

  std::vector<Queue> queues_;  // by partition
  sim::VirtualTime now_;
  std::vector<traces::Record>* records_ = nullptr;  // during Run
  std::uint64_t events_ = 0;                        // handled
  std::uint64_t events_posted_ = 0;                 // handled or still to come
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_ENGINE_H_
