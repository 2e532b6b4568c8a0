#include "model/world/blame.h"

#include "model/world/fault_effects.h"

namespace groundhog::model {

void TakeCause(Partition& part, Span* span, const traces::Truth& truth) {
  if (truth.fault == traces::FaultId::kNone) return;
  if (!span->is_extra) span->truth = part.faults.Earlier(span->truth, truth);
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
  if (span.is_extra) return span.truth;
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

namespace {

// Or not at work as usual: callers avoid them before they stop, and they warm up afterwards.
bool HasHostsDown(const Partition& part, const FaultInfo& fault,
                  const OccurrenceTimes& occurrence) {
  if (fault.spec.kind != Fault::Kind::kDeploy) return true;
  const ServiceInfo& service = part.topology.services[fault.service];
  const std::uint32_t hosts = service.host_count;
  const sim::Duration warm_up =
      service.spec->warm_up ? service.spec->warm_up->duration : sim::Duration();
  for (std::uint32_t host = 0; host < hosts;
       host += static_cast<std::uint32_t>(fault.spec.at_once)) {
    const OccurrenceTimes down = fault.DownTimes(occurrence, host);
    if (part.now >= down.start - fault.spec.drain && part.now < down.end + warm_up) return true;
  }
  return false;
}

}  // namespace

traces::Truth HostsDownTruth(const Partition& part, const Host& host) {
  traces::Truth truth;
  for (const FaultInfo* fault : part.faults.OfService(host.service).At(FaultPlace::kDown)) {
    const OccurrenceTimes occurrence = fault->schedule.At(part.now);
    if (occurrence.exists() && HasHostsDown(part, *fault, occurrence))
      truth = part.faults.Earlier(truth, fault->TruthOf(occurrence));
  }
  return truth;
}

}  // namespace groundhog::model
