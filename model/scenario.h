// The scenario: a world as its author wrote it, parsed into plain structs with every default filled
// in. Parsing and checking (scenario_parser.h) make these; the world (world.h) reads them. They
// hold names, not indices, and no behaviour. docs/SCENARIO.md documents every key.
#ifndef GROUNDHOG_MODEL_SCENARIO_H_
#define GROUNDHOG_MODEL_SCENARIO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"

namespace groundhog::model {

// A duration's distribution. In YAML a bare duration is a constant, {p50, p95, p99, max} are
// quantiles, {exponential: MEAN}, {lognormal: {p50, sigma}}, {constant: D}.
struct DurationDistribution {
  enum class Kind { kConstant, kExponential, kLognormal, kQuantiles };
  Kind kind = Kind::kConstant;
  sim::Duration value;               // kConstant: the value; kExponential: the mean
  sim::Duration p50;                 // kLognormal, kQuantiles
  std::optional<sim::Duration> p95;  // kQuantiles
  sim::Duration p99;                 // kQuantiles
  std::optional<sim::Duration> max;  // kQuantiles
  double sigma = 0;                  // kLognormal: of the logarithm
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

// How a service calls one of its dependencies.
struct DependencyPolicy {
  std::string service;         // the callee
  sim::Duration timeout;       // of one attempt
  int retries_max = 0;         // further attempts after the first
  sim::Duration backoff_base;  // before attempt n + 1: base * multiplier^(n - 1), at most max
  double backoff_multiplier = 2;
  sim::Duration backoff_max;
  bool backoff_full_jitter = true;  // uniform in (0, backoff] instead of backoff
  enum class Fallback { kFail, kDegrade };
  Fallback fallback = Fallback::kFail;  // after the last attempt: fail too, or go on degraded
  bool operator==(const DependencyPolicy&) const = default;
};

enum class Balancer { kRandom, kPowerOfTwo, kLeastOutstanding };

struct Service {
  std::string name;
  int hosts = 1;
  int concurrency = 16;                       // slots a host
  int queue_bound = 64;                       // waiting spans a host; 0: none may wait
  Balancer balancer = Balancer::kPowerOfTwo;  // how callers choose among this service's hosts
  DurationDistribution service_time;          // own work of one span, without calls
  std::optional<sim::Duration> slow;          // a span that takes longer is logged as WARN
  sim::Duration log_interval;                 // of a host's interval log; zero: none
  double degraded_error_share = 0.05;         // an interval with a larger share of errors is WARN
  std::vector<OwnError> errors;
  std::vector<std::string> messages;           // templates of the span's INFO record, at least one
  std::vector<DependencyPolicy> dependencies;  // by name, in the scenario's order
  bool operator==(const Service&) const = default;
};

// One call of a journey's tree. The calls of one list run one after another, but for those that run
// at the same time as the call before them.
struct Call {
  std::string service;
  double probability = 1;
  bool is_with_previous = false;
  std::vector<Call> calls;
  bool operator==(const Call&) const = default;
};

// A weighted kind of user request.
struct Journey {
  std::string name;
  double rate_per_second = 0;  // daily average
  sim::Duration deadline;      // of the whole request
  Call root;                   // the entry; its probability is 1
  bool operator==(const Journey&) const = default;
};

// A scheduled disturbance.
struct Fault {
  enum class Kind { kOutage, kLatency, kErrorRate };
  std::string name;
  Kind kind = Kind::kOutage;
  std::string target;            // a service
  std::vector<int> hosts;        // its hosts, numbered from 1; empty: all
  sim::Duration at;              // offset from the scenario's start (time_of_day resolved)
  sim::Duration duration;        // "for"
  sim::Duration every;           // zero: once
  double factor = 1;             // kLatency: own work takes so many times longer
  double rate = 0;               // kErrorRate, kOutage: share of spans hit; kOutage default 1
  std::string code = "ERR_500";  // kErrorRate: what those fail with
  bool operator==(const Fault&) const = default;
};

struct Scenario {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  std::int64_t start_unix_nanoseconds = 0;
  sim::Duration duration;                // Duration::Max(): forever
  sim::Duration log_interval;            // what services without their own have; zero: none
  DurationDistribution network_latency;  // of one hop
  sim::Duration network_latency_min;     // no hop is faster; > 0; the lookahead
  std::vector<double> daily;      // 24 weights by UTC hour, mean 1 after parsing; linear between
  std::vector<double> weekly;     // 7 factors, Monday first, mean 1 after parsing
  std::vector<Service> services;  // in the file's order
  std::vector<Journey> journeys;
  std::vector<Fault> faults;
  bool operator==(const Scenario&) const = default;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_H_
