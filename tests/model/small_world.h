// Scenarios for the world's tests, built as structs so that a test shows only what matters to it.
#ifndef GROUNDHOG_TESTS_MODEL_SMALL_WORLD_H_
#define GROUNDHOG_TESTS_MODEL_SMALL_WORLD_H_

#include <string>
#include <utility>
#include <vector>

#include "model/scenario/scenario.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

inline DurationDistribution Constantly(sim::Duration value) {
  return {.kind = DurationDistribution::Kind::kConstant, .value = value};
}

inline DurationDistribution Exponentially(sim::Duration mean) {
  return {.kind = DurationDistribution::Kind::kExponential, .value = mean};
}

inline Service SmallService(std::string name, DurationDistribution service_time) {
  Service service;
  service.name = std::move(name);
  service.service_time = service_time;
  service.messages = {"Handled request {request} for user {user} in {duration_ms} ms"};
  return service;
}

inline DependencyPolicy SmallPolicy(std::string callee, sim::Duration timeout,
                                    int retries_max = 0) {
  DependencyPolicy policy;
  policy.service = std::move(callee);
  policy.timeout = timeout;
  policy.retries.max = retries_max;
  policy.retries.backoff_base = sim::Milliseconds(10);
  policy.retries.backoff_max = sim::Seconds(1);
  return policy;
}

// front -> middle -> back at 20 requests a second, flat traffic; 2 hosts each.
inline Scenario SmallScenario() {
  Scenario scenario;
  scenario.name = "small";
  scenario.duration = sim::Minutes(10);
  scenario.network_latency = Exponentially(sim::Microseconds(500));
  scenario.network_latency_min = sim::Microseconds(100);
  scenario.daily.assign(24, 1.0);
  scenario.weekly.assign(7, 1.0);
  for (const char* name : {"front-service", "middle-service", "back-service"}) {
    Service service = SmallService(name, Exponentially(sim::Milliseconds(8)));
    service.hosts = 2;
    service.concurrency = 4;
    service.queue_bound = 16;
    service.log_interval = sim::Seconds(30);
    scenario.services.push_back(service);
  }
  scenario.services[0].dependencies = {SmallPolicy("middle-service", sim::Milliseconds(300), 1)};
  scenario.services[1].dependencies = {SmallPolicy("back-service", sim::Milliseconds(120), 1)};
  scenario.journeys.push_back(
      {.name = "visit",
       .rate_per_second = 20,
       .deadline = sim::Milliseconds(500),
       .root = {.service = "front-service",
                .calls = {{.service = "middle-service",
                           .calls = {{.service = "back-service", .calls = {}}}}}}});
  return scenario;
}

inline Fault SmallFault(Fault::Kind kind, std::string target) {
  Fault fault;
  fault.name = "trouble";
  fault.kind = kind;
  fault.target = std::move(target);
  fault.at = sim::Minutes(3);
  fault.duration = sim::Minutes(2);
  fault.rate = 1;
  return fault;
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_SMALL_WORLD_H_
