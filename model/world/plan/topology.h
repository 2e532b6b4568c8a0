// The topology: a Scenario compiled to indices and ready-made samplers, once, before the run. The
// world only reads it. Numbering follows the scenario's order, so it is a pure function of the
// scenario; draws and span ids use names instead, so that adding a service changes none of them.
#ifndef GROUNDHOG_MODEL_WORLD_PLAN_TOPOLOGY_H_
#define GROUNDHOG_MODEL_WORLD_PLAN_TOPOLOGY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/scenario/scenario.h"
#include "model/world/plan/occurrence_schedule.h"
#include "model/world/plan/purpose.h"
#include "sim/duration_sampler.h"
#include "sim/entity.h"
#include "sim/random.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {

inline traces::ServiceId ServiceIdOf(std::uint32_t index) {
  return traces::ServiceId{static_cast<std::uint16_t>(index)};
}

// A constant delay of timers, and the schedule's lane for it (kNoLane: there are too many delays).
struct TimerDelay {
  sim::Duration delay;
  std::size_t lane = 0;
};
inline constexpr std::size_t kNoLane = static_cast<std::size_t>(-1);
inline constexpr std::size_t kLanesMax = 16;

inline constexpr std::uint32_t kNoGuard = 0xFFFFFFFF;

// A policy of one dependency edge. Here and below, `spec` is that part of Topology::scenario which
// the rest is compiled from; the world reads there what needs no compiling.
struct DependencyInfo {
  const DependencyPolicy* spec = nullptr;
  std::uint32_t caller = 0;  // service indices
  std::uint32_t callee = 0;
  TimerDelay timeout;
  std::uint32_t guard = kNoGuard;  // index into the calling host's guards

  bool degrades() const { return spec->fallback == DependencyPolicy::Fallback::kDegrade; }
};

struct OwnErrorInfo {
  traces::ErrorCodeId code{};
  std::uint32_t threshold = 0;  // cumulative share of 2^32
  bool retryable = true;
  std::uint32_t index = 0;  // in the service's errors
};

struct ServiceInfo {
  const Service* spec = nullptr;
  std::uint32_t first_host = 0;  // hosts are contiguous entities
  std::uint32_t host_count = 0;
  sim::DurationSampler service_time;
  TimerDelay log_interval;  // zero: none
  std::vector<OwnErrorInfo> errors;
  std::vector<std::uint32_t> guarded;  // dependencies with a budget or a breaker, by guard index
  bool takes_calls = false;            // some journey enters it or waits for its answer

  // Its hosts use their consumers alone.
  bool TakesOnlyMessages() const { return spec->consumers && !takes_calls; }

  // Of a host: its slots, or its consumers of messages.
  std::uint32_t Workers(bool of_messages) const {
    if (!of_messages) return static_cast<std::uint32_t>(spec->concurrency);
    return spec->consumers ? static_cast<std::uint32_t>(spec->consumers->count) : 0;
  }
  // Of a host: how many may wait for a slot, or for a consumer.
  std::uint32_t QueueBound(bool of_messages) const {
    if (!of_messages) return static_cast<std::uint32_t>(spec->queue_bound);
    return spec->consumers ? static_cast<std::uint32_t>(spec->consumers->queue_bound) : 0;
  }
};

// A step of a journey's call tree. A node's children are contiguous.
struct CallNode {
  std::uint32_t service = 0;
  std::uint32_t first_child = 0;
  std::uint32_t child_count = 0;
  std::uint32_t dependency = 0;  // index into Topology::dependencies; meaningless for a root
  std::uint32_t group = 0;       // of the siblings that are called at the same time
  std::uint32_t call_key = 0;    // names the call among its siblings: callee and its occurrence
  std::uint64_t taken_threshold = 0;  // of 2^32: probability
  traces::CallPathId path{};
};

struct JourneyInfo {
  const Journey* spec = nullptr;
  TimerDelay deadline;
  TimerDelay patience;  // at most the deadline
  std::uint32_t zone = 0;
  std::uint32_t root = 0;  // node
};

struct SessionStepInfo {
  std::uint32_t journey = 0;
  std::uint64_t taken_threshold = 0;  // of 2^32
  int times = 1;
};

// The numbers that users have, from the first one on: those of a request's user are drawn from
// them.
inline constexpr std::uint32_t kFirstUser = 1'000;
inline constexpr std::uint32_t kUserNumbers = 40'000;

