#include "model/world/blame.h"

#include <algorithm>
#include <cstdint>

#include "model/world/fault_effects.h"

namespace groundhog::model {
namespace {

traces::Truth OwnCauseOfFailure(const Partition& part, const Span& span, Failure failure,
                                Handle failed_call) {
  const traces::Truth late = HasCause(span.truth) ? span.truth : span.late_by;
  switch (failure) {
    case Failure::kOwn:
    case Failure::kUnavailable:
      return span.failure_truth;
    case Failure::kDependencyFailed:
    case Failure::kBreakerOpen:
      return part.calls[failed_call].truth;
    case Failure::kDependencyTimeout: {
      const CallInProgress& call = part.calls[failed_call];
      if (HasCause(call.truth)) return call.truth;
      const bool is_cut_short = call.deadline - call.sent < part.DependencyOf(call).timeout.delay;
      return is_cut_short ? late : traces::Truth();
    }
    case Failure::kWorkTimeout:
      return span.is_late_anyway ? traces::Truth() : late;
    default:
      return late;
  }
}

// Or not at work as usual: callers avoid them before they stop, and they warm up afterwards.
bool HasHostsDown(const Partition& part, const FaultInfo& fault,
                  const OccurrenceTimes& occurrence) {
  if (fault.spec.kind != Fault::Kind::kDeploy) return true;
  const ServiceInfo& service = part.topology.services[fault.service];
  const auto at_once = static_cast<std::uint32_t>(fault.spec.at_once);
  const std::int64_t last_turn = (service.host_count - 1) / at_once;
  const std::int64_t turn =
      std::min(last_turn, (part.now - occurrence.start) / (fault.spec.restart + fault.spec.pause));
  // The hosts of the latest turn: those of earlier ones were back before.
  const OccurrenceTimes down =
      fault.DownTimes(occurrence, static_cast<std::uint32_t>(turn) * at_once);
  const sim::Duration warm_up =
      service.spec->warm_up ? service.spec->warm_up->duration : sim::Duration();
  return part.now - down.end < warm_up;
}

}  // namespace

void TakeCause(Partition& part, Span* span, const traces::Truth& truth) {
  if (truth.fault == traces::FaultId::kNone) return;
  if (!span->is_extra || IsSameCause(span->truth, truth)) {
    span->truth = part.faults.Earlier(span->truth, truth);
  }
  CountAsBlamed(part, span);
}

void CountAsBlamed(Partition& part, Span* span) {
  const bool holds_worker =
      span->state == SpanState::kWorking || span->state == SpanState::kCalling;
  if (!HasCause(span->truth) || !holds_worker || !part.IsHost(span->host)) return;
  Station& station = part.StationOf(*span);
  if (!span->is_blamed) ++station.blamed;
  span->is_blamed = true;
  station.blamed_on = span->truth;
  if (station.waiting > 0 &&
      station.in_use >= WorkersOf(part, part.host(span->host), span->is_message)) {
    station.backlog = part.faults.Earlier(station.backlog, span->truth);
  }
}

traces::Truth CauseOfFailure(const Partition& part, const Span& span, Failure failure,
                             Handle failed_call) {
  const traces::Truth own = OwnCauseOfFailure(part, span, failure, failed_call);
  if (!span.is_extra) return own;
  return IsSameCause(own, span.truth) ? part.faults.Earlier(own, span.truth) : span.truth;
}

traces::Truth HostsDownTruth(const Partition& part, const Host& host) {
  traces::Truth truth;
  for (const FaultInfo* fault : part.faults.OfService(host.service).At(FaultPlace::kDown)) {
    const OccurrenceTimes occurrence = fault->schedule.At(part.now);
    if (!occurrence.exists() || !HasHostsDown(part, *fault, occurrence)) continue;
    truth = part.faults.Earlier(truth, fault->TruthOf(occurrence));
  }
  return truth;
}

}  // namespace groundhog::model
