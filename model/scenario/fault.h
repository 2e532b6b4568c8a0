// A fault of a scenario, and what its kind says of it: one row for each kind, from which the keys'
// conditions, the names, and the places where it acts follow. A new kind is an enumerator and a row
// here, a field here and a row in keys/table_faults.cc for each key that only it has, and what it
// does where it acts (model/world/fault_effects.h).
//
// Plain values and constant data; safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_FAULT_H_
#define GROUNDHOG_MODEL_SCENARIO_FAULT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/time.h"
#include "text/enum_names.h"
#include "text/spaced_words.h"

namespace groundhog::model {

// A scheduled disturbance. Which fields mean something depends on the kind; the others have their
// defaults.
struct Fault {
  enum class Kind {
    kOutage,     // hosts refuse `rate` of the spans at once
    kCrash,      // hosts are silent, their work in progress is lost; then they restart
    kLatency,    // own work takes `factor` times longer
    kErrorRate,  // `rate` of the spans fail with `code`
    kCapacity,   // hosts have `factor` times their slots, at least one
    kPartition,  // messages between `callers` and the target are lost
    kLoss,       // `rate` of them are
    kSurge,   // the requests of `journeys`, which enter at the target, are `factor` times as many
    kDeploy,  // hosts are restarted one after another, with a new version that may be bad
    kClockSkew,  // the timestamps that hosts write are off by `skew`
  };
  enum class Direction { kAhead, kBehind };
  std::string name;
  Kind kind = Kind::kOutage;
  std::string target;              // a service
  std::vector<int> hosts;          // its hosts, numbered from 1; empty: all. Not kSurge, kDeploy
  std::vector<std::string> zones;  // its hosts in these zones; empty: all. Not kSurge, kDeploy
  sim::Duration at;                // offset from the scenario's start (time_of_day resolved)
  // What was given instead of `at`, since midnight UTC: `at` is computed from it and from the
  // scenario's start.
  std::optional<sim::Duration> time_of_day;
  sim::Duration duration;  // "for"
  sim::Duration every;     // zero: once
  // Instead of for and every: random occurrences, exponential times between the end of one and the
  // next (mtbf) and of their lengths (mttr); `at`, default 0s, is when the first wait begins. Zero:
  // not random.
  sim::Duration mtbf;
  sim::Duration mttr;
  sim::Duration ramp;  // linear rise of the strength at the start and fall at the end
  double factor = 1;   // kLatency, kCapacity, kSurge, kDeploy (own work of the new version)
  double rate = 0;  // kErrorRate, kOutage (default 1), kLoss, kDeploy (errors of the new version)
  std::string code = "ERR_500";              // kErrorRate, kDeploy: what those fail with
  std::vector<std::string> callers;          // kPartition, kLoss: services; empty: all
  std::vector<std::string> journeys;         // kSurge: that enter at the target; empty: all such
  sim::Duration restart = sim::Seconds(10);  // kDeploy: how long a host is down
  // kDeploy: from a host's return to the next one's stop.
  sim::Duration pause = sim::Seconds(20);
  // kDeploy: callers avoid a host for this time before it stops, the first ones from the start. All
  // restarts fit in: drain + hosts / at_once * (restart + pause) <= duration.
  sim::Duration drain = sim::Seconds(5);
  int at_once = 1;                          // kDeploy: hosts that are restarted together
  sim::Duration skew;                       // kClockSkew: > 0
  Direction direction = Direction::kAhead;  // kClockSkew: whether the clock is early or late
  // Not a key: the fault is known but never occurs, in a world that is lived to see what it causes.
  bool is_absent = false;
  bool operator==(const Fault&) const = default;
};

// Where in the world a fault acts. Each place asks for the faults that act there.
enum class FaultPlace : std::uint8_t {
  kAdmission,  // whether a host takes a span
  kWork,       // what becomes of a span: how long it takes, whether it fails
  kCapacity,   // how many slots and consumers a host has
  kDown,       // when a host is silent
  kLink,       // messages to and from the target
  kClock,      // a host's clock
  kTraffic,    // how many requests enter at the target
};
inline constexpr auto kFaultPlaceCount = static_cast<std::size_t>(FaultPlace::kTraffic) + 1;

// A set of places.
class FaultPlaces {
 public:
  template <class... Place>
  constexpr explicit FaultPlaces(Place... places)
      : bits_((0U | ... | (1U << static_cast<unsigned>(places)))) {}

  constexpr bool Has(FaultPlace place) const {
    return (bits_ >> static_cast<unsigned>(place) & 1U) != 0;
  }

