// Balancers against theory: one caller, which sees all the load, in front of many single servers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/theory/claims.h"
#include "tests/theory/formulas.h"
#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

constexpr double kUtilisation = 0.8;
constexpr double kServiceSeconds = 0.1;  // the scenario's
constexpr int kWindows = 310;

struct Farm {
  std::string balancer;
  int hosts = 1'000;
  std::string duration;
};

std::vector<Span> Customers(const Farm& farm) {
  const double rate = kUtilisation * farm.hosts / kServiceSeconds;
  return Recording("many_hosts.yaml", {"--set", "services.farm.balancer=" + farm.balancer, "--set",
                                       "services.farm.hosts=" + std::to_string(farm.hosts), "--set",
                                       "journeys.customer.rate=" + std::to_string(rate) + "/s",
                                       "--duration", farm.duration})
      .Arrivals("farm");
}

Estimate TimeInSystem(const std::vector<Span>& spans) {
  return BatchMeans(
      Each(spans, [](const Span& span) { return InSeconds(span.duration()) / kServiceSeconds; }));
}

// The average share of hosts that hold at least `count` spans. A host's single server takes them in
// order, so the host holds that many from the arrival of the span that is count - 1 places behind
// the one in service until the latter ends.
Estimate ShareOfHostsHolding(std::size_t count, const std::vector<Span>& spans) {
  std::map<sim::EntityId, std::vector<Span>> by_host;
  for (const Span& span : spans) by_host[span.host].push_back(span);
  std::vector<Span> stretches;
  for (const auto& [host, own] : by_host) {
    sim::VirtualTime begun;
    for (std::size_t i = 0; i + count <= own.size(); ++i) {
      const sim::VirtualTime from = std::max(begun, own[i + count - 1].arrival);
      if (from < own[i].end) stretches.push_back({.arrival = from, .end = own[i].end});
      begun = own[i].end;
    }
  }
  std::vector<double> numbers = NumberInSystem(stretches, ArrivalsPeriod(spans), kWindows);
  for (double& number : numbers) number /= static_cast<double>(by_host.size());
  return BatchMeans(numbers);
}

TEST(Balancing, RandomChoiceIsManyMM1) {
  const std::vector<Span> spans = Customers({.balancer = "random", .hosts = 20, .duration = "96m"});
  // Kleinrock 3.2: 1 / (1 - rho) service times; rho^i of the hosts hold i or more.
  ExpectAgreement("mean time in system, services", TimeInSystem(spans), 1 / (1 - kUtilisation));
  for (const int count : {1, 2, 4, 8}) {
    ExpectAgreement("share of hosts with " + std::to_string(count) + " or more",
                    ShareOfHostsHolding(static_cast<std::size_t>(count), spans),
                    std::pow(kUtilisation, count));
  }
}

TEST(Balancing, TwoChoicesHaveADoublyExponentialTail) {
  const std::vector<Span> spans = Customers({.balancer = "power_of_two", .duration = "3m"});
  ExpectAgreement("mean time in system, services", TimeInSystem(spans),
                  TwoChoicesMeanTime(kUtilisation));
  ExpectDisagreement("mean time in system, services", TimeInSystem(spans),
                     TwoChoicesMeanTime(kUtilisation + 0.01));
  for (const int count : {1, 2, 3, 4}) {
    ExpectAgreement("share of hosts with " + std::to_string(count) + " or more",
                    ShareOfHostsHolding(static_cast<std::size_t>(count), spans),
                    TwoChoicesTail(kUtilisation, count));
  }
}

TEST(Balancing, RoundRobinGivesEachHostEveryKthArrival) {
  constexpr int kHosts = 4;
  const std::vector<Span> spans =
      Customers({.balancer = "round_robin", .hosts = kHosts, .duration = "5h"});
  const MarkovQueue queue = {.arrival_rate = kUtilisation / kServiceSeconds,
                             .service_rate = 1 / kServiceSeconds};
  const Estimate wait =
      BatchMeans(Each(spans, [](const Span& span) { return InSeconds(span.queue_wait); }));
  ExpectAgreement("mean wait, s", wait, MeanWaitAtEveryKth(queue, kHosts));
  ExpectDisagreement("mean wait, s", wait, MeanWaitAtEveryKth(queue, kHosts / 2));
}

}  // namespace
}  // namespace groundhog::theory
