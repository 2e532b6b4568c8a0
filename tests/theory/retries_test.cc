// Retries, against the geometric series.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/theory/claims.h"
#include "tests/theory/formulas.h"
#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

TEST(Retries, AmplifyLoadByTheCutGeometricSeries) {
  constexpr double kFailure = 0.3;
  for (const int retries : {1, 3}) {
    const Recording recording(
        "retries.yaml",
        {"--set", "services.backend.errors.ERR_500.rate=" + std::to_string(kFailure), "--set",
         "services.frontend.dependencies.backend.retries.max=" + std::to_string(retries)});
    std::unordered_map<std::uint64_t, double> attempts;  // by request
    for (const Span& span : recording.Arrivals("backend")) ++attempts[span.request.ordinal];
    const std::vector<Span> callers = recording.Arrivals("frontend");
    const Estimate per_call =
        BatchMeans(Each(callers, [&](const Span& span) { return attempts[span.request.ordinal]; }));
    const std::string with = ", " + std::to_string(retries) + " retries";
    ExpectAgreement("attempts a call" + with, per_call, AttemptsPerCall(kFailure, retries));
    ExpectDisagreement("attempts a call" + with, per_call, AttemptsPerCall(kFailure, retries + 1));
    ExpectAgreement(
        "failed calls" + with,
        BatchMeans(Each(callers, [](const Span& span) { return span.failed() ? 1.0 : 0.0; })),
        std::pow(kFailure, retries + 1));
  }
}

// A token bucket: some retries for every 100 calls, and a few from the start. Some calls are under
// way at the end.
TEST(Retries, StayWithinTheirBudgetWhenEverythingFails) {
  constexpr double kBudget = 0.2;
  constexpr double kFew = 30;
  const Recording recording("retries.yaml",
                            {"--set", "services.backend.errors.ERR_500.rate=1", "--set",
                             "services.frontend.dependencies.backend.retries.budget_percent=20"});
  const auto calls = static_cast<double>(recording.Arrivals("frontend").size());
  const auto attempts = static_cast<double>(recording.Arrivals("backend").size());
  EXPECT_GT(calls, 300'000);
  EXPECT_NEAR(attempts, calls * (1 + kBudget), kFew);
}

}  // namespace
}  // namespace groundhog::theory
