// The engine behind World: state and event handlers. Internal to model.
//
// Every handler touches its own entity only: hosts_, callers_, sources_ and sequences_ at the
// event's target, the spans addressed to it and their calls. All else goes through Post with a
// delay of at least the least network latency. Where things are:
//   engine.cc         construction, the loop, runaway worlds
//   engine_traffic.cc who makes requests: journeys, surges, users; what a client does
//   engine_spans.cc   what a host does for a span
//   engine_calls.cc   what a caller does for a call
//   engine_sending.cc how an attempt or a message gets to a host
//   engine_faults.cc  how faults act
//   engine_logs.cc    what is logged
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
#include "model/rotation.h"
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
  kUserTurn,        // source: a user (the reference's handle) has done thinking
  kAttemptArrives,  // host: an attempt or message has crossed the network
  kWorkDone,        // host: a span's own work is finished
  kSpanDeadline,    // host: a waiting or working span has run out of time
  kCancel,          // host: the caller of a span has given up
  kReply,           // caller: an attempt was answered
  kAttemptTimeout,  // caller: an attempt was not answered in time
  kRetry,           // caller: the backoff of a call is over
  kBreakerRefused,  // caller: the breaker let no attempt through
  kNotice,          // caller: the attempt under way is affected by a fault (truth only)
  kInterval,        // host: time for the interval log
  kStop,            // host: a crash or a deploy (see truth) takes it down
  kRestart,         // host: and lets it up again
  kCapacity,        // host: a capacity fault may have given slots back
};

