// The record: one log line with everything that is known about it, as the model emits it, as the
// trace keeps it and as sinks receive it. Names are indices into the trace's Catalogue.
#ifndef GROUNDHOG_TRACES_RECORD_H_
#define GROUNDHOG_TRACES_RECORD_H_

#include <array>
#include <cstdint>
#include <type_traits>

#include "sim/entity.h"
#include "sim/time.h"
#include "text/enum_names.h"

namespace groundhog::traces {

// Indices into the Catalogue's lists. kNone: absent.
enum class ServiceId : std::uint16_t { kNone = 0xFFFF };
enum class TemplateId : std::uint16_t {};
enum class ErrorCodeId : std::uint16_t { kNone = 0xFFFF };
enum class CallPathId : std::uint16_t { kNone = 0xFFFF };
enum class FaultId : std::uint16_t { kNone = 0xFFFF };

template <class Id>
constexpr auto Index(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

enum class Level : std::uint8_t { kInfo = 0, kWarn = 1, kError = 2 };
inline constexpr text::EnumNames kLevelNames(std::to_array<text::EnumName<Level>>(
    {{Level::kInfo, "INFO"}, {Level::kWarn, "WARN"}, {Level::kError, "ERROR"}}));
inline constexpr int kLevelCount = kLevelNames.rows().size();

// Identifies a span within its request; a hash of the chain of calls and attempts that led to it,
// so the same for the same step of every request. 0: none (a record of no span, the root's parent).
enum class SpanId : std::uint32_t { kNone = 0 };

// Names a request without spending 16 bytes on it: the entity that began it, and its ordinal among
// that entity's requests. A record that belongs to no request has its host as the source. trace_id
// is derived from it (see traces/trace_id.h).
struct RequestId {
  sim::EntityId source{};
  std::uint64_t ordinal = 0;
  bool operator==(const RequestId&) const = default;
};

// Ground truth: the fault and its occurrence (from 1) that caused the record, the service where the
// effect began, and how many calls away from that service this record is. `also`: another fault
// without which the record would not be there either, or, of level INFO, would have another
// latency; in its last occurrence that began by then.
struct Truth {
  FaultId fault = FaultId::kNone;
  ServiceId root = ServiceId::kNone;
  std::uint32_t occurrence = 0;  // 0 exactly when fault is kNone
  std::uint8_t hops = 0;         // saturates at 255
  FaultId also = FaultId::kNone;
  bool operator==(const Truth&) const = default;
};

// The largest number of slots of one template whose values are stored with the record.
inline constexpr int kStoredSlotsMax = 6;

// The largest error of a host's clock, early or late.
inline constexpr sim::Duration kClockSkewMax = sim::Hours(24);

// Plain value, about 140 bytes. Fields that do not apply hold their defaults, so that equal records
// compare equal.
struct Record {
  sim::VirtualTime time;                 // of emission
  sim::EntityId host{};                  // the emitting host: an index into Catalogue::entities
  ServiceId service = ServiceId::kNone;  // the host's service
  Level level = Level::kInfo;
  RequestId request;
  SpanId span = SpanId::kNone;
  SpanId parent_span = SpanId::kNone;
  CallPathId call_path = CallPathId::kNone;  // kNone: of no request
  std::uint16_t attempt = 0;                 // of the span's call, from 1; 0: of no request
  sim::Duration duration;                    // of the span, or attempt, or the interval's median
  // Time spent waiting for a slot. Part of duration, except for work taken from a consumers' queue,
  // where the wait comes before duration.
  sim::Duration queue_wait;
  // The error of the host's clock: > 0 early, < 0 late. `time` is always the true time; only
  // timestamps show the error.
  sim::Duration clock_skew;
  ServiceId dependency = ServiceId::kNone;
  ErrorCodeId error_code = ErrorCodeId::kNone;  // present exactly when level is kError
  TemplateId message{};
  std::array<std::int64_t, kStoredSlotsMax> slots{};  // stored slots, in the template's order
  Truth truth;
  bool operator==(const Record&) const = default;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_RECORD_H_
