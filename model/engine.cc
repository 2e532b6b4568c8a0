#include "model/engine.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "sim/distributions.h"

namespace groundhog::model {
namespace {

constexpr std::uint16_t Bits(Purpose purpose) { return static_cast<std::uint16_t>(purpose); }

}  // namespace

Engine::Engine(const Scenario& scenario, Topology topology, const World::Options& options)
    : spans_in_flight_max_(options.spans_in_flight_max),
      events_pending_max_(options.events_pending_max),
      topology_(std::move(topology)),
      faults_(scenario, topology_),
      curve_(scenario),
      log_(scenario, topology_),
      sources_(topology_.journeys.size()),
      queues_(static_cast<std::size_t>(std::max(1, options.partitions))) {
  hosts_.resize(topology_.host_count());
  for (std::uint32_t i = 0; i < topology_.host_count(); ++i) {
    hosts_[i].service = topology_.host_service[i];
    hosts_[i].key = sim::StreamKey(scenario.seed, "host/" + topology_.host_names[i]);
  }
  for (std::size_t i = 0; i < failure_codes_.size(); ++i) {
    if (*kFailureCodes[i] != '\0') failure_codes_[i] = topology_.ErrorCode(kFailureCodes[i]);
  }
  outstanding_.resize(hosts_.size() + sources_.size());
  sequences_.resize(hosts_.size() + sources_.size());
  for (Queue& queue : queues_) {
    for (std::size_t lane = 0; lane < topology_.lane_count; ++lane) queue.AddLane();
  }
  BuildCatalogue(scenario);
  ScheduleFirstEvents();
}

void Engine::BuildCatalogue(const Scenario& scenario) {
  for (const ServiceInfo& service : topology_.services) {
    catalogue_.services.push_back({.name = service.name, .dependencies = {}});
  }
  for (const CallNode& node : topology_.nodes) {
    std::vector<traces::ServiceId>& dependencies = catalogue_.services[node.service].dependencies;
    for (std::uint32_t i = 0; i < node.child_count; ++i) {
      dependencies.push_back(traces::ServiceId{
          static_cast<std::uint16_t>(topology_.nodes[node.first_child + i].service)});
    }
  }
  for (traces::ServiceEntry& service : catalogue_.services) {
    std::sort(service.dependencies.begin(), service.dependencies.end());
    service.dependencies.erase(
        std::unique(service.dependencies.begin(), service.dependencies.end()),
        service.dependencies.end());
  }
  for (std::uint32_t i = 0; i < topology_.host_count(); ++i) {
    catalogue_.entities.push_back(
        {.name = topology_.host_names[i],
         .kind = traces::EntityKind::kHost,
         .service = traces::ServiceId{static_cast<std::uint16_t>(topology_.host_service[i])}});
  }
  for (const JourneyInfo& journey : topology_.journeys) {
    catalogue_.entities.push_back({.name = journey.name,
                                   .kind = traces::EntityKind::kJourney,
                                   .service = traces::ServiceId{static_cast<std::uint16_t>(
                                       topology_.nodes[journey.root].service)}});
  }
  for (const std::string& name : topology_.node_names) {
    catalogue_.call_paths.push_back({.name = name});
  }
  catalogue_.templates = log_.templates();
  catalogue_.error_codes = topology_.error_codes;
  catalogue_.faults = CatalogueFaults(scenario);
}

void Engine::ScheduleFirstEvents() {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    const sim::Duration interval = topology_.services[hosts_[i].service].log_interval.delay;
    if (interval == sim::Duration()) continue;
    // Hosts do not log in step: each begins at an offset of its own within the first interval.
    const double uniform =
        sim::Draw(hosts_[i].key, {.purpose = Bits(Purpose::kIntervalPhase)}).Uniform64(0);
    const auto offset =
        static_cast<std::int64_t>(uniform * static_cast<double>(interval.nanoseconds()));
    PostToSelf(sim::EntityId{i}, sim::VirtualTime(offset), {.kind = EventKind::kInterval});
  }
  for (std::uint32_t journey = 0; journey < sources_.size(); ++journey) {
    ScheduleArrival(journey, sim::VirtualTime());
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
    const auto busiest =
        std::max_element(hosts_.begin(), hosts_.end(),
                         [](const Host& a, const Host& b) { return a.waiting < b.waiting; });
    return absl::ResourceExhaustedError(absl::StrCat(
        "the world ran away: more than ", spans_in_flight_max_, " spans in flight at ", seconds,
        " s of virtual time, most of them waiting at ", topology_.services[busiest->service].name,
        "; bound its queue, shorten deadlines, or lower the traffic"));
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
  now_ = next.order.time;
  ++events_;
  switch (event.kind) {
    case EventKind::kArrival:
      return HandleArrival(next.order.target);
    case EventKind::kInterval:
      return HandleInterval(next.order.target);
    case EventKind::kAttemptArrives:
      return HandleAttemptArrives(event.reference.handle);
    case EventKind::kReply:
      if (calls_.IsCurrent(event.reference)) HandleReply(event);
      return;
    case EventKind::kNotice:
      if (calls_.IsCurrent(event.reference)) HandleNotice(event);
      return;
    case EventKind::kAttemptTimeout:
      if (calls_.IsCurrent(event.reference)) HandleAttemptTimeout(event.reference.handle);
      return;
    case EventKind::kRetry:
      if (calls_.IsCurrent(event.reference)) IssueAttempt(event.reference.handle);
      return;
    case EventKind::kWorkDone:
      if (spans_.IsCurrent(event.reference)) HandleWorkDone(event.reference.handle);
      return;
    case EventKind::kSpanDeadline:
      if (spans_.IsCurrent(event.reference)) HandleSpanDeadline(event.reference.handle);
      return;
  }
}

// Non-homogeneous Poisson arrivals by thinning (Lewis and Shedler 1979): candidates come at the
// largest rate, each is taken with the ratio of the rate at its time to that.
void Engine::ScheduleArrival(std::uint32_t journey, sim::VirtualTime after) {
  const JourneyInfo& info = topology_.journeys[journey];
  const double rate_max = info.rate_per_second * curve_.max();
  if (rate_max <= 0) return;
  const sim::DrawBlock draws = sim::Draw(
      info.key, {.ordinal = sources_[journey].next_ordinal, .purpose = Bits(Purpose::kArrival)});
  // At most 146 years; a gap beyond the end of time means never.
  const sim::Duration gap =
      sim::RoundToDuration(sim::Exponential(1e9 / rate_max, draws.Uniform64(0)));
  if (gap >= sim::VirtualTime::Max() - after) return;
  PostToSelf(topology_.JourneyEntity(journey), after + gap, {.kind = EventKind::kArrival});
}

void Engine::HandleArrival(sim::EntityId source) {
  const auto journey = sim::Index(source) - topology_.host_count();
  const JourneyInfo& info = topology_.journeys[journey];
  const std::uint64_t ordinal = sources_[journey].next_ordinal++;
  ScheduleArrival(journey, now_);
  const sim::DrawBlock draws =
      sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kArrival)});
  if (draws.Uniform32(2) * curve_.max() >= curve_.At(now_)) return;
  const SlotHandle client = spans_.Allocate();
  Span& span = spans_[client];
  span.host = source;
  span.node = info.root;
  span.journey = journey;
  span.ordinal = ordinal;
  span.arrival = now_;
  span.deadline = now_ + info.deadline.delay;
  StartCall(client, info.root);
}