inline constexpr std::array<const char*, 15> kEventKindNames = {
    "arrival", "user_turn",       "attempt_arrives", "work_done",       "span_deadline", "cancel",
    "reply",   "attempt_timeout", "retry",           "breaker_refused", "notice",        "interval",
    "stop",    "restart",         "capacity"};

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
  // Handled so far, by EventKind.
  const std::array<std::uint64_t, kEventKindNames.size()>& events_by_kind() const {
    return events_by_kind_;
  }
  absl::StatusOr<sim::VirtualTime> Run(sim::VirtualTime until, std::size_t enough,
                                       std::vector<traces::Record>* records);

 private:
  using Queue = sim::Schedule<Event>;

  // A user of a population.
  struct User {
    std::uint64_t turns = 0;  // taken so far; each has draws of its own
    std::uint32_t step = 0;   // of the session
    std::uint32_t times = 0;  // that the step was done
  };
  struct Source {
    std::uint64_t next_ordinal = 0;
    std::vector<User> users;
  };

  // engine.cc
  std::vector<CallGuard> MakeGuards(std::uint32_t service) const;
  void BuildCatalogue(const Scenario& scenario);
  void ScheduleFirstEvents();
  void RunOne(Queue* queue);
  void HandleCallEvent(const Event& event);
  void HandleSpanEvent(const Event& event);
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
  bool HasRunAway() const;
  absl::Status RunawayError() const;

  // engine_traffic.cc
  void ScheduleArrival(std::uint32_t source, sim::VirtualTime after);
  void HandleArrival(std::uint32_t source);
  void ScheduleTurn(std::uint32_t source, std::uint32_t user, sim::Duration wait_min = {});
  void HandleUserTurn(std::uint32_t source, std::uint32_t user);
  void BeginRequest(std::uint32_t source, std::uint32_t journey, std::uint64_t ordinal,
                    const traces::Truth& truth);
  void ClientAttemptEnded(SlotHandle call, Outcome outcome);
  void EndClient(SlotHandle span);

  // engine_spans.cc
  void HandleAttemptArrives(SlotHandle handle);
  bool MustShed(const Host& host, const ServiceInfo& service) const;
  void Enqueue(SlotHandle handle);
  void StartWork(SlotHandle handle);
  void DecideOwnError(Span* span, const sim::DrawBlock& draws);
  void HandleWorkDone(SlotHandle handle);
  void HandleSpanDeadline(SlotHandle handle);
  void CompleteOk(SlotHandle handle);
  void CompleteFailed(SlotHandle handle, Failure failure, SlotHandle failed_call = kNoSlot);
  void Finish(SlotHandle handle, const traces::Record& record, Outcome outcome);
  void Answer(const Span& span, Outcome outcome);
  void NoteDelay(Host* host, sim::Duration delay);
  void FillSlots(sim::EntityId host_id, Station* station);
  void Affect(Span* span, const traces::Truth& truth);

  // engine_calls.cc
  void NextCalls(SlotHandle handle);
  bool IsCallMade(const Span& span, const CallNode& call) const;
  void StartCall(SlotHandle span, std::uint32_t node);
  void IssueAttempt(SlotHandle call);
  bool AskBreaker(SlotHandle call);
  void HandleBreakerRefused(SlotHandle call);
  void HandleReply(const Event& event);
  void HandleAttemptTimeout(SlotHandle call);
  void EndAttempt(SlotHandle call, Outcome outcome);
  void EndCall(SlotHandle call);
  void AbandonCalls(Span* span, bool tells = true);
  void GoOn(SlotHandle call);
  void AttemptFailed(SlotHandle call, Failure failure, bool is_retryable);
  bool ScheduleRetry(SlotHandle call, Failure failure, const DependencyInfo& dependency);
  sim::Duration BackoffOf(const CallInProgress& call, const Span& span,
                          const RetryInfo& retries) const;
  void HandleNotice(const Event& event);
  void NotifyCaller(SlotHandle handle);

  // engine_sending.cc
  void SendAttempt(SlotHandle call);
  void SendMessage(SlotHandle span, std::uint32_t node);
  void Address(Span* to, const Span& from, std::uint32_t node);
  void SendCancel(const Span& from, const CallInProgress& call);
  std::uint32_t ChooseHost(sim::EntityId caller, std::uint32_t node, const sim::DrawBlock& draws);
  sim::Duration NetworkLatency(sim::EntityId from, sim::EntityId to, double uniform) const;
  std::uint32_t ZoneOf(sim::EntityId entity) const;

  // engine_faults.cc
  void ScheduleFirstFaultEvents(sim::EntityId host);
  void ScheduleStop(sim::EntityId host, const FaultInfo& fault, const OccurrenceTimes& occurrence);
  void ScheduleCapacity(sim::EntityId host, const FaultInfo& fault,
                        const OccurrenceTimes& occurrence, sim::VirtualTime after);
  void HandleCapacity(sim::EntityId host, const traces::Truth& truth);
  void HandleStop(sim::EntityId host, const traces::Truth& truth);
  void HandleRestart(sim::EntityId host, const traces::Truth& truth);
  void LoseArrival(SlotHandle handle);
  void TellOfLoss(const Span& span, const traces::Truth& truth);
  void LoseWork(sim::EntityId host, const traces::Truth& truth);
  bool IsRefusedByOutage(SlotHandle handle);
  double ApplyFaults(Span* span);
  void InjectError(Span* span, const FaultInfo& fault, const traces::Truth& truth);
  double WarmUpFactor(const Host& host) const;
  std::uint32_t SlotsOf(const Host& host) const;
  traces::Truth CapacityTruth(const Host& host) const;
  traces::Truth LossOf(const Span& span, int word) const;
  sim::Duration ClockSkewOf(const Host& host) const;

  // engine_logs.cc
  void Emit(traces::Record record);
  void HandleInterval(sim::EntityId host);
  void LogInterval(sim::EntityId host);
  void LogStarted(sim::EntityId host);
  traces::Record HostRecord(sim::EntityId host);
  void CountInFlight(Host* host);
  traces::Record SpanRecord(const Span& span) const;
  MessageContext Context(const Span& span, const CallInProgress& call = {}) const;

  const DependencyInfo& DependencyOf(const CallInProgress& call) const {
    return topology_.dependencies[topology_.nodes[call.node].dependency];
  }
  // Null: the call's dependency has neither budget nor breaker, or a client makes it.
  CallGuard* GuardOf(const CallInProgress& call) {
    const sim::EntityId caller = spans_[call.span].host;
    if (!IsHost(caller)) return nullptr;
    const std::uint32_t guard = DependencyOf(call).guard;
    return guard == kNoGuard ? nullptr : &host(caller).guards[guard];
  }
  bool IsHost(sim::EntityId entity) const { return sim::Index(entity) < hosts_.size(); }
  Host& host(sim::EntityId entity) { return hosts_[sim::Index(entity)]; }
  const Host& host(sim::EntityId entity) const { return hosts_[sim::Index(entity)]; }
  Station& StationOf(const Span& span) {
    Host& self = host(span.host);
    return span.is_message ? self.messages : self.requests;
  }
  // Workers that the span's station has at the moment.
  std::uint32_t WorkersOf(const Host& host, bool of_messages) const {
    return of_messages ? topology_.services[host.service].consumers_count() : SlotsOf(host);
  }
  sim::DrawBlock Draw(const Span& span, Purpose purpose) const {
    return sim::Draw(topology_.sources[span.source].key,
                     {.ordinal = span.ordinal,
                      .path = span.path,
                      .attempt = span.attempt,
                      .purpose = static_cast<std::uint16_t>(purpose)});
  }
  // A fault's draws are apart from all others, so that a run without it draws the same.
  sim::DrawBlock DrawFault(const Span& span, const FaultInfo& fault) const {
    return sim::Draw(topology_.sources[span.source].key,
                     {.ordinal = span.ordinal,
                      .path = MixWords(span.path, fault.draw_key),
                      .attempt = span.attempt,
                      .purpose = static_cast<std::uint16_t>(Purpose::kFault)});
  }
  static traces::Truth OneHopOn(traces::Truth truth) {
    if (truth.fault != traces::FaultId::kNone && truth.hops < 255) ++truth.hops;
    return truth;
  }
  static traces::ServiceId ServiceIdOf(std::uint32_t index) {
    return traces::ServiceId{static_cast<std::uint16_t>(index)};
  }

  static constexpr std::uint64_t kAlways = std::uint64_t{1} << 32;

  const std::size_t spans_in_flight_max_;
  const std::uint64_t events_pending_max_;
  const Topology topology_;
  const FaultTimelines faults_;
  Rotation rotation_;
  const TrafficCurve curve_;
  LogModel log_;
  traces::Catalogue catalogue_;

  std::array<traces::ErrorCodeId, kFailureCount> failure_codes_{};

  std::vector<Host> hosts_;
  std::vector<Source> sources_;           // as topology_.sources
  std::vector<Caller> callers_;           // by entity
  std::vector<std::uint64_t> sequences_;  // by entity: of events it has sent
  SlotTable<Span> spans_;
  SlotTable<CallInProgress> calls_;

  std::vector<Queue> queues_;  // by partition
  sim::VirtualTime now_;
  std::vector<traces::Record>* records_ = nullptr;  // during Run
  std::uint64_t events_ = 0;                        // handled
  std::array<std::uint64_t, kEventKindNames.size()> events_by_kind_{};
  std::uint64_t events_posted_ = 0;  // handled or still to come
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_ENGINE_H_
