// The rules behind ScenarioWarnings, one function each. Internal to it.
#ifndef GROUNDHOG_MODEL_REVIEW_WARNING_RULES_H_
#define GROUNDHOG_MODEL_REVIEW_WARNING_RULES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/review/request_trial.h"
#include "model/review/warnings.h"
#include "model/scenario/scenario.h"
#include "model/world/plan/topology.h"
#include "sim/time.h"

namespace groundhog::model {

using Warnings = std::vector<ScenarioWarning>;

// A smaller share of requests or attempts is not worth a warning.
inline constexpr double kWorthAWarning = 0.05;

// The scenario's requests, each tried alone.
struct TriedRequests {
  const Scenario& scenario;
  const Topology& topology;
  RequestTrial& trial;
  std::vector<JourneyTrial> journeys;  // as the topology's

  bool IsJudged(std::size_t journey) const;  // enough requests were tried to state shares
  // The shortest time of an answer is longer than the deadline, or there is no answer.
  bool MustFail(std::size_t journey) const;
  // "every request of 'visit' fails" or "about 31 % of the requests of 'visit' fail"; empty if
  // hardly any fails.
  std::string FailureText(std::size_t journey) const;
};

// Warnings about the scenario as it is written.
void WarnOfNoJourneys(const Scenario& scenario, Warnings& warnings);
void WarnOfLoad(const Scenario& scenario, Warnings& warnings);
void WarnOfCallCycles(const Scenario& scenario, Warnings& warnings);
void WarnOfUnusedDependencies(const Scenario& scenario, Warnings& warnings);
void WarnOfForgottenCalls(const Scenario& scenario, Warnings& warnings);
void WarnOfCallsNeverMade(const Scenario& scenario, Warnings& warnings);
void WarnOfJourneysNeverMade(const Scenario& scenario, Warnings& warnings);
void WarnOfFaultsThatNeverBegin(const Scenario& scenario, Warnings& warnings);
void WarnOfFaultsWithoutEffect(const Scenario& scenario, Warnings& warnings);
void WarnOfBurstsWithoutEffect(const Scenario& scenario, Warnings& warnings);
void WarnOfKeysWithoutEffect(const Scenario& scenario, Warnings& warnings);

// Warnings about what happened to its requests when they were tried.
void WarnOfTimeouts(const TriedRequests& tried, Warnings& warnings);
void WarnOfDeadlines(const TriedRequests& tried, Warnings& warnings);
void WarnOfTimeLimits(const TriedRequests& tried, Warnings& warnings);
void WarnOfConsumerDeadlines(const TriedRequests& tried, Warnings& warnings);
void WarnOfOwnSlots(const TriedRequests& tried, Warnings& warnings);
void WarnOfRetriesThatDoNotFit(const TriedRequests& tried, Warnings& warnings);

// A duration for people, at most three digits: "41.2ms".
std::string RoundedText(sim::Duration duration);
// Rounded up to two digits: 43ms for 42.1ms.
sim::Duration RoundedUp(sim::Duration duration);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_REVIEW_WARNING_RULES_H_