void Engine::HandleInterval(sim::EntityId host_id) {
  Host& self = host(host_id);
  const ServiceInfo& service = topology_.services[self.service];
  CountInFlight(&self);
  IntervalStatistics& interval = self.interval;

  traces::Record record;
  record.time = now_;
  record.host = host_id;
  record.service = traces::ServiceId{static_cast<std::uint16_t>(self.service)};
  record.request = {.source = host_id, .ordinal = self.intervals++};
  const std::size_t finished = interval.durations.size();
  if (finished > 0) {
    const auto median =
        interval.durations.begin() + static_cast<std::ptrdiff_t>((finished - 1) / 2);
    std::nth_element(interval.durations.begin(), median, interval.durations.end());
    record.duration = *median;
  }
  // The share of errors counts from three on: one failure among two spans tells nothing.
  const bool is_degraded =
      interval.errors >= 3 && static_cast<double>(interval.errors) >
                                  service.degraded_error_share * static_cast<double>(finished);
  if (is_degraded) {
    record.level = traces::Level::kWarn;
    record.truth = interval.truth;
  }
  const auto length = static_cast<std::uint64_t>(service.log_interval.delay.nanoseconds());
  const MessageContext context = {.queue_depth = self.waiting,
                                  .in_flight = self.slots_in_use,
                                  .slots = service.concurrency,
                                  .spans = static_cast<std::int64_t>(finished),
                                  .errors = interval.errors,
                                  .load_hundredths = static_cast<std::int64_t>(
                                      (interval.work_in_flight * 100 + length / 2) / length)};
  log_.Fill(is_degraded ? log_.DegradedInterval() : log_.Interval(), 0, context, &record);
  records_->push_back(record);

  interval.durations.clear();
  interval.errors = 0;
  interval.work_in_flight = 0;
  interval.truth = {};
  if (service.log_interval.delay < sim::VirtualTime::Max() - now_) {
    PostTimer(host_id, service.log_interval, {.kind = EventKind::kInterval});
  }
}

// Brings the integral of work in flight up to now; to be called before the number changes.
void Engine::CountInFlight(Host* host) {
  IntervalStatistics& interval = host->interval;
  const auto elapsed = static_cast<std::uint64_t>((now_ - interval.integrated_until).nanoseconds());
  interval.work_in_flight += elapsed * (host->slots_in_use + host->waiting);
  interval.integrated_until = now_;
}

}  // namespace groundhog::model
