// The engine behind World: state and event handlers. Internal to model.
//
// Every handler touches its own entity only: hosts_, outstanding_ and sequences_ at the event's
// target, and the spans addressed to it. All else goes through Post with a delay of at least the
// least network latency. engine.cc has the loop, traffic and interval logs; engine_spans.cc what a
// host does for a span; engine_calls.cc what a caller does for a call.
#ifndef GROUNDHOG_MODEL_ENGINE_H_
#define GROUNDHOG_MODEL_ENGINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
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
  kRetry,           // caller: the backoff is over
  kNotice,          // caller: the attempt under way is affected by a fault (truth only)
  kInterval,        // host: time for the interval log
};

enum class Outcome : std::uint8_t { kOk, kFailed, kFailedForGood };  // for good: not to be retried

// Small and trivially copyable, as the queue wants it.
struct Event {
  EventKind kind = EventKind::kArrival;
  Outcome outcome = Outcome::kOk;
  SpanReference span{};
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
  void HandleArrival(sim::EntityId source);
  void HandleInterval(sim::EntityId host);

  // engine_spans.cc
  void HandleAttemptArrives(SpanHandle handle);
  bool IsRefusedByOutage(SpanHandle handle);
  void Enqueue(SpanHandle handle);
  void StartWork(SpanHandle handle);
  void DecideOwnError(Span* span, const sim::DrawBlock& draws);
  double ApplyFaults(Span* span);
  void HandleWorkDone(SpanHandle handle);
  void HandleSpanDeadline(SpanHandle handle);
  void CompleteOk(SpanHandle handle);
  void CompleteFailed(SpanHandle handle, Failure failure, traces::ServiceId dependency);
  void Finish(SpanHandle handle, const traces::Record& record, Outcome outcome);
  void ReleaseSlot(sim::EntityId host_id);
  void Affect(Span* span, const traces::Truth& truth);
  void CountInFlight(Host* host);
  traces::Record SpanRecord(const Span& span) const;

  // engine_calls.cc
  void NextCall(SpanHandle handle);
  void IssueAttempt(SpanHandle handle);
  void SendAttempt(SpanHandle caller, std::uint32_t node, const TimerDelay& timeout);
  std::uint32_t ChooseHost(sim::EntityId caller, const ServiceInfo& callee,
                           const sim::DrawBlock& draws) const;
  sim::Duration NetworkLatency(double uniform) const;
  void HandleReply(const Event& event);
  void HandleAttemptTimeout(SpanHandle handle);
  void EndAttempt(SpanHandle handle);
  void AttemptFailed(SpanHandle handle, Failure failure, bool is_retryable);
  bool ScheduleRetry(SpanHandle handle, Failure failure, const DependencyInfo& dependency);
  void HandleNotice(const Event& event);
  void NotifyCaller(SpanHandle handle);

  const CallNode& CurrentCall(const Span& span) const {
    return topology_.nodes[topology_.nodes[span.node].first_child + span.child];
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
  MessageContext Context(const Span& span) const;

  static constexpr std::uint64_t kAlways = std::uint64_t{1} << 32;

  const std::size_t spans_in_flight_max_;
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
  SpanTable spans_;

  std::vector<Queue> queues_;  // by partition
  sim::VirtualTime now_;
  std::vector<traces::Record>* records_ = nullptr;  // during Run
  std::uint64_t events_ = 0;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_ENGINE_H_
