// What a scenario claims of its own records: one entry of `expect`. docs/SCENARIO.md says what each
// figure is, and over which times it is taken; model/claims/ does so.
//
// Plain values; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_CLAIM_H_
#define GROUNDHOG_MODEL_SCENARIO_CLAIM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "sim/time.h"

namespace groundhog::model {

// Both are inclusive; one of them at least is there.
template <class Value>
struct Bounds {
  std::optional<Value> at_least;
  std::optional<Value> at_most;
  bool operator==(const Bounds&) const = default;
};

// Exactly one of the figures is there.
struct Claim {
  std::string name;
  // Whose spans; empty: the requests of users, which are the spans without a caller. Of `records`:
  // whose records; empty: all.
  std::string service;
  // When: [from, until), of which neither or only `until` may be absent (the start and the end of
  // the run); or during each occurrence of a fault; or after each, from `within` after its end.
  std::optional<sim::Duration> from;
  std::optional<sim::Duration> until;
  std::string during;
  std::string after;
  sim::Duration within;
  std::optional<Bounds<double>> error_rate;  // a share from 0 to 1
  std::optional<Bounds<sim::Duration>> p50;
  std::optional<Bounds<sim::Duration>> p95;
  std::optional<Bounds<sim::Duration>> p99;
  std::optional<Bounds<std::uint64_t>> records;
  bool operator==(const Claim&) const = default;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_CLAIM_H_
