#include "model/review/warnings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "model/review/offered_load.h"
#include "model/review/warning_rules.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;

// Enough to measure shares to within 2 %.
constexpr std::uint64_t kRequestsTried = 4'000;
constexpr std::uint64_t kRequestsJudged = 200;
// The largest number of spans for all journeys together: about a second.
constexpr std::uint64_t kSpansMax = 6'000'000;

using ScenarioRule = void (*)(const Scenario&, Warnings&);
using TrialRule = void (*)(const TriedRequests&, Warnings&);

constexpr ScenarioRule kScenarioRules[] = {
    WarnOfNoJourneys,          WarnOfLoad,
    WarnOfCallCycles,          WarnOfUnusedDependencies,
    WarnOfForgottenCalls,      WarnOfCallsNeverMade,
    WarnOfJourneysNeverMade,   WarnOfFaultsThatNeverBegin,
    WarnOfFaultsWithoutEffect, WarnOfBurstsWithoutEffect,
    WarnOfKeysWithoutEffect,
};

constexpr TrialRule kTrialRules[] = {
    WarnOfTimeouts,          WarnOfDeadlines, WarnOfTimeLimits,
    WarnOfConsumerDeadlines, WarnOfOwnSlots,  WarnOfRetriesThatDoNotFit,
};

std::uint64_t FailedByLimits(const JourneyTrial& trial) {
  std::uint64_t count = 0;
  for (const auto& [limit, failed] : trial.failed) {
    if (limit.kind != TrialLimit::Kind::kNone) count += failed;
  }
  return count;
}

}  // namespace

bool TriedRequests::IsJudged(std::size_t journey) const {
  return journeys[journey].requests >= kRequestsJudged;
}

bool TriedRequests::MustFail(std::size_t journey) const {
  const JourneyInfo& info = topology.journeys[journey];
  return trial.LeastAnswerTime(info.root) >= std::min(info.deadline.delay, info.patience.delay);
}

std::string TriedRequests::FailureText(std::size_t journey) const {
  const std::string& name = topology.journeys[journey].spec->name;
  if (MustFail(journey)) return Concat({"every request of '", name, "' fails"});
  if (!IsJudged(journey)) return "";
  const double share = static_cast<double>(FailedByLimits(journeys[journey])) /
                       static_cast<double>(journeys[journey].requests);
  if (share < 0.005) return "";
  return Concat({"about ", text::FormatPercent(share, 0), " of the requests of '", name, "' fail"});
}

std::string RoundedText(sim::Duration duration) {
  std::int64_t step = 1;
  while (duration.nanoseconds() / step >= 1'000) step *= 10;
  const std::int64_t figures = (duration.nanoseconds() + step / 2) / step;
  struct Unit {
    std::int64_t nanoseconds;
    std::string_view name;
  };
  for (const Unit& unit : {Unit{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}) {
    if (figures * step < unit.nanoseconds) continue;
    return Concat(
        {FormatNumber(static_cast<double>(figures * step) / static_cast<double>(unit.nanoseconds)),
         unit.name});
  }
  return FormatDuration(duration);
}

sim::Duration RoundedUp(sim::Duration duration) {
  std::int64_t step = 1;
  while (duration.nanoseconds() / step >= 100) step *= 10;
  return sim::Duration((duration.nanoseconds() / step + 1) * step);
}

void WarnOfNoJourneys(const Scenario& scenario, Warnings& warnings) {
  if (!scenario.journeys.empty()) return;
  warnings.push_back({"", "there are no journeys: services log only their intervals"});
}

void WarnOfLoad(const Scenario& scenario, Warnings& warnings) {
  if (scenario.journeys.empty()) return;
  const std::vector<ServiceLoad> loads = OfferedLoad(scenario);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const std::string& name = scenario.services[i].name;
    const std::string path = Concat({"services.", name});
    const ServiceLoad& load = loads[i];
    if (load.slots.per_second + load.consumers.per_second == 0) {
      warnings.push_back(
          {path, Concat({"no journey reaches '", name, "': it logs only its intervals"})});
    }
    if (load.slots_peak.utilisation > 1) {
      warnings.push_back(
          {path + ".concurrency",
           Concat(
               {"'", name, "' is offered ", text::FormatPercent(load.slots_peak.utilisation, 0),
                " of its slots' time at the peak: its queue will overflow; give it more hosts or ",
                "more concurrency"})});
    }
    if (load.consumers_peak.utilisation > 1) {
      warnings.push_back(
          {path + ".consumers",
           Concat({"'", name, "' is offered ",
                   text::FormatPercent(load.consumers_peak.utilisation, 0),
                   " of its consumers' time at the peak: messages will be dropped; give it more ",
                   "hosts or a larger count of consumers"})});
    }
  }
}

std::vector<ScenarioWarning> ScenarioWarnings(const Scenario& scenario) {
  Warnings warnings;
  for (const ScenarioRule rule : kScenarioRules) rule(scenario, warnings);
  const absl::StatusOr<Topology> topology = CompileTopology(scenario);
  if (!topology.ok() || topology->journeys.empty()) return warnings;
  RequestTrial trial(*topology);
  TriedRequests tried{.scenario = scenario, .topology = *topology, .trial = trial, .journeys = {}};
  for (const JourneyInfo& journey : topology->journeys) {
    tried.journeys.push_back(
        trial.Try(journey, kRequestsTried, kSpansMax / topology->journeys.size()));
  }
  for (const TrialRule rule : kTrialRules) rule(tried, warnings);
  return warnings;
}

}  // namespace groundhog::model
