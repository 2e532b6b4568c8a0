// One station under Poisson arrivals against the formulas of queueing theory: waiting times,
// blocking, numbers in the system, measured in the trace.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/theory/claims.h"
#include "tests/theory/formulas.h"
#include "tests/theory/recording.h"

namespace groundhog::theory {
namespace {

constexpr double kServiceRate = 100;  // the scenario's: services of 10 ms

struct Station {
  double arrival_rate = 70;
  int servers = 1;
  int waiting_places = 1'000'000;
  std::string service_time = "{exponential: 10ms}";
  std::string duration = "3h";
};

MarkovQueue QueueOf(const Station& station) {
  return {.arrival_rate = station.arrival_rate,
          .service_rate = kServiceRate,
          .servers = station.servers};
}

// The station's spans in order of arrival; `arguments`: further ones for the program.
std::vector<Span> Customers(const Station& station, std::vector<std::string> arguments = {}) {
  arguments.insert(
      arguments.end(),
      {"--set", "journeys.customer.rate=" + std::to_string(station.arrival_rate) + "/s", "--set",
       "services.station.concurrency=" + std::to_string(station.servers), "--set",
       "services.station.queue=" + std::to_string(station.waiting_places), "--set",
       "services.station.service_time=" + station.service_time, "--duration", station.duration});
  return Recording("single_queue.yaml", arguments).Arrivals("station");
}

Estimate Wait(const std::vector<Span>& spans) {
  return BatchMeans(Each(spans, [](const Span& span) { return InSeconds(span.queue_wait); }));
}

Estimate LongerWait(const std::vector<Span>& spans, double seconds) {
  return BatchMeans(Each(spans, [seconds](const Span& span) {
    return InSeconds(span.queue_wait) > seconds ? 1.0 : 0.0;
  }));
}

Estimate TurnedAway(const std::vector<Span>& spans) {
  return BatchMeans(Each(spans, [](const Span& span) { return span.failed() ? 1.0 : 0.0; }));
}

TEST(Queues, SingleExponentialServerIsMM1) {
  const Station station;
  const MarkovQueue queue = QueueOf(station);
  const std::vector<Span> spans = Customers(station);
  ExpectAgreement("mean wait, s", Wait(spans), MeanWait(queue));
  for (const double seconds : {0.0, 0.02, 0.05, 0.1}) {
    ExpectAgreement("P(wait > " + std::to_string(seconds) + " s)", LongerWait(spans, seconds),
                    ProbabilityOfLongerWait(queue, seconds));
  }
  // Kleinrock 3.2: rho / (1 - rho).
  ExpectAgreement("mean number in the system",
                  BatchMeans(NumberInSystem(spans, ArrivalsPeriod(spans), 310)), 0.7 / 0.3);
  ExpectDisagreement("mean wait, s", Wait(spans),
                     MeanWait({.arrival_rate = 73, .service_rate = kServiceRate}));
}

TEST(Queues, ManyServersWaitAsErlangCSays) {
  const Station station = {.arrival_rate = 320, .servers = 4, .duration = "1h"};
  const MarkovQueue queue = QueueOf(station);
  const std::vector<Span> spans = Customers(station);
  ExpectAgreement("mean wait, s", Wait(spans), MeanWait(queue));
  for (const double seconds : {0.0, 0.005, 0.02}) {
    ExpectAgreement("P(wait > " + std::to_string(seconds) + " s)", LongerWait(spans, seconds),
                    ProbabilityOfLongerWait(queue, seconds));
  }
  ExpectDisagreement("mean wait, s", Wait(spans),
                     MeanWait({.arrival_rate = 320, .service_rate = 100, .servers = 5}));
}

TEST(Queues, HalfTheCapacityIsHalfTheServers) {
  const std::vector<Span> spans = Customers(
      {.arrival_rate = 150, .servers = 4, .duration = "1h"},
      {"--set", "faults={half: {kind: capacity, target: station, factor: 0.5, at: 0s, for: 1d}}"});
  const MarkovQueue queue = {.arrival_rate = 150, .service_rate = kServiceRate, .servers = 2};
  ExpectAgreement("mean wait, s", Wait(spans), MeanWait(queue));
  ExpectAgreement("P(wait > 0)", LongerWait(spans, 0), ProbabilityOfLongerWait(queue, 0));
  ExpectDisagreement("mean wait, s", Wait(spans), 1.1 * MeanWait(queue));
}

TEST(Queues, WithoutWaitingPlacesErlangBIsTurnedAway) {
  for (const std::string service_time :
       {"{exponential: 10ms}", "10ms", "{lognormal: {p50: 6065307ns, sigma: 1}}"}) {
    const Station station = {.arrival_rate = 400,
                             .servers = 5,
                             .waiting_places = 0,
                             .service_time = service_time,
                             .duration = "20m"};
    const std::vector<Span> spans = Customers(station);
    ExpectAgreement("blocked share, service " + service_time, TurnedAway(spans), ErlangB(5, 4));
    ExpectDisagreement("blocked share", TurnedAway(spans), ErlangB(5, 4.1));
  }
}

TEST(Queues, FewWaitingPlacesAreMM1K) {
  constexpr int kPlaces = 6;
  for (const double arrival_rate : {90.0, 125.0}) {
    const Station station = {
        .arrival_rate = arrival_rate, .waiting_places = kPlaces - 1, .duration = "90m"};
    const MarkovQueue queue = QueueOf(station);
    std::vector<Span> spans = Customers(station);
    const std::string at = " at utilisation " + std::to_string(queue.utilisation());
    ExpectAgreement("blocked share" + at, TurnedAway(spans), ProbabilityFull(queue, kPlaces));
    ExpectDisagreement("blocked share", TurnedAway(spans), ProbabilityFull(queue, kPlaces + 1));
    std::erase_if(spans, [](const Span& span) { return span.failed(); });
    ExpectAgreement("mean wait of the others, s" + at, Wait(spans),
                    MeanWaitOfAdmitted(queue, kPlaces));
  }
}

TEST(Queues, ConstantServiceIsMD1) {
  const std::vector<Span> spans = Customers({.service_time = "10ms"});
  ExpectAgreement("mean wait, s", Wait(spans), PollaczekKhinchineWait(70, ConstantMoments(0.01)));
  ExpectAgreement("P(wait > 0)", LongerWait(spans, 0), 0.7);
  ExpectDisagreement("mean wait, s", Wait(spans),
                     MeanWait({.arrival_rate = 70, .service_rate = kServiceRate}));
}

TEST(Queues, LognormalServiceIsMG1) {
  const std::vector<Span> spans =
      Customers({.service_time = "{lognormal: {p50: 6065307ns, sigma: 1}}", .duration = "5h"});
  const ServiceMoments service = LognormalMoments(0.006065307, 1);
  ExpectAgreement("mean wait, s", Wait(spans), PollaczekKhinchineWait(70, service));
  ExpectAgreement("P(wait > 0)", LongerWait(spans, 0), 70 * service.mean);
  ExpectDisagreement("mean wait, s", Wait(spans),
                     MeanWait({.arrival_rate = 70, .service_rate = kServiceRate}));
}

TEST(Queues, ServiceByQuantilesIsMG1) {
  const std::vector<Span> spans =
      Customers({.service_time = "{p50: 7ms, p95: 20ms, p99: 40ms}", .duration = "5h"});
  const ServiceMoments service = QuantileMoments(0.007, 0.020, 0.040);
  ExpectAgreement(
      "mean own work, s",
      BatchMeans(Each(
          spans, [](const Span& span) { return InSeconds(span.duration() - span.queue_wait); })),
      service.mean);
  ExpectAgreement("mean wait, s", Wait(spans), PollaczekKhinchineWait(70, service));
  ExpectDisagreement("mean wait, s", Wait(spans),
                     PollaczekKhinchineWait(70, ConstantMoments(service.mean)));
}

TEST(Queues, AMixtureOfServicesWaitsAsPollaczekAndKhinchineSay) {
  const std::vector<Span> spans =
      Customers({.service_time = "{mixture: [{weight: 9, exponential: 5ms}, "
                                 "{weight: 1, exponential: 55ms}]}",
                 .duration = "5h"});
  const ServiceMoments service = HyperexponentialMoments(0.9, 0.005, 0.055);
  ExpectAgreement("mean wait, s", Wait(spans), PollaczekKhinchineWait(70, service));
  ExpectDisagreement("mean wait, s", Wait(spans),
                     MeanWait({.arrival_rate = 70, .service_rate = kServiceRate}));
}

TEST(Queues, WithATimeoutCustomersLeaveAsBarrerSays) {
  const Station station = {.arrival_rate = 90};
  const std::vector<Span> spans =
      Customers(station, {"--set", "services.station.queue_timeout=50ms"});
  const MarkovQueue queue = QueueOf(station);
  ExpectAgreement("share that leaves", TurnedAway(spans), ProbabilityOfLeaving(queue, 0.05));
  ExpectDisagreement("share that leaves", TurnedAway(spans), ProbabilityOfLeaving(queue, 0.055));
}

TEST(Queues, ALimitOnConcurrencyIsMM1K) {
  const Station station = {.arrival_rate = 90, .duration = "90m"};
  const std::vector<Span> spans =
      Customers(station, {"--set", "services.station.shedding.concurrency_limit=6"});
  ExpectAgreement("shed share", TurnedAway(spans), ProbabilityFull(QueueOf(station), 6));
  ExpectDisagreement("shed share", TurnedAway(spans), ProbabilityFull(QueueOf(station), 7));
}

}  // namespace
}  // namespace groundhog::theory
