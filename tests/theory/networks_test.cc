// Stations in a row or in a cycle with their users, against the theory of queueing networks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/theory/claims.h"
#include "tests/theory/formulas.h"
#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

constexpr double kArrivalRate = 60;  // tandem.yaml's
constexpr MarkovQueue kFirst = {.arrival_rate = kArrivalRate, .service_rate = 1 / 0.010};
constexpr MarkovQueue kSecond = {.arrival_rate = kArrivalRate, .service_rate = 1 / 0.012};

Estimate Wait(const std::vector<Span>& spans) {
  return BatchMeans(Each(spans, [](const Span& span) { return InSeconds(span.queue_wait); }));
}

// For each span, whether all earlier `others` (in order of arrival at a single server) had left
// when it arrived.
std::vector<double> FoundNone(const std::vector<Span>& spans, const std::vector<Span>& others) {
  std::vector<double> found;
  std::size_t next = 0;
  sim::VirtualTime gone;
  for (const Span& span : spans) {
    for (; next < others.size() && others[next].arrival <= span.arrival; ++next) {
      gone = std::max(gone, others[next].end);
    }
    found.push_back(gone <= span.arrival ? 1 : 0);
  }
  return found;
}

// Jackson, "Networks of Waiting Lines", Operations Research 5 (1957): each station is as if alone
// under Poisson arrivals, and their numbers are independent at any time. Harchol-Balter, chapter
// 17. That an arrival sees what is there on average: her chapter 13.
TEST(Networks, StationsInARowAreIndependentMM1) {
  const Recording recording("tandem.yaml");
  const std::vector<Span> first = recording.Arrivals("first");
  const std::vector<Span> second = recording.Arrivals("second");
  ExpectAgreement("mean wait at the first, s", Wait(first), MeanWait(kFirst));
  ExpectAgreement("mean wait at the second, s", Wait(second), MeanWait(kSecond));
  ExpectDisagreement("mean wait at the second, s", Wait(second), 1.1 * MeanWait(kSecond));
  std::vector<double> both_idle = FoundNone(first, second);
  ExpectAgreement("second idle", BatchMeans(both_idle), 1 - kSecond.utilisation());
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i].queue_wait > sim::Duration()) both_idle[i] = 0;
  }
  ExpectAgreement("both idle", BatchMeans(both_idle),
                  (1 - kFirst.utilisation()) * (1 - kSecond.utilisation()));
}

// Reich, "Waiting Times When Queues Are in Tandem", Annals of Mathematical Statistics 28 (1957).
TEST(Networks, TimesOfOneCustomerAtTwoStationsAreIndependent) {
  const Recording recording("tandem.yaml");
  std::unordered_map<std::uint64_t, double> second;  // by request
  for (const Span& span : recording.Arrivals("second")) {
    second[span.request.ordinal] = InSeconds(span.duration());
  }
  const double mean_first = MeanWait(kFirst) + 1 / kFirst.service_rate;
  const double mean_second = MeanWait(kSecond) + 1 / kSecond.service_rate;
  std::vector<double> products;
  for (const Span& span : recording.Arrivals("first")) {
    const auto found = second.find(span.request.ordinal);
    if (found == second.end()) continue;
    products.push_back((InSeconds(span.duration()) / mean_first - 1) *
                       (found->second / mean_second - 1));
  }
  const Estimate covariance = BatchMeans(products);
  ExpectAgreement("covariance of times, relative", covariance, 0);
  ExpectDisagreement("covariance of times, relative", covariance, 0.1);
}

TEST(Networks, UsersWhoWaitForAnswersAreTheMachineRepairModel) {
  constexpr int kUsers = 20;
  constexpr double kThink = 0.150;
  constexpr double kService = 0.010;
  const ClosedLoop expected = MachineRepair(kUsers, kThink, kService);
  for (const std::string think : {"{exponential: 150ms}", "150ms"}) {
    const Recording recording("closed_loop.yaml", {"--set", "users.crowd.think_time=" + think});
    const std::vector<Span> spans = recording.Arrivals("station");
    const std::string with = ", think time " + think;
    std::vector<double> seconds(static_cast<std::size_t>(InSeconds(spans.back().arrival)));
    for (const Span& span : spans) {
      const auto second = static_cast<std::size_t>(InSeconds(span.arrival));
      if (second < seconds.size()) ++seconds[second];
    }
    ExpectAgreement("requests a second" + with, BatchMeans(seconds), expected.throughput);
    ExpectAgreement("mean wait, s" + with, Wait(spans), expected.response - kService);
    ExpectDisagreement("mean wait, s" + with, Wait(spans),
                       MachineRepair(kUsers + 1, kThink, kService).response - kService);
  }
}

// The mean of the longer of two exponential times: both means less that of the shorter. Ross,
// Introduction to Probability Models (2019), section 5.2.
TEST(Networks, ParallelCallsTakeAsLongAsTheLonger) {
  constexpr double kOne = 0.010;
  constexpr double kOther = 0.020;
  constexpr double kHopsAndOwnWork = 3e-6;
  const std::vector<Span> spans = Recording("fork_join.yaml").Arrivals("caller");
  const Estimate duration =
      BatchMeans(Each(spans, [](const Span& span) { return InSeconds(span.duration()); }));
  ExpectAgreement("mean duration, s", duration,
                  kOne + kOther - 1 / (1 / kOne + 1 / kOther) + kHopsAndOwnWork);
  ExpectDisagreement("mean duration, s", duration, kOther);
}

}  // namespace
}  // namespace groundhog::theory
