// A scenario that has every key once, for tests that change one of them.
#ifndef GROUNDHOG_TESTS_MODEL_FULL_SCENARIO_H_
#define GROUNDHOG_TESTS_MODEL_FULL_SCENARIO_H_

#include <string_view>

namespace groundhog::model {

inline constexpr std::string_view kFullScenario = R"(name: full
description: every key once
seed: 7
start: 2025-01-06T06:00:00Z
duration: 12h
log_interval: 20s
network:
  latency: {p50: 400us, p99: 2ms}
  min: 100us
traffic:
  daily: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
  weekly: [1, 1, 1, 1, 1, 0.5, 0.5]
services:
  caller:
    hosts: 3
    concurrency: 8
    queue: 32
    balancer: random
    service_time: {p50: 4ms, p95: 9ms, p99: 15ms, max: 60ms}
    slow: 100ms
    log_interval: 10s
    degraded: {error_share: 0.1}
    errors:
      ERR_402:
        rate: 0.01
        retry: false
        messages: ["Card of user {user} declined"]
    messages: ["Called {dependency} in {duration_ms} ms"]
    dependencies:
      callee:
        timeout: 120ms
        retries:
          max: 2
          backoff: {base: 20ms, multiplier: 3, max: 2s, jitter: none}
        fallback: degrade
      steady: {timeout: 50ms}
  callee:
    service_time: {lognormal: {p50: 8ms, sigma: 0.5}}
  steady:
    service_time: {constant: 3ms}
  random:
    service_time: {exponential: 5ms}
journeys:
  buy:
    rate: 0.3/s
    deadline: 500ms
    entry:
      service: caller
      calls:
        - {service: callee, probability: 0.9, calls: []}
        - steady
faults:
  down: {kind: outage, target: callee, at: 3h, for: 20m, every: 24h, rate: 0.8}
  slow: {kind: latency, target: caller, hosts: [1, 3], factor: 8, time_of_day: "10:15", for: 30m}
  errors: {kind: error_rate, target: steady, rate: 0.3, code: ERR_503, at: 2h, for: 10m}
)";

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_FULL_SCENARIO_H_
