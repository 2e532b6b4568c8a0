#include "model/engine.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "sim/distributions.h"

namespace groundhog::model {
Engine::Engine(const Scenario& scenario, Topology topology, const World::Options& options)
    : spans_in_flight_max_(options.spans_in_flight_max),
      events_pending_max_(options.events_pending_max),
      topology_(std::move(topology)),
      faults_(scenario, topology_),
      rotation_(scenario.seed, topology_, faults_),
      curve_(scenario),
      log_(scenario, topology_),
      sources_(topology_.sources.size()),
      queues_(static_cast<std::size_t>(std::max(1, options.partitions))) {
  hosts_.resize(topology_.host_count());
  for (std::uint32_t i = 0; i < topology_.host_count(); ++i) {
    Host& host = hosts_[i];
    const ServiceInfo& service = topology_.services[topology_.host_service[i]];
    host.service = topology_.host_service[i];
    host.number = i - service.first_host;
    host.key = sim::StreamKey(scenario.seed, "host/" + topology_.host_names[i]);
    host.guards = MakeGuards(host.service);
  }
  for (std::size_t i = 0; i < failure_codes_.size(); ++i) {
    if (*kFailureCodes[i] != '\0') failure_codes_[i] = topology_.ErrorCode(kFailureCodes[i]);
  }
  callers_.resize(hosts_.size() + sources_.size());
  sequences_.resize(hosts_.size() + sources_.size());
  for (Queue& queue : queues_) {
    for (std::size_t lane = 0; lane < topology_.lane_count; ++lane) queue.AddLane();
  }
  BuildCatalogue(scenario);
  ScheduleFirstEvents();
}

std::vector<CallGuard> Engine::MakeGuards(std::uint32_t service) const {
  std::vector<CallGuard> guards;
  for (const std::uint32_t index : topology_.services[service].guarded) {
    const DependencyInfo& dependency = topology_.dependencies[index];
    CallGuard& guard = guards.emplace_back();
    if (dependency.retry_budget_percent) guard.budget.emplace(*dependency.retry_budget_percent);
    if (dependency.breaker) guard.breaker.emplace(*dependency.breaker);
  }
  return guards;
}

void Engine::BuildCatalogue(const Scenario& scenario) {
  for (const ServiceInfo& service : topology_.services) {
    catalogue_.services.push_back({.name = service.name, .dependencies = {}});
  }
  for (const CallNode& node : topology_.nodes) {
    std::vector<traces::ServiceId>& dependencies = catalogue_.services[node.service].dependencies;
    for (std::uint32_t i = 0; i < node.child_count; ++i) {
      dependencies.push_back(ServiceIdOf(topology_.nodes[node.first_child + i].service));
    }
  }
  for (traces::ServiceEntry& service : catalogue_.services) {
    std::sort(service.dependencies.begin(), service.dependencies.end());
    service.dependencies.erase(
        std::unique(service.dependencies.begin(), service.dependencies.end()),
        service.dependencies.end());
  }
  for (std::uint32_t i = 0; i < topology_.host_count(); ++i) {
    catalogue_.entities.push_back({.name = topology_.host_names[i],
                                   .kind = traces::EntityKind::kHost,
                                   .service = ServiceIdOf(topology_.host_service[i])});
  }
  for (const SourceInfo& source : topology_.sources) {
    const std::uint32_t root = topology_.journeys[source.journey].root;
    catalogue_.entities.push_back({.name = source.name,
                                   .kind = source.kind,
                                   .service = ServiceIdOf(topology_.nodes[root].service)});
  }
  for (const std::string& name : topology_.node_names) {
    catalogue_.call_paths.push_back({.name = name});
  }
  catalogue_.templates = log_.templates();
  catalogue_.error_codes = topology_.error_codes;
  catalogue_.faults = faults_.CatalogueEntries(scenario);
}

void Engine::ScheduleFirstEvents() {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    ScheduleFirstFaultEvents(sim::EntityId{i});
    const sim::Duration interval = topology_.services[hosts_[i].service].log_interval.delay;
    if (interval == sim::Duration()) continue;
    // Hosts do not log in step: each begins at an offset of its own within the first interval.
    const sim::DrawBlock draws =
        sim::Draw(hosts_[i].key, {.purpose = static_cast<std::uint16_t>(Purpose::kIntervalPhase)});
    const auto offset =
        static_cast<std::int64_t>(draws.Uniform64(0) * static_cast<double>(interval.nanoseconds()));
    PostToSelf(sim::EntityId{i}, sim::VirtualTime(offset), {.kind = EventKind::kInterval});
  }
  for (std::uint32_t source = 0; source < sources_.size(); ++source) {
    const SourceInfo& info = topology_.sources[source];
    sources_[source].users.resize(info.users);
    for (std::uint32_t user = 0; user < info.users; ++user) ScheduleTurn(source, user);
    if (info.kind != traces::EntityKind::kUsers) ScheduleArrival(source, sim::VirtualTime());
  }
}

