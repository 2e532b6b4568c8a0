// A small world in which everything happens at once: every mechanism of the model and every kind of
// fault, so that a property which holds for it holds for all of them together.
#ifndef GROUNDHOG_TESTS_MODEL_DEEP_WORLD_H_
#define GROUNDHOG_TESTS_MODEL_DEEP_WORLD_H_

#include <string>
#include <utility>

#include "model/scenario/scenario.h"
#include "sim/time.h"
#include "tests/model/small_world.h"

namespace groundhog::model {

inline Fault DeepFault(std::string name, Fault::Kind kind, std::string target, int minute) {
  Fault fault = SmallFault(kind, std::move(target));
  fault.name = std::move(name);
  fault.at = sim::Minutes(minute);
  fault.duration = sim::Seconds(50);
  fault.every = sim::Minutes(7);
  return fault;
}

inline void AddDeepFaults(Scenario* scenario) {
  using Kind = Fault::Kind;
  Fault crash = DeepFault("crash", Kind::kCrash, "middle-service", 1);
  crash.hosts = {1, 2};
  Fault latency = DeepFault("slow", Kind::kLatency, "back-service", 2);
  latency.factor = 12;
  latency.ramp = sim::Seconds(20);
  Fault errors = DeepFault("errors", Kind::kErrorRate, "back-service", 6);
  errors.rate = 0.5;
  Fault capacity = DeepFault("capacity", Kind::kCapacity, "middle-service", 3);
  capacity.factor = 0.3;
  capacity.ramp = sim::Seconds(15);
  Fault partition = DeepFault("partition", Kind::kPartition, "back-service", 4);
  partition.callers = {"middle-service"};
  Fault loss = DeepFault("loss", Kind::kLoss, "middle-service", 0);
  loss.rate = 0.15;
  Fault surge = DeepFault("surge", Kind::kSurge, "front-service", 5);
  surge.factor = 4;
  surge.ramp = sim::Seconds(20);
  Fault deploy = DeepFault("deploy", Kind::kDeploy, "back-service", 0);
  deploy.at = sim::Seconds(20);
  deploy.duration = sim::Seconds(100);
  deploy.restart = sim::Seconds(8);
  deploy.pause = sim::Seconds(12);
  deploy.rate = 0.2;
  deploy.factor = 1.5;
  Fault skew = DeepFault("skew", Kind::kClockSkew, "front-service", 3);
  skew.skew = sim::Seconds(2);
  skew.direction = Fault::Direction::kBehind;
  skew.ramp = sim::Seconds(25);
  Fault outage = DeepFault("outage", Kind::kOutage, "mail-service", 2);
  outage.zones = {"east"};
  Fault at_random = DeepFault("at-random", Kind::kOutage, "back-service", 0);
  at_random.mtbf = sim::Minutes(2);
  at_random.mttr = sim::Seconds(10);
  at_random.hosts = {3};
  scenario->faults = {crash, latency, errors, capacity, partition, loss,
                      surge, deploy,  skew,   outage,   at_random};
}

inline void AddDeepPolicies(Scenario* scenario) {
  Service& front = scenario->services[0];
  Service& middle = scenario->services[1];
  Service& back = scenario->services[2];
  Service& mail = scenario->services[4];
  front.concurrency = 24;
  front.shedding.concurrency_limit = 30;
  front.dependencies[0].retries.max = 2;
  front.dependencies[0].retries.budget_percent = 20;
  front.dependencies[0].fallback = DependencyPolicy::Fallback::kDegrade;
  front.dependencies.push_back({.service = "mail-service", .is_async = true});
  middle.balancer = Balancer::kRoundRobin;
  middle.health_check = HealthCheck{.interval = sim::Seconds(4)};
  middle.warm_up = WarmUp{.duration = sim::Seconds(15), .factor = 3};
  middle.shedding.queue_delay = sim::Milliseconds(15);
  middle.dependencies[0].breaker = BreakerPolicy{.calls_min = 10};
  middle.dependencies[0].propagates_deadline = false;
  middle.dependencies.push_back(SmallPolicy("aside-service", sim::Milliseconds(100)));
  middle.dependencies[1].propagates_deadline = false;
  back.concurrency = 1;
  back.queue_bound = 3;
  back.prefers_own_zone = true;
  back.queue_timeout = sim::Milliseconds(25);
  back.warm_up = WarmUp{.duration = sim::Seconds(10), .factor = 2};
  back.service_time.kind = DurationDistribution::Kind::kMixture;
  back.service_time.parts = {Exponentially(sim::Milliseconds(2)),
                             Exponentially(sim::Milliseconds(30))};
  back.service_time.weights = {0.8, 0.2};
  mail.consumers = Consumers{.count = 1, .queue_bound = 2, .deadline = sim::Seconds(1)};
  mail.service_time = Exponentially(sim::Milliseconds(120));
}

// client -> front -> (middle, then back and aside at once) with messages to mail; three hosts each
// in two zones; open-loop traffic with a burst, and closed-loop users.
inline Scenario DeepScenario() {
  Scenario scenario = SmallScenario();
  scenario.name = "deep";
  scenario.cross_zone_latency = Exponentially(sim::Milliseconds(2));
  scenario.zone_links = {{"east", "west", Constantly(sim::Milliseconds(5))}};
  for (const char* name : {"aside-service", "mail-service"}) {
    scenario.services.push_back(SmallService(name, Exponentially(sim::Milliseconds(6))));
  }
  for (Service& service : scenario.services) {
    service.hosts = 3;
    service.zones = {"east", "west"};
    service.concurrency = 4;
    service.queue_bound = 12;
    service.log_interval = sim::Seconds(20);
  }
  AddDeepPolicies(&scenario);
  Call& root = scenario.journeys[0].root;
  root.calls[0].calls.push_back(
      {.service = "aside-service", .is_with_previous = true, .calls = {}});
  root.calls.push_back({.service = "mail-service", .probability = 0.5, .calls = {}});
  scenario.journeys[0].zone = "west";
  scenario.journeys[0].patience = sim::Milliseconds(350);
  scenario.journeys[0].retries.max = 1;
  scenario.journeys[0].retries.backoff_base = sim::Milliseconds(50);
  scenario.journeys[0].retries.backoff_max = sim::Seconds(1);
  scenario.journeys.push_back({.name = "look",
                               .rate_per_second = 0,
                               .deadline = sim::Milliseconds(400),
                               .root = {.service = "front-service", .calls = {}}});
  scenario.bursts = {{.name = "lunch",
                      .journeys = {},
                      .at = sim::Minutes(6),
                      .duration = sim::Minutes(1),
                      .ramp = sim::Seconds(10),
                      .factor = 2}};
  scenario.users = {
      {.name = "people",
       .count = 30,
       .think_time = Exponentially(sim::Seconds(2)),
       .session_pause = Exponentially(sim::Seconds(5)),
       .session = {{.journey = "look", .probability = 0.8, .times = 2}, {.journey = "visit"}}}};
  AddDeepFaults(&scenario);
  return scenario;
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_DEEP_WORLD_H_