 private:
  unsigned bits_;
};

// What holds for all faults of one kind.
struct FaultKind {
  Fault::Kind value{};
  std::string_view name;
  FaultPlaces acts_on;
  bool hits_hosts = false;     // those of `hosts` or `zones`; otherwise the service as a whole
  bool may_be_random = false;  // comes by `mtbf` and `mttr`
  bool has_ramp = false;
  // Its other keys, which kinds without them may not have, and those that it needs; separated by
  // single spaces.
  std::string_view keys = "";
  std::string_view required_keys = "";
  // The key that makes it do nothing: `rate` at 0, or `factor` at 1.
  std::string_view strength = "";
  double rate = 0;  // where `rate` is not given
  // The range of `factor` where it is narrower than the key's own; `phrase` names the fault then.
  double factor_min = 0.01;
  double factor_max = 10'000;
  std::string_view phrase = "";

  // Of a key that not all kinds have.
  constexpr bool HasKey(std::string_view key) const {
    if (key == "hosts" || key == "zones") return hits_hosts;
    if (key == "mtbf" || key == "mttr") return may_be_random;
    if (key == "ramp") return has_ramp;
    return text::HasWord(keys, key);
  }
  constexpr bool NeedsKey(std::string_view key) const { return text::HasWord(required_keys, key); }
};

inline constexpr auto kFaultKinds = text::EnumNames(std::to_array<FaultKind>({
    {.value = Fault::Kind::kOutage,
     .name = "outage",
     .acts_on = FaultPlaces(FaultPlace::kAdmission),
     .hits_hosts = true,
     .may_be_random = true,
     .has_ramp = true,
     .keys = "rate",
     .strength = "rate",
     .rate = 1},
    {.value = Fault::Kind::kCrash,
     .name = "crash",
     .acts_on = FaultPlaces(FaultPlace::kDown),
     .hits_hosts = true,
     .may_be_random = true},
    {.value = Fault::Kind::kLatency,
     .name = "latency",
     .acts_on = FaultPlaces(FaultPlace::kWork),
     .hits_hosts = true,
     .may_be_random = true,
     .has_ramp = true,
     .keys = "factor",
     .required_keys = "factor",
     .strength = "factor"},
    {.value = Fault::Kind::kErrorRate,
     .name = "error_rate",
     .acts_on = FaultPlaces(FaultPlace::kWork),
     .hits_hosts = true,
     .may_be_random = true,
     .has_ramp = true,
     .keys = "rate code",
     .required_keys = "rate",
     .strength = "rate"},
    {.value = Fault::Kind::kCapacity,
     .name = "capacity",
     .acts_on = FaultPlaces(FaultPlace::kCapacity),
     .hits_hosts = true,
     .may_be_random = true,
     .has_ramp = true,
     .keys = "factor",
     .required_keys = "factor",
     .strength = "factor",
     .factor_max = 1,
     .phrase = "a capacity fault"},
    {.value = Fault::Kind::kPartition,
     .name = "partition",
     .acts_on = FaultPlaces(FaultPlace::kLink),
     .hits_hosts = true,
     .may_be_random = true,
     .keys = "callers",
     .rate = 1},
    {.value = Fault::Kind::kLoss,
     .name = "loss",
     .acts_on = FaultPlaces(FaultPlace::kLink),
     .hits_hosts = true,
     .may_be_random = true,
     .has_ramp = true,
     .keys = "rate callers",
     .required_keys = "rate",
     .strength = "rate"},
    {.value = Fault::Kind::kSurge,
     .name = "surge",
     .acts_on = FaultPlaces(FaultPlace::kTraffic),
     .may_be_random = true,
     .has_ramp = true,
     .keys = "factor journeys",
     .required_keys = "factor",
     .strength = "factor",
     .factor_min = 1,
     .factor_max = 1'000,
     .phrase = "a surge"},
    {.value = Fault::Kind::kDeploy,
     .name = "deploy",
     .acts_on = FaultPlaces(FaultPlace::kDown, FaultPlace::kWork),
     .keys = "factor rate code restart pause drain at_once"},
    {.value = Fault::Kind::kClockSkew,
     .name = "clock_skew",
     .acts_on = FaultPlaces(FaultPlace::kClock),
     .hits_hosts = true,
     .may_be_random = true,
     .has_ramp = true,
     .keys = "skew direction",
     .required_keys = "skew"},
}));

constexpr bool ActsOn(Fault::Kind kind, FaultPlace place) {
  return kFaultKinds[kind].acts_on.Has(place);
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_FAULT_H_
