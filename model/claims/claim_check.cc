#include "model/claims/claim_check.h"

#include <algorithm>

#include "model/claims/claim_text.h"
#include "model/world/plan/log_model.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

bool IsOfSpan(const traces::Record& record) { return record.span != traces::SpanId::kNone; }

void CountSpan(const traces::Record& record, ClaimState* state) {
  ++state->counts.records;
  if (state->claim.error_rate) {
    state->counts.errors += record.level == traces::Level::kError ? 1 : 0;
  } else {
    state->counts.durations.Add(record.duration);
  }
}

// "; broken at 3 of 29 such times"; empty: there was one.
std::string CountText(const ClaimState& state) {
  if (state.judged == 1) return "";
  return Concat({"; broken at ", std::to_string(state.broken), " of ", std::to_string(state.judged),
                 " such times"});
}

}  // namespace

void ClaimCounts::Clear() {
  records = 0;
  errors = 0;
  durations.Clear();
}

ClaimState::ClaimState(const Claim& the_claim, const FaultTimes& faults, sim::Duration run)
    : claim(the_claim), times(the_claim, faults, run), now(times.Next()) {}

void ClaimState::EndTime(const Scenario& scenario) {
  // Without a span there is no share of errors, and no percentile.
  if (counts.records > 0 || claim.records) {
    ++judged;
    const std::string problem = FigureProblem(claim, counts);
    if (!problem.empty() && broken++ == 0) {
      first_problem = Concat({FigureName(claim, *now, scenario), " is ", problem});
    }
  }
  counts.Clear();
  now = times.Next();
}

ClaimCheck::ClaimCheck(const Scenario& scenario, const traces::Catalogue& catalogue)
    : scenario_(scenario),
      faults_(scenario),
      of_spans_(scenario.services.size()),
      of_records_(scenario.services.size() + 1) {
  const std::vector<traces::MessageTemplate> retries = RetryMessages();
  for (const traces::MessageTemplate& message : catalogue.templates) {
    is_of_retry_.push_back(std::ranges::find(retries, message) != retries.end());
  }
  for (const Claim& claim : scenario.claims) {
    states_.push_back(std::make_unique<ClaimState>(claim, faults_, scenario.duration));
    states_.back()->listed_in = ListOf(claim);
  }
}

std::vector<ClaimState*>* ClaimCheck::ListOf(const Claim& claim) {
  const auto found = std::ranges::find(scenario_.services, claim.service, &Service::name);
  const auto service = static_cast<std::size_t>(found - scenario_.services.begin());
  if (claim.records) return &of_records_[service];
  return claim.service.empty() ? &of_requests_ : &of_spans_[service];
}

void ClaimCheck::TurnTo(sim::VirtualTime now) {
  next_turn_ = sim::VirtualTime::Max();
  for (const auto& state : states_) state->listed_in->clear();
  for (const auto& state : states_) {
    while (state->now && state->now->end <= now) state->EndTime(scenario_);
    if (!state->now) continue;
    if (state->now->start > now) {
      next_turn_ = std::min(next_turn_, state->now->start);
      continue;
    }
    next_turn_ = std::min(next_turn_, state->now->end);
    state->listed_in->push_back(state.get());
  }
}

void ClaimCheck::Take(std::span<const traces::Record> records) {
  for (const traces::Record& record : records) {
    if (record.time >= next_turn_) TurnTo(record.time);
    for (ClaimState* state : of_records_[traces::Index(record.service)]) ++state->counts.records;
    for (ClaimState* state : of_records_.back()) ++state->counts.records;
    if (IsOfSpan(record)) TakeSpan(record);
  }
}

void ClaimCheck::TakeSpan(const traces::Record& record) {
  const bool is_of_retry =
      record.level == traces::Level::kWarn && is_of_retry_[traces::Index(record.message)];
  if (is_of_retry) return;
  for (ClaimState* state : of_spans_[traces::Index(record.service)]) CountSpan(record, state);
  if (record.parent_span != traces::SpanId::kNone) return;
  for (ClaimState* state : of_requests_) CountSpan(record, state);
}

ClaimReport ClaimCheck::Finish(sim::VirtualTime reached) {
  TurnTo(reached);
  ClaimReport report;
  for (const auto& state : states_) {
    if (state->judged == 0) {
      ++report.not_checked;
    } else if (state->broken == 0) {
      ++report.held;
    } else {
      report.broken.push_back(Concat({"expectation '", state->claim.name,
                                      "' is broken: ", state->first_problem, CountText(*state)}));
    }
  }
  return report;
}

}  // namespace groundhog::model