void Engine::Post(sim::EntityId source, sim::EntityId target, sim::VirtualTime time,
                  const Event& event) {
  ++events_posted_;
  QueueOf(target).Push({.time = time,
                        .target = target,
                        .source = source,
                        .sequence = sequences_[sim::Index(source)]++},
                       event);
}

void Engine::PostTimer(sim::EntityId entity, const TimerDelay& timer, const Event& event) {
  ++events_posted_;
  const sim::EventOrder order = {.time = now_ + timer.delay,
                                 .target = entity,
                                 .source = entity,
                                 .sequence = sequences_[sim::Index(entity)]++};
  if (timer.lane == kNoLane) {
    QueueOf(entity).Push(order, event);
  } else {
    QueueOf(entity).PushToLane(timer.lane, order, event);
  }
}

absl::StatusOr<sim::VirtualTime> Engine::Run(sim::VirtualTime until, std::size_t enough,
                                             std::vector<traces::Record>* records) {
  records_ = records;
  sim::VirtualTime reached = until;
  if (queues_.size() > 1) {
    reached = RunWindows(until, enough, records);
  } else {
    Queue& queue = queues_[0];
    while (queue.next_time() < until) {
      if (records->size() >= enough) {
        reached = queue.next_time();
        break;
      }
      RunOne(&queue);
      if (HasRunAway()) break;
    }
  }
  records_ = nullptr;
  if (HasRunAway()) return RunawayError();
  return reached;
}

bool Engine::HasRunAway() const {
  return spans_.in_use() > spans_in_flight_max_ || events_posted_ - events_ > events_pending_max_;
}

absl::Status Engine::RunawayError() const {
  const std::int64_t seconds = now_.nanoseconds() / 1'000'000'000;
  if (spans_.in_use() > spans_in_flight_max_) {
    const auto busiest = std::ranges::max_element(hosts_, {}, [](const Host& host) {
      return std::uint64_t{host.requests.in_use} + host.requests.waiting + host.messages.in_use +
             host.messages.waiting;
    });
    return absl::ResourceExhaustedError(absl::StrCat(
        "the world ran away: more than ", spans_in_flight_max_, " spans in flight at ", seconds,
        " s of virtual time, more at a host of ", topology_.services[busiest->service].name,
        " than elsewhere; bound its queue, shorten deadlines, or lower the traffic"));
  }
  if (topology_.journeys.empty()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the world ran away: more than ", events_pending_max_, " events to come at ", seconds,
        " s of virtual time, all of them of its hosts; have fewer hosts or "
        "faults"));
  }
  const auto timers = [](const JourneyInfo& journey) {
    return journey.rate_per_second * static_cast<double>(journey.deadline.delay.nanoseconds());
  };
  const auto most = std::max_element(
      topology_.journeys.begin(), topology_.journeys.end(),
      [&](const JourneyInfo& a, const JourneyInfo& b) { return timers(a) < timers(b); });
  return absl::ResourceExhaustedError(absl::StrCat(
      "the world ran away: more than ", events_pending_max_, " events to come at ", seconds,
      " s of virtual time, most of them timers of journey ", most->name, ", which enters at ",
      topology_.services[topology_.nodes[most->root].service].name,
      "; shorten its deadline, or lower its rate"));
}

