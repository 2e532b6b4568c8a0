// Who makes requests, and what a client does: it calls the entry service by the same code that
// hosts call dependencies by, and logs nothing.
#include <algorithm>
#include <cstdint>

#include "model/engine.h"
#include "sim/distributions.h"

namespace groundhog::model {
namespace {

constexpr std::uint16_t Bits(Purpose purpose) { return static_cast<std::uint16_t>(purpose); }

}  // namespace

// Non-homogeneous Poisson arrivals by thinning (Lewis and Shedler 1979): candidates come at the
// largest rate, each is taken with the ratio of the rate at its time to that. A surge's candidates
// come only while it lasts; being memoryless, they may start anew with each occurrence.
void Engine::ScheduleArrival(std::uint32_t source, sim::VirtualTime after) {
  const SourceInfo& info = topology_.sources[source];
  const double rate_max = info.rate_per_second * curve_.max();
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
    const sim::DrawBlock draws = sim::Draw(
        info.key, {.ordinal = sources_[source].next_ordinal, .purpose = Bits(Purpose::kArrival)});
    // At most 146 years; a gap beyond the end of time means never.
    const sim::Duration gap =
        sim::RoundToDuration(sim::Exponential(1e9 / rate_max, draws.Uniform64(0)));
    if (gap >= sim::VirtualTime::Max() - after) return;
    if (!occurrence.exists() || after + gap < occurrence.end) {
      return PostToSelf(topology_.SourceEntity(source), after + gap, {.kind = EventKind::kArrival});
    }
    ++sources_[source].next_ordinal;
    occurrence = info.schedule.Numbered(occurrence.number + 1);
  }
}

void Engine::HandleArrival(std::uint32_t source) {
  const SourceInfo& info = topology_.sources[source];
  const std::uint64_t ordinal = sources_[source].next_ordinal++;
  ScheduleArrival(source, now_);
  const sim::DrawBlock draws =
      sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kArrival)});
  double rate = curve_.At(now_);
  traces::Truth truth;
  if (info.kind == traces::EntityKind::kSurge) {
    const OccurrenceTimes occurrence = info.schedule.At(now_);
    rate *= StrengthAt(occurrence, info.ramp, now_);
    if (info.fault != traces::FaultId::kNone) truth = faults_.info(info.fault).TruthOf(occurrence);
  }
  if (draws.Uniform32(2) * curve_.max() >= rate) return;
  BeginRequest(source, info.journey, ordinal, truth);
}

// The user thinks before the next turn, for `wait_min` at least, and rests before a session.
void Engine::ScheduleTurn(std::uint32_t source, std::uint32_t user, sim::Duration wait_min) {
  const SourceInfo& info = topology_.sources[source];
  const User& state = sources_[source].users[user];
  const std::uint64_t ordinal = state.turns * info.users + user;
  const sim::DrawBlock draws =
      sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kThink)});
  sim::Duration wait = info.think_time.Sample(draws.Uniform64(0));
  if (info.has_session_pause && state.step == 0 && state.times == 0) {
    const sim::DrawBlock pause =
        sim::Draw(info.key, {.ordinal = ordinal, .purpose = Bits(Purpose::kSessionPause)});
    wait += info.session_pause.Sample(pause.Uniform64(0));
  }
  wait = std::max(wait, wait_min);
  if (wait >= sim::VirtualTime::Max() - now_) return;
  PostToSelf(topology_.SourceEntity(source), now_ + wait,
             {.kind = EventKind::kUserTurn, .reference = {.handle = user, .epoch = 0}});
}

void Engine::HandleUserTurn(std::uint32_t source, std::uint32_t user) {
  const SourceInfo& info = topology_.sources[source];
  User& state = sources_[source].users[user];
  const std::uint64_t ordinal = state.turns++ * info.users + user;
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
    BeginRequest(source, step.journey, ordinal, {});
  } else {
    // Else one who never thinks might go past unlikely steps for ever while no time passes.
    ScheduleTurn(source, user, sim::Milliseconds(1));
  }
}

void Engine::BeginRequest(std::uint32_t source, std::uint32_t journey, std::uint64_t ordinal,
                          const traces::Truth& truth) {
  const JourneyInfo& info = topology_.journeys[journey];
  const SlotHandle client = spans_.Allocate();
  Span& span = spans_[client];
  span.birth = span.epoch;
  span.host = topology_.SourceEntity(source);
  span.node = info.root;
  span.source = source;
  span.journey = journey;
  span.ordinal = ordinal;
  span.arrival = now_;
  span.truth = truth;
  StartCall(client, info.root);
}

// An attempt of the client was answered or given up.
void Engine::ClientAttemptEnded(SlotHandle handle, Outcome outcome) {
  CallInProgress& call = calls_[handle];
  const Span& span = spans_[call.span];
  const RetryInfo& retries = topology_.journeys[span.journey].retries;
  if (outcome != Outcome::kFailed || call.attempt > retries.max) return EndClient(call.span);
  ++call.epoch;
  PostToSelf(span.host, now_ + BackoffOf(call, span, retries),
             {.kind = EventKind::kRetry, .reference = calls_.Reference(handle)});
}

// The client has its answer, or gave up for good.
void Engine::EndClient(SlotHandle handle) {
  const Span& span = spans_[handle];
  const std::uint32_t source = span.source;
  const std::uint64_t ordinal = span.ordinal;
  AbandonCalls(&spans_[handle]);
  spans_.Free(handle);
  const std::uint32_t users = topology_.sources[source].users;
  if (users > 0) ScheduleTurn(source, static_cast<std::uint32_t>(ordinal % users));
}

}  // namespace groundhog::model
