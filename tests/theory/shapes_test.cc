// Behaviour for which theory gives a shape but no formula.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

// The share of spans without an error among those that arrived within these hours.
double Successes(const std::vector<Span>& spans, double from_hour, double until_hour) {
  int all = 0;
  int good = 0;
  for (const Span& span : spans) {
    const double hour = InSeconds(span.arrival) / 3'600;
    if (hour < from_hour || hour >= until_hour) continue;
    ++all;
    if (!span.failed()) ++good;
  }
  EXPECT_GT(all, 0);
  return static_cast<double>(good) / all;
}

// Bronson, Aghayev, Charapko and Zhu, "Metastable Failures in Distributed Systems", HotOS 2021: at
// the same load, if it is more than the failed state recovers from and less than the good one can
// take, a system is up or down depending on its past. Here the load at 04:30 equals that at 19:30,
// about half of the backend's capacity.
TEST(Metastability, TheSameLoadIsUpOnTheWayUpAndDownOnTheWayDown) {
  const std::vector<Span> spans = Recording("metastable.yaml").Arrivals("frontend");
  EXPECT_GT(Successes(spans, 4, 5), 0.99);
  EXPECT_LT(Successes(spans, 19, 20), 0.1);
  EXPECT_GT(Successes(spans, 23.5, 24), 0.99) << "with next to no load it recovers";
}

TEST(Metastability, ARetryBudgetLeavesTheWayDownAsTheWayUp) {
  const std::vector<Span> spans =
      Recording("metastable.yaml",
                {"--set", "services.frontend.dependencies.backend.retries.budget_percent=10"})
          .Arrivals("frontend");
  EXPECT_GT(Successes(spans, 4, 5), 0.99);
  EXPECT_LT(Successes(spans, 11, 13), 0.5) << "the load at noon is more than it can do";
  EXPECT_GT(Successes(spans, 19, 20), 0.99);
}

// Work for callers that have given up keeps it down: there is no such work when deadlines are
// passed on.
TEST(Metastability, WorkThatEndsWithItsDeadlineSustainsNothing) {
  const std::vector<Span> spans =
      Recording("metastable.yaml",
                {"--set", "services.frontend.dependencies.backend.propagate_deadline=true"})
          .Arrivals("frontend");
  EXPECT_GT(Successes(spans, 4, 5), 0.99);
  EXPECT_GT(Successes(spans, 19, 20), 0.99);
}

constexpr double kSilentFrom = 600;  // breaker.yaml's, in seconds
constexpr double kSilentUntil = 1'200;
constexpr double kTimeout = 1;
constexpr double kWindow = 10;
constexpr double kOpen = 5;
constexpr int kProbes = 3;

// How many of the callers waited for the timeout, of those that came after `from`.
struct Waiting {
  int all = 0;
  int slow = 0;
};

Waiting DuringSilence(const std::vector<Span>& callers, double from) {
  Waiting waiting;
  for (const Span& span : callers) {
    const double arrival = InSeconds(span.arrival);
    if (arrival < from || arrival >= kSilentUntil - kTimeout) continue;
    ++waiting.all;
    if (InSeconds(span.duration()) >= kTimeout) ++waiting.slow;
  }
  return waiting;
}

// Nygard, Release It! (2nd ed., 2018), section 5.2. It opens at the latest when all that ended
// within its window are failures; from then on only probes wait.
TEST(Breaker, BoundsTheCallersLatencyWhileTheCalleeIsSilent) {
  const std::vector<Span> callers = Recording("breaker.yaml").Arrivals("frontend");
  const Waiting waiting = DuringSilence(callers, kSilentFrom + kTimeout + kWindow);
  const double periods = (kSilentUntil - kSilentFrom) / kOpen;
  EXPECT_GT(waiting.all, 25'000);
  EXPECT_GT(waiting.slow, 0) << "probes wait";
  EXPECT_LE(waiting.slow, kProbes * periods);
}

TEST(Breaker, WithoutItEveryCallerWaitsForTheTimeout) {
  const std::vector<Span> callers =
      Recording("breaker.yaml", {"--set", "services.frontend.dependencies.backend={timeout: 1s}"})
          .Arrivals("frontend");
  const Waiting waiting = DuringSilence(callers, kSilentFrom);
  EXPECT_EQ(waiting.slow, waiting.all);
}

}  // namespace
}  // namespace groundhog::theory
