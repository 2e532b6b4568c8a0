// What is logged, besides a host's restart and interval: one record for each span when it ends, and
// one for each attempt that is tried again. Filled here; emitted where it happens.
#include <cstdint>

#include "model/engine.h"

namespace groundhog::model {
namespace {

// The mean of work in flight over the interval, rounded. In two parts: a hundred times the work of
// a long interval would not fit.
std::int64_t LoadHundredths(std::uint64_t work_in_flight, std::uint64_t length) {
  const std::uint64_t rest = work_in_flight % length;
  return static_cast<std::int64_t>(work_in_flight / length * 100 +
                                   (rest * 100 + length / 2) / length);
}

}  // namespace

// Records leave in the order of their true time; what the host's clock is off by comes with them.
void Engine::Emit(traces::Record record) {
  const Host& self = host(record.host);
  if (!faults_.OfService(self.service).clock.empty()) record.clock_skew = ClockSkewOf(self);
  records_->push_back(record);
}

void Engine::HandleInterval(sim::EntityId host_id) {
  Host& self = host(host_id);
  CountInFlight(&self);
  if (!self.is_down()) LogInterval(host_id);
  IntervalStatistics& interval = self.interval;
  interval.durations.Clear();
  interval.errors = 0;
  interval.work_in_flight = 0;
  interval.truth = {};
  const TimerDelay& timer = topology_.services[self.service].log_interval;
  if (timer.delay < sim::VirtualTime::Max() - now_) {
    PostTimer(host_id, timer, {.kind = EventKind::kInterval});
  }
}

void Engine::LogInterval(sim::EntityId host_id) {
  Host& self = host(host_id);
  const ServiceInfo& service = topology_.services[self.service];
  IntervalStatistics& interval = self.interval;
  traces::Record record = HostRecord(host_id);
  const std::uint64_t finished = interval.durations.count();
  record.duration = interval.durations.TakeMedian();
  // The share of errors counts from three on: one failure among two spans tells nothing.
  const bool is_degraded =
      interval.errors >= 3 && static_cast<double>(interval.errors) >
                                  service.degraded_error_share * static_cast<double>(finished);
  if (is_degraded) {
    record.level = traces::Level::kWarn;
    record.truth = interval.truth;
  }
  const auto length = static_cast<std::uint64_t>(service.log_interval.delay.nanoseconds());
  const MessageContext context = {
      .queue_depth = self.requests.waiting + std::int64_t{self.messages.waiting},
      .in_flight = self.requests.in_use + std::int64_t{self.messages.in_use},
      .slots = SlotsOf(self) + std::int64_t{service.consumers.count},
      .spans = static_cast<std::int64_t>(finished),
      .errors = interval.errors,
      .load_hundredths = LoadHundredths(interval.work_in_flight, length)};
  log_.Fill(is_degraded ? log_.DegradedInterval() : log_.Interval(), 0, context, &record);
  Emit(record);
}

// A host is up again.
void Engine::LogStarted(sim::EntityId host_id) {
  const Host& self = host(host_id);
  traces::Record record = HostRecord(host_id);
  record.truth = self.restarted_by;
  log_.Fill(log_.Started(), 0, {.slots = SlotsOf(self)}, &record);
  Emit(record);
}

// A record of the host itself: of no request, so with a trace id of its own.
traces::Record Engine::HostRecord(sim::EntityId host_id) {
  Host& self = host(host_id);
  traces::Record record;
  record.time = now_;
  record.host = host_id;
  record.service = ServiceIdOf(self.service);
  record.request = {.source = host_id, .ordinal = self.own_records++};
  return record;
}

// Brings the integral of work in flight up to now; to be called before the number changes.
void Engine::CountInFlight(Host* host) {
  IntervalStatistics& interval = host->interval;
  const auto elapsed = static_cast<std::uint64_t>((now_ - interval.integrated_until).nanoseconds());
  interval.work_in_flight += elapsed * (host->requests.in_use + host->requests.waiting +
                                        host->messages.in_use + host->messages.waiting);
  interval.integrated_until = now_;
}

traces::Record Engine::SpanRecord(const Span& span) const {
  traces::Record record;
  record.time = now_;
  record.host = span.host;
  record.service = ServiceIdOf(topology_.nodes[span.node].service);
  record.request = {.source = topology_.SourceEntity(span.source), .ordinal = span.ordinal};
  record.span = span.id;
  record.parent_span = span.parent;
  record.call_path = topology_.nodes[span.node].path;
  record.attempt = span.attempt;
  record.duration = now_ - span.arrival;
  record.queue_wait =
      span.state == SpanState::kQueued ? record.duration : span.started - span.arrival;
  // A consumer's work begins when it takes the message; the wait came before.
  if (span.is_message) record.duration -= record.queue_wait;
  record.dependency = span.longest_dependency;
  record.truth = span.truth;
  return record;
}

// `call`: the one that the message is about; the empty one: none.
MessageContext Engine::Context(const Span& span, const CallInProgress& call) const {
  const Host& self = host(span.host);
  const Station& station = span.is_message ? self.messages : self.requests;
  return {.request_key = topology_.sources[span.source].key,
          .ordinal = span.ordinal,
          .timeout = call.deadline - call.sent,
          .call_attempt = call.attempt,
          .attempts_max = call.attempts_max,
          .queue_depth = station.waiting,
          .in_flight = station.in_use,
          .slots = WorkersOf(self, span.is_message),
          .peer_host = call.callee};
}

}  // namespace groundhog::model
