// The scenario: a world as its author wrote it, parsed into plain structs with every default filled
// in. Parsing and checking (parse/parser.h) make these; the world (world.h) reads them. They
// hold names, not indices, and no behaviour. docs/SCENARIO.md documents every key.
#ifndef GROUNDHOG_MODEL_SCENARIO_SCENARIO_H_
#define GROUNDHOG_MODEL_SCENARIO_SCENARIO_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/scenario/claim.h"
#include "model/scenario/fault.h"
#include "sim/time.h"
#include "text/enum_names.h"

namespace groundhog::model {

// A duration's distribution. In YAML a bare duration is a constant, {p50, p95, p99, max} are
// quantiles, {exponential: MEAN}, {lognormal: {p50, sigma}}, {constant: D}, and
// {mixture: [{weight: W, and one of these}, ...]}.
struct DurationDistribution {
  enum class Kind { kConstant, kExponential, kLognormal, kQuantiles, kMixture };
  Kind kind = Kind::kConstant;
  sim::Duration value;               // kConstant: the value; kExponential: the mean
  sim::Duration p50;                 // kLognormal, kQuantiles
  std::optional<sim::Duration> p95;  // kQuantiles
  sim::Duration p99;                 // kQuantiles
  std::optional<sim::Duration> max;  // kQuantiles
  double sigma = 0;                  // kLognormal: of the logarithm
  // kMixture: each with its weight, > 0; parts are no mixtures themselves. At least two.
  std::vector<DurationDistribution> parts;
  std::vector<double> weights;
  bool operator==(const DurationDistribution&) const = default;
};

// A failure of a service's own making: a declined card, a missing user, a bug.
struct OwnError {
  std::string code = "ERR_500";       // ERR_nnn
  double rate = 0;                    // share of spans that fail so, 0 to 1
  bool retryable = true;              // whether a caller's retry policy applies
  std::vector<std::string> messages;  // templates, at least one
  bool operator==(const OwnError&) const = default;
};

enum class Jitter { kFull, kNone };
inline constexpr text::EnumNames kJitterNames(
    std::to_array<text::EnumName<Jitter>>({{Jitter::kFull, "full"}, {Jitter::kNone, "none"}}));

// Further attempts after a failed one: of a service's call, or of a client's request.
struct RetryPolicy {
  int max = 0;  // further attempts after the first
  // The pause before attempt n + 1: base * multiplier^(n - 1), at most backoff_max.
  sim::Duration backoff_base = sim::Milliseconds(10);
  double backoff_multiplier = 2;
  sim::Duration backoff_max = sim::Seconds(1);
  Jitter backoff_jitter = Jitter::kFull;  // kFull: uniform in (0, backoff] instead of backoff
  // Retries that one calling host may make for every 100 calls of this dependency (a token bucket
  // that holds at most 10 retries and starts full); nullopt: as many as `max` says.
  std::optional<double> budget_percent;
  bool operator==(const RetryPolicy&) const = default;
};

// A circuit breaker, of one calling host for one dependency. Closed: counts the attempts of the
// last `window`. Open once at least `calls_min` of them ended and the share that failed is
// `failure_rate` or more: attempts fail at once, unsent. After `open_time` half open: `probes`
// attempts are let through, the rest fail at once; all of them well: closed; one bad: open again.
struct BreakerPolicy {
  double failure_rate = 0.5;
  sim::Duration window = sim::Seconds(10);
  int calls_min = 20;
  sim::Duration open_time = sim::Seconds(5);
  int probes = 3;
  bool operator==(const BreakerPolicy&) const = default;
};

// How a service calls one of its dependencies.
struct DependencyPolicy {
  std::string service;    // the callee
  sim::Duration timeout;  // of one attempt; none if is_async
  RetryPolicy retries;
  enum class Fallback { kFail, kDegrade };
  Fallback fallback = Fallback::kFail;  // after the last attempt: fail too, or go on degraded
  std::optional<BreakerPolicy> breaker;
  // The callee's span ends by the attempt's deadline; else only by its own service's time limit.
  bool propagates_deadline = true;
  // A caller that gives up sends the callee a cancellation, which ends its span.
  bool cancels = true;
  // The caller hands over a message and goes on at once: the callee's consumers
  // (Service::consumers) take it from their queue. Has none of the above but its defaults.
  bool is_async = false;
  bool operator==(const DependencyPolicy&) const = default;
};
inline constexpr text::EnumNames kFallbackNames(
    std::to_array<text::EnumName<DependencyPolicy::Fallback>>(
        {{DependencyPolicy::Fallback::kFail, "fail"},
         {DependencyPolicy::Fallback::kDegrade, "degrade"}}));

enum class Balancer { kRandom, kPowerOfTwo, kLeastOutstanding, kRoundRobin };
inline constexpr text::EnumNames kBalancerNames(
    std::to_array<text::EnumName<Balancer>>({{Balancer::kRandom, "random"},
                                             {Balancer::kPowerOfTwo, "power_of_two"},
                                             {Balancer::kLeastOutstanding, "least_outstanding"},
                                             {Balancer::kRoundRobin, "round_robin"}}));

// When a host turns spans away although its queue has room.
struct SheddingPolicy {
  // The most spans, working and waiting together; nullopt: no such limit.
  std::optional<int> concurrency_limit;
  // Sheds what would have to wait while every span that got a slot within the last `window` had
  // waited longer than `queue_delay`; nullopt: never.
  std::optional<sim::Duration> queue_delay;
  sim::Duration window = sim::Milliseconds(100);
  bool operator==(const SheddingPolicy&) const = default;
};

// A host that comes back from a crash or a deploy works slower at first: its own work takes
// `factor` times longer, falling linearly to 1 over `duration`.
struct WarmUp {
  sim::Duration duration;
  double factor = 3;
  bool operator==(const WarmUp&) const = default;
};

// Probes every `interval` (each host at a phase of its own). A probe fails while the host is
// crashed, restarting or in an outage that refuses all. After `unhealthy_after` failures in a row
// callers do not choose the host, after `healthy_after` good ones they do again. When all hosts of
// a service are out, callers choose among all of them.
struct HealthCheck {
  sim::Duration interval = sim::Seconds(5);
  int unhealthy_after = 3;
  int healthy_after = 2;
  bool operator==(const HealthCheck&) const = default;
};

// What takes the messages of async calls: per host a bounded queue and workers of its own, besides
// the slots.
struct Consumers {
  int count = 1;           // a host
  int queue_bound = 1000;  // messages a host; more are dropped, and that is logged
  sim::Duration deadline = sim::Seconds(30);  // of the work on one message, from its taking
  bool operator==(const Consumers&) const = default;
};

struct Service {
  std::string name;
  int hosts = 1;
  std::vector<std::string> zones;  // host number n is in zone (n - 1) % size; empty: in no zone
  bool prefers_own_zone = false;   // callers choose among the hosts of their own zone, if any
  int concurrency = 16;            // slots a host
  int queue_bound = 64;            // waiting spans a host; 0: none may wait
  std::optional<sim::Duration> queue_timeout;  // the longest wait for a slot; nullopt: the deadline
  Balancer balancer = Balancer::kPowerOfTwo;   // how callers choose among this service's hosts
  SheddingPolicy shedding;
  std::optional<WarmUp> warm_up;
  std::optional<HealthCheck> health_check;
  std::optional<Consumers> consumers;
  sim::Duration time_limit = sim::Hours(1);  // no span lasts longer, whatever its caller allows
  DurationDistribution service_time;         // own work of one span, without calls
  std::optional<sim::Duration> slow;         // a span that takes longer is logged as WARN
  sim::Duration log_interval;                // of a host's interval log; zero: none
  double degraded_error_share = 0.05;        // an interval with a larger share of errors is WARN
  std::vector<OwnError> errors;
  std::vector<std::string> messages;           // templates of the span's INFO record, at least one
  std::vector<DependencyPolicy> dependencies;  // by name, in the scenario's order
  bool operator==(const Service&) const = default;
};

// One call of a journey's tree. The calls of one list run one after another, except those that run
// at the same time as the call before them.
struct Call {
  std::string service;
  double probability = 1;
  bool is_with_previous = false;
  std::vector<Call> calls;
  bool operator==(const Call&) const = default;
};

// A weighted kind of user request, and how the client behaves that makes it.
struct Journey {
  std::string name;
  double rate_per_second = 0;  // daily average; 0: only closed-loop users make it
  sim::Duration deadline;      // of a whole request, that is of one attempt of the client
  Call root;                   // the entry; its probability is 1
  std::string zone;            // where its clients are; empty: in no zone
  // The client: gives an attempt up after `patience` (nullopt: at the deadline) and tries again.
  std::optional<sim::Duration> patience;
  RetryPolicy retries;  // no budget
  bool cancels = true;  // a client that gives up cancels the call of the entry service
  bool operator==(const Journey&) const = default;
};

// More of the ordinary traffic for a while: a lunch hour, a sale. No fault, and no cause.
struct Burst {
  std::string name;
  std::vector<std::string> journeys;         // empty: all that have a rate
  sim::Duration at;                          // as a fault's
  std::optional<sim::Duration> time_of_day;  // as a fault's
  sim::Duration duration;
  sim::Duration every;  // zero: once
  sim::Duration ramp;   // linear rise at the start and fall at the end, at most half of duration
  double factor = 1;    // > 1: rate times factor at full strength
  bool operator==(const Burst&) const = default;
};

// One step of a session.
struct SessionStep {
  std::string journey;
  double probability = 1;  // that the step is taken
  int times = 1;           // requests, each after a think time
  bool operator==(const SessionStep&) const = default;
};

// Closed-loop users: each waits for the answer (or gives up as the journey's client does) and
// thinks before the next request, so that slow systems get less load.
struct UserPopulation {
  std::string name;
  int count = 1;
  DurationDistribution think_time;     // before each request
  DurationDistribution session_pause;  // besides, before a session's first; default 0s
  std::vector<SessionStep> session;    // in turn, then anew; at least one
  bool operator==(const UserPopulation&) const = default;
};

// How long a message takes between two different zones, in either direction.
struct ZoneLink {
  std::string one;
  std::string other;
  DurationDistribution latency;
  bool operator==(const ZoneLink&) const = default;
};

// The grid of virtual time: a power of ten, from 1 ns to 1 ms.
enum class Resolution { k1ns, k10ns, k100ns, k1us, k10us, k100us, k1ms };
inline constexpr text::EnumNames kResolutionNames(
    std::to_array<text::EnumName<Resolution>>({{Resolution::k1ns, "1ns"},
                                               {Resolution::k10ns, "10ns"},
                                               {Resolution::k100ns, "100ns"},
                                               {Resolution::k1us, "1us"},
                                               {Resolution::k10us, "10us"},
                                               {Resolution::k100us, "100us"},
                                               {Resolution::k1ms, "1ms"}}));

constexpr sim::Duration UnitOf(Resolution resolution) {
  sim::Duration unit = sim::Nanoseconds(1);
  for (int i = 0; i < static_cast<int>(resolution); ++i) unit = unit * 10;
  return unit;
}

struct Scenario {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  std::int64_t start_unix_nanoseconds = 1'736'121'600'000'000'000;  // 2025-01-06T00:00:00Z
  sim::Duration duration = sim::Hours(24);                          // Duration::Max(): forever
  // All times of the run are multiples of it: what is finer is rounded (plan/grid.h).
  Resolution resolution = Resolution::k1us;
  // What services without their own have; zero: none.
  sim::Duration log_interval = sim::Seconds(30);
  // Of one hop within a zone, or from or to no zone.
  DurationDistribution network_latency = {.kind = DurationDistribution::Kind::kQuantiles,
                                          .p50 = sim::Microseconds(400),
                                          .p99 = sim::Milliseconds(2)};
  // The least latency of any hop, above 0. Partitions run this far without news of each other
  // (world/windowed_run.h).
  sim::Duration network_latency_min = sim::Microseconds(100);
  std::optional<DurationDistribution> cross_zone_latency;  // of other hops; nullopt: the same
  std::vector<ZoneLink> zone_links;                        // before cross_zone_latency
  std::vector<double> daily;   // 24 weights by UTC hour, mean 1 after parsing; linear between
  std::vector<double> weekly;  // 7 factors, Monday first, mean 1 after parsing
  std::vector<Burst> bursts;
  std::vector<Service> services;  // in the file's order
  std::vector<Journey> journeys;
  std::vector<UserPopulation> users;
  std::vector<Fault> faults;
  std::vector<Claim> claims;  // changes no record
  bool operator==(const Scenario&) const = default;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_SCENARIO_H_