// Conservative synchronisation: what an event within the window sends to another entity arrives
// after the window, because every hop takes at least the lookahead.
sim::VirtualTime Engine::RunWindows(sim::VirtualTime until, std::size_t enough,
                                    std::vector<traces::Record>* records) {
  while (true) {
    sim::VirtualTime first = sim::VirtualTime::Max();
    for (const Queue& queue : queues_) first = std::min(first, queue.next_time());
    if (first >= until) return until;
    if (records->size() >= enough || HasRunAway()) return first;
    const sim::VirtualTime end = std::min(until, first + topology_.network_latency_min);
    const std::size_t window_begin = records->size();
    for (Queue& queue : queues_) {
      while (queue.next_time() < end) RunOne(&queue);
    }
    std::stable_sort(records->begin() + static_cast<std::ptrdiff_t>(window_begin), records->end(),
                     [](const traces::Record& a, const traces::Record& b) {
                       return a.time != b.time ? a.time < b.time : a.host < b.host;
                     });
  }
}

void Engine::RunOne(Queue* queue) {
  const Queue::Event next = queue->Pop();
  const Event& event = next.payload;
  const sim::EntityId target = next.order.target;
  now_ = next.order.time;
  ++events_;
  ++events_by_kind_[static_cast<std::size_t>(event.kind)];
  switch (event.kind) {
    case EventKind::kArrival:
      return HandleArrival(sim::Index(target) - topology_.host_count());
    case EventKind::kUserTurn:
      return HandleUserTurn(sim::Index(target) - topology_.host_count(), event.reference.handle);
    case EventKind::kInterval:
      return HandleInterval(target);
    case EventKind::kStop:
      return HandleStop(target, event.truth);
    case EventKind::kRestart:
      return HandleRestart(target, event.truth);
    case EventKind::kCapacity:
      return HandleCapacity(target, event.truth);
    case EventKind::kAttemptArrives:
      return HandleAttemptArrives(event.reference.handle);
    case EventKind::kWorkDone:
    case EventKind::kSpanDeadline:
    case EventKind::kCancel:
      return HandleSpanEvent(event);
    case EventKind::kReply:
    case EventKind::kNotice:
    case EventKind::kAttemptTimeout:
    case EventKind::kRetry:
    case EventKind::kBreakerRefused:
      if (calls_.IsCurrent(event.reference)) HandleCallEvent(event);
      return;
  }
}

void Engine::HandleCallEvent(const Event& event) {
  switch (event.kind) {
    case EventKind::kReply:
      return HandleReply(event);
    case EventKind::kNotice:
      return HandleNotice(event);
    case EventKind::kAttemptTimeout:
      return HandleAttemptTimeout(event.reference.handle);
    case EventKind::kRetry:
      return IssueAttempt(event.reference.handle);
    default:
      return HandleBreakerRefused(event.reference.handle);
  }
}

void Engine::HandleSpanEvent(const Event& event) {
  const SlotHandle handle = event.reference.handle;
  if (event.kind == EventKind::kCancel) {
    const Span& span = spans_[handle];
    const bool is_alive = span.state != SpanState::kFree && span.birth == event.reference.epoch;
    if (is_alive) CompleteFailed(handle, Failure::kCancelled);
  } else if (spans_.IsCurrent(event.reference)) {
    event.kind == EventKind::kWorkDone ? HandleWorkDone(handle) : HandleSpanDeadline(handle);
  }
}

}  // namespace groundhog::model
