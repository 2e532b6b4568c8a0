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
  cross_zone: {p50: 10ms, p99: 20ms}
  links:
    - {between: [eu, us], latency: 40ms}
traffic:
  daily: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
  weekly: [1, 1, 1, 1, 1, 0.5, 0.5]
  bursts:
    lunch: {journeys: [buy], time_of_day: "12:00", for: 1h, every: 24h, ramp: 10m, factor: 1.5}
    sale: {at: 5h, for: 30m, factor: 3}
services:
  caller:
    hosts: 3
    zones: [eu, us]
    prefer_own_zone: true
    concurrency: 8
    queue: 32
    queue_timeout: 200ms
    balancer: random
    shedding: {concurrency_limit: 30, queue_delay: 20ms, window: 50ms}
    warm_up: {for: 2m, factor: 4}
    health_check: {interval: 2s, unhealthy_after: 4, healthy_after: 1}
    time_limit: 10s
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
          budget_percent: 20
        fallback: degrade
        breaker: {failure_rate: 0.4, window: 20s, calls_min: 10, open: 3s, probes: 2}
        propagate_deadline: false
        cancel: false
      steady: {timeout: 50ms}
      mailer: {async: true}
  callee:
    hosts: 3
    zones: [asia]
    service_time: {lognormal: {p50: 8ms, sigma: 0.5}}
  steady:
    service_time: {constant: 3ms}
    dependencies: {callee: {timeout: 40ms}}
  random:
    service_time: {exponential: 5ms}
  mailer:
    consumers: {count: 2, queue: 100, deadline: 20s}
    service_time:
      mixture:
        - {weight: 9, p50: 2ms, p95: 3ms, p99: 5ms, max: 9ms}
        - {weight: 1, constant: 40ms}
        - {weight: 2, exponential: 6ms}
        - {weight: 3, lognormal: {p50: 7ms, sigma: 1}}
journeys:
  buy:
    rate: 0.3/s
    deadline: 500ms
    entry:
      service: caller
      calls:
        - {service: callee, probability: 0.9, calls: []}
        - steady
        - parallel: [steady, {service: mailer, probability: 0.5}, callee]
    zone: us
    client: {patience: 400ms, retries: {max: 1, backoff: {base: 500ms, max: 4s}}, cancel: false}
  look:
    rate: 0/s
    deadline: 1s
    entry: {service: caller}
  browse: {rate: 1/s, deadline: 1s, entry: caller}
users:
  shoppers:
    count: 40
    think_time: {exponential: 5s}
    session_pause: {p50: 1m, p99: 10m}
    session:
      - look
      - {journey: buy, probability: 0.4, times: 2}
faults:
  down: {kind: outage, target: callee, at: 3h, for: 20m, every: 24h, rate: 0.8}
  slow: {kind: latency, target: caller, hosts: [1, 3], factor: 8, time_of_day: "10:15", for: 30m,
         ramp: 5m}
  errors: {kind: error_rate, target: steady, rate: 0.3, code: ERR_503, at: 2h, for: 10m}
  crashes: {kind: crash, target: caller, mtbf: 4h, mttr: 5m}
  squeezed: {kind: capacity, target: caller, zones: [eu], factor: 0.5, at: 1h, for: 1h}
  cut: {kind: partition, target: callee, callers: [caller], at: 4h, for: 5m}
  noisy: {kind: loss, target: callee, callers: [caller], rate: 0.1, at: 5h, for: 5m}
  crowd: {kind: surge, target: caller, journeys: [buy], factor: 10, at: 6h, for: 20m, ramp: 10m}
  release: {kind: deploy, target: caller, at: 7h, for: 10m, factor: 1.5, rate: 0.02, code: ERR_505,
            restart: 20s, pause: 40s, drain: 3s, at_once: 2}
  drift: {kind: clock_skew, target: callee, hosts: [2], skew: 90s, direction: behind, at: 8h,
          for: 1h, ramp: 20m}
)";

}  // namespace groundhog::model

#endif  // GROUNDHOG_TESTS_MODEL_FULL_SCENARIO_H_
