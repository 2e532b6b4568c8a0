// The place of a record: what it has in common with the record of another trace that is the same
// step of the same request. Internal to the alignment of traces.
#ifndef GROUNDHOG_ANALYSIS_PLACE_H_
#define GROUNDHOG_ANALYSIS_PLACE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "analysis/alignment.h"
#include "sim/entity.h"
#include "traces/record.h"

namespace groundhog::analysis {

struct Place {
  std::uint64_t trace_key = 0;
  std::uint64_t ordinal = 0;  // of no request: the time
  sim::EntityId source{};     // of no request: the host
  traces::SpanId span{};
  traces::SpanId parent_span{};
  traces::CallPathId call_path{};
  std::uint16_t attempt = 0;
  traces::ServiceId service{};
  bool operator==(const Place&) const = default;

  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const Place& place) {
    return Hash::combine(std::move(hash), place.trace_key, place.ordinal, place.source, place.span,
                         place.parent_span, place.call_path, place.attempt, place.service);
  }
};

inline bool IsOfRequest(const traces::Record& record) {
  return record.call_path != traces::CallPathId::kNone;
}

inline Place PlaceOf(const KeyedRecord& keyed) {
  const traces::Record& record = *keyed.record;
  if (!IsOfRequest(record)) {
    return {.ordinal = static_cast<std::uint64_t>(record.time.nanoseconds()),
            .source = record.host,
            .call_path = traces::CallPathId::kNone};
  }
  return {.trace_key = keyed.trace_key,
          .ordinal = record.request.ordinal,
          .source = record.request.source,
          .span = record.span,
          .parent_span = record.parent_span,
          .call_path = record.call_path,
          .attempt = record.attempt,
          .service = record.service};
}

inline bool HaveSameKind(const traces::Record& a, const traces::Record& b) {
  return a.message == b.message && a.level == b.level && a.error_code == b.error_code &&
         a.dependency == b.dependency;
}

// Who gets the records, once it is known how they align.
using TakeAligned = std::function<void(const AlignedRecord&)>;

// The record of `side` and, if there is one, its partner of the other side.
AlignedRecord Aligned(Side side, const KeyedRecord& record, const KeyedRecord& partner = {});

// So many records of one place are matched at a time, of either trace.
inline constexpr std::size_t kMatchedTogetherMax = 64;

// Matches all records of one place: those of one kind, then the last with the last, then those with
// the same level and error code, then any, each in order; the rest is only in one trace. At most
// kMatchedTogetherMax each.
void MatchAtPlace(std::span<const KeyedRecord> a, std::span<const KeyedRecord> b,
                  const TakeAligned& take);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_PLACE_H_
