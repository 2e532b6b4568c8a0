// The catalogue: every name that records refer to by index. Written in a trace's header, repeated
// in its footer, covered by its digest. With it a trace is rendered and explained with no other
// file.
#ifndef GROUNDHOG_TRACES_CATALOGUE_H_
#define GROUNDHOG_TRACES_CATALOGUE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.h"
#include "text/enum_names.h"
#include "traces/record.h"

namespace groundhog::traces {

// What a slot of a message template shows. The first group is stored with each record (in
// Record::slots, in order of appearance); the second is taken from the record's own fields and
// costs nothing. Numbers from 64 on are fields of the request, see RequestField: in Record::slots
// too, but kept in the file once per request. Numbers are part of the file format.
enum class SlotKind : std::uint8_t {
  // Stored with the record.
  kInteger = 0,       // decimal
  kMilliseconds = 1,  // stored in nanoseconds, shown in whole milliseconds, rounded down
  kHundredths = 2,    // shown with two decimals: 1234 as 12.34
  kHex = 3,           // eight lower-case hex digits of HexId()
  kService = 4,       // an index into services, shown as its name
  kHost = 5,          // an index into entities, shown as its name
  // Taken from the record.
  kDuration = 32,    // duration in whole milliseconds
  kQueueWait = 33,   // queue_wait in whole milliseconds
  kDependency = 34,  // dependency's name
  kAttempt = 35,     // attempt
  kErrorCode = 36,   // error_code's name
  kOwnService = 37,  // service's name
  kOwnHost = 38,     // host's name
  kRequest = 39,     // request.ordinal
  kOrder = 40,       // the request's order number, see order_number.h
};

// What a number looks like that is shown as an id: small ones take few bytes in the file.
constexpr std::uint32_t HexId(std::int64_t value) {
  return static_cast<std::uint32_t>(value) * 2'654'435'761U;
}

// A request has up to this many fields, each the same in all its records.
inline constexpr std::size_t kRequestFieldsMax = 8;

// The slot that shows field `number` < kRequestFieldsMax of the record's request, as kInteger,
// kHundredths or kHex is shown.
constexpr SlotKind RequestField(std::size_t number, SlotKind shown_as) {
  return SlotKind{static_cast<std::uint8_t>(64 + 8 * number + static_cast<std::uint8_t>(shown_as))};
}
constexpr bool IsRequestField(SlotKind kind) {
  return static_cast<std::uint8_t>(kind) >= 64 && static_cast<std::uint8_t>(kind) < 128;
}
// Of a request's field.
constexpr std::size_t RequestFieldNumber(SlotKind kind) {
  return (static_cast<std::size_t>(kind) - 64) / 8;
}
// Of a request's field: how it is shown. Other kinds: the kind itself.
constexpr SlotKind ShownAs(SlotKind kind) {
  return IsRequestField(kind) ? SlotKind{static_cast<std::uint8_t>(static_cast<int>(kind) % 8)}
                              : kind;
}

// Whether its value is in Record::slots.
constexpr bool IsStored(SlotKind kind) {
  return static_cast<std::uint8_t>(kind) < 32 || IsRequestField(kind);
}

// A message template: `text` with each slot written as {} in place, `slots` in order of appearance.
// A literal brace is written {{ or }}.
struct MessageTemplate {
  std::string text;
  std::vector<SlotKind> slots;
  bool operator==(const MessageTemplate&) const = default;
};

// A surge: requests that a surge or burst adds. Users: a population of closed-loop users.
enum class EntityKind : std::uint8_t { kHost = 0, kJourney = 1, kSurge = 2, kUsers = 3 };
inline constexpr int kEntityKindCount = 4;

// A host or a traffic source. Index = sim::EntityId.
struct EntityEntry {
  std::string name;  // "payment-service-1"; a journey's, surge's or population's name
  EntityKind kind = EntityKind::kHost;
  // A host's service; otherwise the service that requests enter (users: in their first journey).
  ServiceId service = ServiceId::kNone;
  // Added to a chunk's key for the ids of its requests (see trace_id.h). Not 0 only in traces that
  // were merged from recordings with keys of their own.
  std::uint64_t key_delta = 0;
  bool operator==(const EntityEntry&) const = default;
};

struct ServiceEntry {
  std::string name;
  std::vector<ServiceId> dependencies;  // all that some journey makes it call, ascending
  bool operator==(const ServiceEntry&) const = default;
};

// A step of a journey's call tree, for example "checkout/gateway-service/order-service": the
// journey and the services from the entry down.
struct CallPathEntry {
  std::string name;
  bool operator==(const CallPathEntry&) const = default;
};

// When an occurrence of a fault is scheduled: from `start`, until `end`.
struct FaultTime {
  sim::VirtualTime start;
  sim::VirtualTime end;
  bool operator==(const FaultTime&) const = default;
};

// A scheduled fault as the scenario defines it; its occurrences follow from it.
struct FaultEntry {
  std::string name;
  std::string kind;    // "outage", "crash", "partition", ... as in the scenario
  std::string target;  // the service's name
  sim::VirtualTime first_start;
  sim::Duration duration;
  sim::Duration period;  // zero: once
  // True: its occurrences are those in `times` (maybe none), in ascending order and without
  // overlap; first_start, duration and period are then zero.
  bool is_random = false;
  std::vector<FaultTime> times;
  bool operator==(const FaultEntry&) const = default;
};

// Immutable after construction by convention; safe to read from any thread.
struct Catalogue {
  std::vector<ServiceEntry> services;
  std::vector<EntityEntry> entities;
  std::vector<CallPathEntry> call_paths;
  std::vector<MessageTemplate> templates;
  std::vector<std::string> error_codes;  // "ERR_504"
  std::vector<FaultEntry> faults;
  bool operator==(const Catalogue&) const = default;
};

// How the cause of each record was found: by the rule of blame as the world was lived, or from the
// counterfactual (docs/TRUTH.md). Numbers are part of the file format.
enum class TruthMethod : std::uint8_t { kLocal = 0, kExact = 1 };
inline constexpr text::EnumNames kTruthMethodNames(std::to_array<text::EnumName<TruthMethod>>(
    {{TruthMethod::kLocal, "local"}, {TruthMethod::kExact, "exact"}}));

// The header's contents other than the catalogue. `scenario_text` and `overrides` are for people
// and for recording again; they are not part of the digest.
struct TraceInfo {
  std::string program_version;
  std::string scenario_name;
  std::string scenario_text;           // the complete YAML
  std::vector<std::string> overrides;  // "PATH=VALUE", "--without NAME", in the order given
  std::uint64_t seed = 1;
  std::uint64_t trace_key = 0;              // keys trace_id, see traces/trace_id.h
  std::int64_t start_unix_nanoseconds = 0;  // the scenario's start, UTC
  sim::Duration duration;                   // asked for; Duration::Max() for "forever"
  // All times of records are multiples of it: 1 ns to 1 ms, a power of ten.
  sim::Duration resolution = sim::Nanoseconds(1);
  TruthMethod truth_method = TruthMethod::kLocal;
  bool operator==(const TraceInfo&) const = default;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_CATALOGUE_H_
