// Random worlds: every mechanism on or off, every kind of fault at any time, with overlaps. Valid,
// and busy enough that everything has an effect.
#ifndef GROUNDHOG_TESTS_MODEL_RANDOM_WORLD_H_
#define GROUNDHOG_TESTS_MODEL_RANDOM_WORLD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "model/scenario/scenario.h"
#include "sim/time.h"
#include "tests/model/deep_world.h"
#include "tests/model/small_world.h"

namespace groundhog::model {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed), seed_(seed) {}

  // Eight minutes of the services and journeys of the deep world.
  Scenario Make() {
    Scenario scenario = DeepScenario();
    scenario.seed = seed_;
    scenario.duration = sim::Minutes(8);
    scenario.zone_links.clear();
    for (Service& service : scenario.services) {
      ChangeHosts(&service);
      ChangeLimits(&service);
      for (DependencyPolicy& policy : service.dependencies) {
        if (!policy.is_async) ChangePolicy(&policy);
      }
    }
    scenario.services[4].consumers = Consumers{
        .count = Whole(1, 3), .queue_bound = Whole(0, 5), .deadline = Milliseconds(20, 500)};
    for (Journey& journey : scenario.journeys) ChangeJourney(&journey);
    scenario.journeys[0].rate_per_second = Whole(5, 40);
    scenario.users[0].count = Whole(1, 40);
    scenario.faults.clear();
    for (int i = Whole(0, 9); i > 0; --i) AddFault(&scenario);
    return scenario;
  }

 private:
  int Whole(int least, int most) {
    const auto count = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) + 1;
    return least + static_cast<int>(random_() % count);
  }
  bool Chance(int percent) { return Whole(0, 99) < percent; }
  sim::Duration Milliseconds(int least, int most) { return sim::Milliseconds(Whole(least, most)); }

  void ChangeHosts(Service* service) {
    service->hosts = Whole(1, 3);
    service->zones = {"east"};
    if (service->hosts > 1) service->zones.emplace_back("west");
    service->prefers_own_zone = Chance(30);
    service->balancer = static_cast<Balancer>(Whole(0, 3));
    service->health_check.reset();
    if (Chance(30)) service->health_check = HealthCheck{.interval = Milliseconds(500, 9'000)};
    service->warm_up.reset();
    if (Chance(30)) service->warm_up = WarmUp{.duration = Milliseconds(1'000, 30'000)};
    service->log_interval = Chance(20) ? sim::Duration() : Milliseconds(1'000, 30'000);
  }

  void ChangeLimits(Service* service) {
    service->concurrency = Whole(1, 8);
    service->queue_bound = Whole(0, 12);
    service->queue_timeout.reset();
    if (Chance(30)) service->queue_timeout = Milliseconds(1, 50);
    if (Chance(30)) service->time_limit = Milliseconds(5, 200);
    service->shedding = {};
    if (Chance(20)) service->shedding.concurrency_limit = Whole(1, 16);
    if (Chance(20)) service->shedding.queue_delay = Milliseconds(0, 30);
    const sim::Duration work = Milliseconds(1, 20);
    service->service_time = Chance(50) ? Exponentially(work) : Constantly(work);
    if (!Chance(30)) return;
    service->errors = {
        {.code = "ERR_402", .rate = 0.1, .retryable = Chance(50), .messages = {"no"}}};
  }

  void ChangePolicy(DependencyPolicy* policy) {
    policy->timeout = Milliseconds(5, 300);
    policy->propagates_deadline = Chance(60);
    policy->cancels = Chance(70);
    policy->retries.max = Whole(0, 3);
    policy->retries.backoff_base = Milliseconds(0, 30);
    policy->retries.budget_percent.reset();
    if (Chance(50)) policy->retries.budget_percent = Whole(0, 50);
    policy->fallback = static_cast<DependencyPolicy::Fallback>(Whole(0, 1));
    policy->breaker.reset();
    if (Chance(40)) {
      policy->breaker = BreakerPolicy{.failure_rate = 0.3,
                                      .window = Milliseconds(1'000, 10'000),
                                      .calls_min = Whole(1, 20),
                                      .open_time = Milliseconds(100, 9'000),
                                      .probes = Whole(1, 3)};
    }
  }

  void ChangeJourney(Journey* journey) {
    journey->deadline = Milliseconds(50, 600);
    journey->patience.reset();
    if (Chance(60)) journey->patience = std::min(journey->deadline, Milliseconds(20, 600));
    journey->cancels = Chance(60);
    journey->retries.max = Whole(0, 3);
    journey->retries.backoff_base = Milliseconds(0, 100);
    journey->retries.backoff_max = sim::Milliseconds(300);
    journey->zone = Chance(50) ? "east" : "";
  }

  void AddFault(Scenario* scenario) {
    Fault fault;
    fault.name = "fault" + std::to_string(scenario->faults.size());
    const auto kinds = static_cast<int>(kFaultKinds.rows().size());
    fault.kind = static_cast<Fault::Kind>(Whole(0, kinds - 1));
    const FaultKind& kind = kFaultKinds[fault.kind];
    const bool is_surge = fault.kind == Fault::Kind::kSurge;
    const Service& target =
        scenario->services[is_surge ? 0 : static_cast<std::size_t>(Whole(0, 4))];
    fault.target = target.name;
    fault.at = Chance(10) ? sim::Duration() : Milliseconds(0, 300'000);
    fault.duration = Milliseconds(1'000, 100'000);
    if (fault.kind == Fault::Kind::kDeploy) {
      FillDeploy(&fault, target.hosts);
    } else {
      if (kind.hits_hosts && Chance(50)) fault.hosts = {Whole(1, target.hosts)};
      FillStrength(&fault);
    }
    if (Chance(30)) fault.every = fault.duration + (Chance(40) ? sim::Duration() : fault.at);
    if (kind.may_be_random && fault.ramp == sim::Duration() && Chance(20)) {
      fault.mtbf = Milliseconds(1'000, 200'000);
      fault.mttr = Milliseconds(100, 20'000);
      fault.duration = fault.every = {};
    }
    scenario->faults.push_back(fault);
  }

  void FillDeploy(Fault* fault, int hosts) {
    fault->restart = Milliseconds(100, 9'000);
    fault->pause = Milliseconds(0, 9'000);
    fault->drain = Milliseconds(0, 5'000);
    fault->at_once = Whole(1, hosts);
    fault->factor = 1.5;
    fault->rate = 0.1;
    const int steps = (hosts + fault->at_once - 1) / fault->at_once;
    fault->duration =
        std::max(fault->duration, fault->drain + (fault->restart + fault->pause) * steps);
  }

  void FillStrength(Fault* fault) {
    using Kind = Fault::Kind;
    fault->rate = Chance(50) ? 1 : 0.3;
    fault->factor = fault->kind == Kind::kCapacity ? 0.3 : Whole(2, 8);
    fault->skew = Milliseconds(1, 5'000);
    if (kFaultKinds[fault->kind].has_ramp && Chance(40))
      fault->ramp = fault->duration / Whole(2, 6);
  }

  std::mt19937_64 random_;
  std::uint64_t seed_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_RANDOM_WORLD_H_
