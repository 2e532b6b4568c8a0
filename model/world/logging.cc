#include "model/world/logging.h"

#include <cstdint>

#include "model/world/fault_effects.h"

namespace groundhog::model {
namespace {

// The mean of work in flight over the interval, rounded. Computed in two parts, because a hundred
// times the work of a long interval would overflow.
std::int64_t LoadHundredths(std::uint64_t work_in_flight, std::uint64_t length) {
  const std::uint64_t rest = work_in_flight % length;
  return static_cast<std::int64_t>(work_in_flight / length * 100 +
                                   (rest * 100 + length / 2) / length);
}

// A record of the host itself: it belongs to no request, so it has a trace id of its own.
traces::Record HostRecord(Partition& part, sim::EntityId host_id) {
  Host& self = part.host(host_id);
  traces::Record record;
  record.time = part.now;
  record.host = host_id;
  record.service = ServiceIdOf(self.service);
  record.request = {.source = host_id, .ordinal = self.own_records++};
  return record;
}

// What a message shows of the host's slots, or of its consumers.
MessageContext SlotsContext(const Partition& part, const Host& host, bool of_messages) {
  const Station& station = of_messages ? host.messages : host.requests;
  return {.queue_depth = station.waiting,
          .in_flight = station.in_use,
          .slots = WorkersOf(part, host, of_messages)};
}

void LogInterval(Partition& part, sim::EntityId host_id) {
  Host& self = part.host(host_id);
  const ServiceInfo& service = part.topology.services[self.service];
  IntervalStatistics& interval = self.interval;
  traces::Record record = HostRecord(part, host_id);
  const std::uint64_t finished = interval.durations.count();
  record.duration = interval.durations.TakeMedian();
  // The share of errors counts only from three errors on: one failure of two spans means little.
  const bool is_degraded = interval.errors >= 3 &&
                           static_cast<double>(interval.errors) >
                               service.spec->degraded_error_share * static_cast<double>(finished);
  if (is_degraded) {
    record.level = traces::Level::kWarn;
    record.truth = interval.truth;
  } else if (2 * std::uint64_t{interval.blamed} >= finished) {
    record.truth = interval.blamed_on;  // half of its spans have a cause: so has their median
  }
  const auto length = static_cast<std::uint64_t>(service.log_interval.delay.nanoseconds());
  MessageContext context = SlotsContext(part, self, service.TakesOnlyMessages());
  context.spans = static_cast<std::int64_t>(finished);
  context.errors = interval.errors;
  context.load_hundredths = LoadHundredths(interval.work_in_flight, length);
  part.log_model.Fill(is_degraded ? part.log_model.DegradedInterval() : part.log_model.Interval(),
                      0, context, &record);
  Emit(part, record);
}

}  // namespace

void Emit(Partition& part, const traces::Record& record) {
  part.records->push_back(record);
  const Host& self = part.host(record.host);
  if (!part.faults.OfService(self.service).At(FaultPlace::kClock).empty()) {
    part.records->back().clock_skew = ClockSkewOf(part, self);
  }
}

void ScheduleFirstInterval(Partition& part, sim::EntityId host_id) {
  const Host& self = part.host(host_id);
  const sim::Duration interval = part.topology.services[self.service].log_interval.delay;
  if (interval == sim::Duration()) return;
  // Hosts do not log at the same time: each has its own offset within the first interval.
  const sim::DrawBlock draws =
      sim::Draw(self.key, {.purpose = static_cast<std::uint16_t>(Purpose::kIntervalPhase)});
  const sim::Duration offset(
      static_cast<std::int64_t>(draws.Uniform64(0) * static_cast<double>(interval.nanoseconds())));
  part.PostToSelf(host_id, sim::VirtualTime(offset.RoundedTo(part.topology.resolution)),
                  {.kind = EventKind::kInterval});
}

void HandleInterval(Partition& part, sim::EntityId host_id) {
  Host& self = part.host(host_id);
  CountInFlight(part, &self);
  if (!self.is_down()) LogInterval(part, host_id);
  IntervalStatistics& interval = self.interval;
  interval.durations.Clear();
  interval.errors = 0;
  interval.work_in_flight = 0;
  interval.truth = {};
  interval.blamed = 0;
  interval.blamed_on = {};
  const TimerDelay& timer = part.topology.services[self.service].log_interval;
  if (timer.delay < sim::VirtualTime::Max() - part.now) {
    part.PostTimer(host_id, timer, {.kind = EventKind::kInterval});
  }
}

void LogStarted(Partition& part, sim::EntityId host_id) {
  const Host& self = part.host(host_id);
  traces::Record record = HostRecord(part, host_id);
  record.truth = self.restarted_by;
  const bool of_messages = part.topology.services[self.service].TakesOnlyMessages();
  part.log_model.Fill(part.log_model.Started(), 0, SlotsContext(part, self, of_messages), &record);
  Emit(part, record);
}

void CountInFlight(const Partition& part, Host* host) {
  IntervalStatistics& interval = host->interval;
  const auto elapsed =
      static_cast<std::uint64_t>((part.now - interval.integrated_until).nanoseconds());
  interval.work_in_flight += elapsed * (host->requests.in_use + host->requests.waiting +
                                        host->messages.in_use + host->messages.waiting);
  interval.integrated_until = part.now;
}

traces::Record SpanRecord(const Partition& part, const Span& span) {
  traces::Record record;
  record.time = part.now;
  record.host = span.host;
  record.service = ServiceIdOf(part.topology.nodes[span.node].service);
  record.request = {.source = part.topology.SourceEntity(span.source), .ordinal = span.ordinal};
  record.span = span.id;
  record.parent_span = span.parent;
  record.call_path = part.topology.nodes[span.node].path;
  record.attempt = span.attempt;
  record.duration = part.now - span.arrival;
  record.queue_wait =
      span.state == SpanState::kQueued ? record.duration : span.started - span.arrival;
  // A consumer's work begins when it takes the message; the wait came before.
  if (span.is_message) record.duration -= record.queue_wait;
  record.dependency = span.longest_dependency;
  record.truth = span.truth;
  return record;
}

MessageContext Context(const Partition& part, const Span& span, const CallInProgress& call) {
  MessageContext context = SlotsContext(part, part.host(span.host), span.is_message);
  context.source = &part.topology.sources[span.source];
  context.ordinal = span.ordinal;
  context.timeout = call.deadline - call.sent;
  context.call_attempt = call.attempt;
  context.attempts_max = call.attempts_max;
  context.peer_host = call.callee;
  return context;
}

}  // namespace groundhog::model