// Something that makes requests: an entity.
struct SourceInfo {
  traces::EntityKind kind = traces::EntityKind::kJourney;
  std::string name;
  sim::StreamKey key;
  // kJourney, kSurge: its journey, and its rate before the calendar's factor.
  std::uint32_t journey = 0;
  double rate_per_second = 0;
  // kSurge: when, and how strongly; `fault` is kNone for a burst.
  OccurrenceSchedule schedule;
  sim::Duration ramp;
  traces::FaultId fault = traces::FaultId::kNone;
  // kUsers.
  std::uint32_t users = 0;
  sim::DurationSampler think_time;
  sim::DurationSampler session_pause;
  bool has_session_pause = false;
  std::vector<SessionStepInfo> session;
  std::uint32_t user_offset = 0;  // of the first user among kUserNumbers

  // kUsers: turns count through the users, so that the ordinal of a request gives its user.
  std::uint64_t TurnOf(std::uint64_t turns_before, std::uint32_t user) const {
    return turns_before * users + user;
  }
  std::uint32_t UserOf(std::uint64_t ordinal) const {
    return static_cast<std::uint32_t>(ordinal % users);
  }
  // What {user} shows: their own for each user, all of kUserNumbers unless there are more users.
  std::uint32_t NumberOfUser(std::uint32_t user) const {
    return kFirstUser + (user_offset + user) % std::max(kUserNumbers, users);
  }
};

// Immutable. Plain vectors by index; entity e < hosts is a host, the rest are sources in order:
// journeys, surges and bursts, users.
struct Topology {
  // What all of it was compiled from, on the grid of its resolution (grid.h).
  std::shared_ptr<const Scenario> scenario;
  sim::Duration resolution = sim::Nanoseconds(1);
  std::vector<ServiceInfo> services;
  std::vector<DependencyInfo> dependencies;
  std::vector<CallNode> nodes;
  std::vector<std::string> node_names;  // "checkout/gateway-service/auth-service", by path
  std::vector<JourneyInfo> journeys;
  std::vector<SourceInfo> sources;
  std::vector<std::uint32_t> host_service;
  std::vector<std::string> host_names;
  std::vector<std::uint32_t> host_zone;
  std::vector<std::string> zone_names;   // [0] is "", no zone
  std::vector<std::string> error_codes;  // sorted; index = ErrorCodeId
  std::size_t lane_count = 0;            // of timers
  sim::DurationSampler network_latency;
  sim::Duration network_latency_min;
  std::vector<sim::DurationSampler> zone_latency;  // [from * zones + to]; empty: always the above

  std::uint32_t host_count() const { return static_cast<std::uint32_t>(host_service.size()); }
  sim::EntityId SourceEntity(std::uint32_t source) const {
    return sim::EntityId{host_count() + source};
  }
  // Of a host, within its service, from 0.
  std::uint32_t NumberOf(sim::EntityId host) const {
    return sim::Index(host) - services[host_service[sim::Index(host)]].first_host;
  }
  std::uint32_t ZoneOf(sim::EntityId entity) const {
    const std::uint32_t index = sim::Index(entity);
    return index < host_count() ? host_zone[index]
                                : journeys[sources[index - host_count()].journey].zone;
  }
  // A message's latency, by a uniform draw from [0, 1); at least network_latency_min.
  sim::Duration NetworkLatency(sim::EntityId from, sim::EntityId to, double uniform) const {
    const sim::DurationSampler& sampler =
        zone_latency.empty() ? network_latency
                             : zone_latency[ZoneOf(from) * zone_names.size() + ZoneOf(to)];
    return std::max(network_latency_min, sampler.Sample(uniform));
  }
  // The code must be in error_codes.
  traces::ErrorCodeId ErrorCode(const std::string& code) const;
  // The name must be a service's.
  std::uint32_t ServiceIndex(const std::string& name) const;
};

// A share of 1 as a threshold for a 32-bit word: word < threshold happens with that probability.
// 2^32 for 1, so that "always" is exact.
std::uint64_t ShareThreshold(double share);

// Compiles a checked scenario. InvalidArgument: a mistake that only this step can find, such as
// more hosts or steps than ids can number.
absl::StatusOr<Topology> CompileTopology(const Scenario& scenario);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_PLAN_TOPOLOGY_H_
