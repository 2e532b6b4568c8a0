// The topology: a Scenario compiled to indices and ready-made samplers, once, before the run. The
// world only reads it. Numbering follows the scenario's order, so it is a pure function of the
// scenario; draws and span ids use names instead, so that adding a service changes none of them.
#ifndef GROUNDHOG_MODEL_TOPOLOGY_H_
#define GROUNDHOG_MODEL_TOPOLOGY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/scenario.h"
#include "sim/duration_sampler.h"
#include "sim/entity.h"
#include "sim/random.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::model {

// What a draw is for: the `purpose` of the draw key (docs/adr/0001-draw-keys.md). Numbers are part
// of every golden trace: append, never renumber.
enum class Purpose : std::uint16_t {
  kArrival = 1,        // words 0-1: gap to the next candidate; 2: thinning
  kRequest = 2,        // what the request is about: user, order, cart
  kCallTaken = 3,      // word 0: whether a call of the tree is made
  kAttempt = 4,        // words 0-1: which hosts; 2: way there; 3: way back
  kService = 5,        // words 0-1: service time; 2: own error; 3: message
  kFault = 6,          // word 0: whether an error-rate fault or a partial outage hits; + fault key
  kBackoff = 7,        // word 0: jitter before the next attempt
  kMessage = 8,        // words 0-1: which template of a warning and of a failure
  kIntervalPhase = 9,  // words 0-1: a host's offset within the log interval
};

// A constant delay of timers, and the schedule's lane for it (kNoLane: there are too many delays).
struct TimerDelay {
  sim::Duration delay;
  std::size_t lane = 0;
};
inline constexpr std::size_t kNoLane = static_cast<std::size_t>(-1);
inline constexpr std::size_t kLanesMax = 16;

// A policy of one dependency edge.
struct DependencyInfo {
  std::uint32_t caller = 0;  // service indices
  std::uint32_t callee = 0;
  TimerDelay timeout;
  int retries_max = 0;
  sim::Duration backoff_base;
  double backoff_multiplier = 2;
  sim::Duration backoff_max;
  bool backoff_full_jitter = true;
  bool degrades = false;  // fallback after the last attempt
};

struct OwnErrorInfo {
  traces::ErrorCodeId code{};
  std::uint32_t threshold = 0;  // cumulative share of 2^32
  bool retryable = true;
  std::uint32_t index = 0;  // in the service's errors
};

struct ServiceInfo {
  std::string name;
  std::uint32_t first_host = 0;  // hosts are contiguous entities
  std::uint32_t host_count = 0;
  std::uint32_t concurrency = 0;
  std::uint32_t queue_bound = 0;
  Balancer balancer = Balancer::kPowerOfTwo;
  sim::DurationSampler service_time;
  sim::Duration slow;       // Duration::Max(): never
  TimerDelay log_interval;  // zero: none
  double degraded_error_share = 0;
  std::vector<OwnErrorInfo> errors;
};

// A step of a journey's call tree. A node's children are contiguous.
struct CallNode {
  std::uint32_t service = 0;
  std::uint32_t first_child = 0;
  std::uint32_t child_count = 0;
  std::uint32_t dependency = 0;  // index into dependencies(); meaningless for a root
  std::uint32_t group = 0;       // of the siblings that are called at the same time
  std::uint32_t call_key = 0;    // names the call among its siblings: callee and its occurrence
  std::uint64_t taken_threshold = 0;  // of 2^32: probability
  traces::CallPathId path{};
};

struct JourneyInfo {
  std::string name;
  sim::StreamKey key;
  double rate_per_second = 0;
  TimerDelay deadline;
  std::uint32_t root = 0;  // node
};

// Immutable. Plain vectors by index; entity e < hosts is a host, the rest are journeys in order.
struct Topology {
  std::vector<ServiceInfo> services;
  std::vector<DependencyInfo> dependencies;
  std::vector<CallNode> nodes;
  std::vector<std::string> node_names;  // "checkout/gateway-service/auth-service", by path
  std::vector<JourneyInfo> journeys;
  std::vector<std::uint32_t> host_service;
  std::vector<std::string> host_names;
  std::vector<std::string> error_codes;  // sorted; index = ErrorCodeId
  std::size_t lane_count = 0;            // of timers
  sim::DurationSampler network_latency;
  sim::Duration network_latency_min;

  std::uint32_t host_count() const { return static_cast<std::uint32_t>(host_service.size()); }
  sim::EntityId JourneyEntity(std::uint32_t journey) const {
    return sim::EntityId{host_count() + journey};
  }
  // The code must be in error_codes.
  traces::ErrorCodeId ErrorCode(const std::string& code) const;
};

// A share of 1 as a threshold for a 32-bit word: word < threshold happens with that probability.
// 2^32 for 1, so that "always" is exact.
std::uint64_t ShareThreshold(double share);

// Compiles a checked scenario. InvalidArgument: something that only shows here, such as more hosts
// or steps than ids can number.
absl::StatusOr<Topology> CompileTopology(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_TOPOLOGY_H_
