#include "model/world/traffic.h"

#include <algorithm>
#include <cstdint>

#include "model/world/calls.h"
#include "sim/distributions.h"

namespace groundhog::model {
namespace {

constexpr std::uint16_t Bits(Purpose purpose) { return static_cast<std::uint16_t>(purpose); }

// Non-homogeneous Poisson arrivals by thinning (Lewis and Shedler 1979): candidates come at the
// largest rate, and each is taken with the probability rate-at-its-time / largest rate. A surge's
// candidates come only while it lasts; as the process is memoryless, each occurrence starts anew.
// Gaps between candidates are exact; the grid rounds only the times at which they come, down, so
// that they stay within the occurrence.
void ScheduleArrival(Partition& part, std::uint32_t source) {
  const SourceInfo& info = part.topology.sources[source];
  sim::VirtualTime& exact = part.source(source).exact_arrival;
  sim::VirtualTime after = exact;
  const double rate_max = info.rate_per_second * part.plan.curve.max();
  if (rate_max <= 0) return;
  OccurrenceTimes occurrence;
  if (info.kind == traces::EntityKind::kSurge) {
    occurrence = info.schedule.At(after);
    if (!occurrence.exists()) occurrence = info.schedule.FirstAfter(after);
  }
  while (true) {
    if (info.kind == traces::EntityKind::kSurge) {
      if (!occurrence.exists()) return;
      after = std::max(after, occurrence.start);
    }
    const sim::DrawBlock draws = sim::Draw(info.key, {.ordinal = part.source(source).next_ordinal,
                                                      .purpose = Bits(Purpose::kArrival)});
    // A gap is at most 146 years; one beyond the largest virtual time means never.
    const sim::Duration gap =
        sim::RoundToDuration(sim::Exponential(1e9 / rate_max, draws.Uniform64(0)));
    if (gap >= sim::VirtualTime::Max() - after) return;
    if (!occurrence.exists() || after + gap < occurrence.end) {
      exact = after + gap;
      const sim::Duration on_grid = exact.since_start().RoundedDownTo(part.topology.resolution);
      return part.PostToSelf(part.topology.SourceEntity(source), sim::VirtualTime(on_grid),
                             {.kind = EventKind::kArrival});
    }
    ++part.source(source).next_ordinal;
    occurrence = info.schedule.Numbered(occurrence.number + 1);
  }
}

// The user thinks before the next turn, for `wait_min` at least, and rests before a session.
void ScheduleTurn(Partition& part, std::uint32_t source, std::uint32_t user,
                  sim::Duration wait_min = {}) {
  const SourceInfo& info = part.topology.sources[source];
  const User& state = part.source(source).users[user];
  const std::uint64_t ordinal = info.TurnOf(state.turns, user);
  const sim::DrawBlock draws =
      sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kThink)});
  sim::Duration wait = info.think_time.Sample(draws.Uniform64(0));
  if (info.has_session_pause && state.step == 0 && state.times == 0) {
    const sim::DrawBlock pause =
        sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kSessionPause)});
    wait += info.session_pause.Sample(pause.Uniform64(0));
  }
  wait = std::max(wait, wait_min);
  if (wait >= sim::VirtualTime::Max() - part.now) return;
  part.PostToSelf(part.topology.SourceEntity(source), part.now + wait,
                  {.kind = EventKind::kUserTurn, .reference = {.handle = user, .epoch = 0}});
}

void BeginRequest(Partition& part, std::uint32_t source, std::uint32_t journey,
                  std::uint64_t ordinal, const traces::Truth& truth) {
  const JourneyInfo& info = part.topology.journeys[journey];
  const Handle client = part.spans.Allocate();
  Span& span = part.spans[client];
  span.birth = span.epoch;
  span.host = part.topology.SourceEntity(source);
  span.node = info.root;
  span.source = source;
  span.journey = journey;
  span.ordinal = ordinal;
  span.arrival = part.now;
  span.truth = truth;
  span.is_extra = HasCause(truth);
  StartCall(part, client, info.root);
}

// The client has its answer, or gave up finally.
void EndClient(Partition& part, Handle handle) {
  const Span& span = part.spans[handle];
  const std::uint32_t source = span.source;
  const std::uint64_t ordinal = span.ordinal;
  AbandonCalls(part, &part.spans[handle]);
  part.spans.Free(handle);
  const SourceInfo& info = part.topology.sources[source];
  if (info.users > 0) ScheduleTurn(part, source, info.UserOf(ordinal));
}

}  // namespace

void StartSource(Partition& part, std::uint32_t source) {
  const SourceInfo& info = part.topology.sources[source];
  for (std::uint32_t user = 0; user < info.users; ++user) ScheduleTurn(part, source, user);
  if (info.kind != traces::EntityKind::kUsers) ScheduleArrival(part, source);
}

void HandleArrival(Partition& part, std::uint32_t source) {
  const SourceInfo& info = part.topology.sources[source];
  const std::uint64_t ordinal = part.source(source).next_ordinal++;
  ScheduleArrival(part, source);
  const sim::DrawBlock draws =
      sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kArrival)});
  double rate = part.plan.curve.At(part.now);
  traces::Truth truth;
  if (info.kind == traces::EntityKind::kSurge) {
    const OccurrenceTimes occurrence = info.schedule.At(part.now);
    rate *= StrengthAt(occurrence, info.ramp, part.now);
    if (info.fault != traces::FaultId::kNone) {
      truth = part.faults.info(info.fault).TruthOf(occurrence);
    }
  }
  if (draws.Uniform32(2) * part.plan.curve.max() >= rate) return;
  BeginRequest(part, source, info.journey, ordinal, truth);
}

void HandleUserTurn(Partition& part, std::uint32_t source, std::uint32_t user) {
  const SourceInfo& info = part.topology.sources[source];
  User& state = part.source(source).users[user];
  const std::uint64_t ordinal = info.TurnOf(state.turns++, user);
  const SessionStepInfo& step = info.session[state.step];
  const sim::DrawBlock draws =
      sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kThink)});
  // Decided once a step, at its first time.
  const bool is_taken = state.times > 0 || draws.Word(2) < step.taken_threshold;
  if (is_taken) ++state.times;
  if (!is_taken || state.times == static_cast<std::uint32_t>(step.times)) {
    state.times = 0;
    state.step = (state.step + 1) % static_cast<std::uint32_t>(info.session.size());
  }
  if (is_taken) {
    BeginRequest(part, source, step.journey, ordinal, {});
  } else {
    // Otherwise a user who never thinks might skip unlikely steps endlessly while no time passes.
    ScheduleTurn(part, source, user, sim::Milliseconds(1));
  }
}

void ClientAttemptEnded(Partition& part, Handle handle, Outcome outcome) {
  CallInProgress& call = part.calls[handle];
  const Span& span = part.spans[call.span];
  const RetryPolicy& retries = part.topology.journeys[span.journey].spec->retries;
  if (outcome != Outcome::kFailed || call.attempt > retries.max) return EndClient(part, call.span);
  ++call.epoch;
  part.PostToSelf(span.host, part.now + BackoffOf(part, call, span, retries),
                  {.kind = EventKind::kRetry, .reference = part.calls.Reference(handle)});
}

}  // namespace groundhog::model
