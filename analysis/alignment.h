// Finds for each record of one trace the record of another that is the same step of the same
// request, and says whether the two differ. So two days that differ by a fault can be compared
// record by record: what exists only because of the fault, what is slower because of it.
//
// Records of a request have the same place when trace id, call path, span and parent span, attempt
// and service are equal; those of no request (heartbeats, restarts) when host and time are. What is
// at one place in both traces is matched in this order:
//   1. records that are equal, at one time;
//   2. records of one kind (message template, level, error code and dependency), each with the
//      earliest one that is not matched yet;
//   3. what is left once the oldest of it leaves the window: the last with the last (those that end
//      a span), then records with the same level and error code, then any, in their order.
// The rest is only in one of the traces. The ordinal of a record of no request, and so its trace
// id, is not compared: it counts the host's records, so one more shifts all that follow.
//
// Both traces are read once, side by side by virtual time. Memory follows what one of them has and
// the other has not, or not yet: the requests that are in flight at different times, and what is
// only in one trace, within the last `window` of virtual time; never more than `unmatched_max`
// records (about 250 bytes each) beside one chunk a trace and the records of one instant. Beyond
// either limit, records are settled as in 3. though their partner may still come.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_ALIGNMENT_H_
#define GROUNDHOG_ANALYSIS_ALIGNMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "analysis/joint_catalogue.h"
#include "sim/time.h"
#include "text/enum_names.h"
#include "traces/record.h"

namespace groundhog::analysis {

// What can differ between two records that are at the same place.
enum class Field : std::uint8_t {
  kTime,
  kHost,
  kLevel,
  kDuration,
  kQueueWait,
  kClockSkew,
  kDependency,
  kErrorCode,
  kMessage,  // the template, or what is stored in its slots
  kTruth,    // cause, root, hops or second cause
};
inline constexpr text::EnumNames kFieldNames(
    std::to_array<text::EnumName<Field>>({{Field::kTime, "time"},
                                          {Field::kHost, "host"},
                                          {Field::kLevel, "level"},
                                          {Field::kDuration, "duration"},
                                          {Field::kQueueWait, "queue_wait"},
                                          {Field::kClockSkew, "clock_skew"},
                                          {Field::kDependency, "dependency"},
                                          {Field::kErrorCode, "error_code"},
                                          {Field::kMessage, "message"},
                                          {Field::kTruth, "truth"}}));

class FieldSet {
 public:
  void Add(Field field, bool is_in = true) {
    bits_ |= static_cast<std::uint16_t>(std::uint16_t{is_in} << static_cast<unsigned>(field));
  }
  bool Has(Field field) const { return (bits_ >> static_cast<unsigned>(field) & 1) != 0; }
  bool is_empty() const { return bits_ == 0; }
  bool operator==(const FieldSet&) const = default;

 private:
  std::uint16_t bits_ = 0;
};

// The fields in which two records of one place differ, both with joint indices.
FieldSet Differences(const traces::Record& a, const traces::Record& b);

// A record with the key of its trace id.
struct KeyedRecord {
  const traces::Record* record = nullptr;  // null: the trace has none here
  std::uint64_t trace_key = 0;
};

// One record of one trace or of both. The pointers are valid during the call that gets it.
struct AlignedRecord {
  KeyedRecord a;
  KeyedRecord b;
  FieldSet differences;  // where both are

  bool is_equal() const {
    return a.record != nullptr && b.record != nullptr && differences.is_empty();
  }
};

// Replaces the records by those of a trace's next chunk, and `trace_key` by its key. False at the
// end. Records come in the order of a trace; their times may repeat.
using KeyedChunkSource =
    std::function<bool(std::vector<traces::Record>* records, std::uint64_t* trace_key)>;

struct AlignmentOptions {
  sim::Duration window = sim::Hours(1);
  std::size_t unmatched_max = 400'000;  // at least 1
};

// Calls `take` once for each record of A and for each record of B that has none in A. The order is
// that of time for records that are equal, and otherwise that in which it becomes known. Indices
// are those of `joint`, which is of both traces' catalogues.
void Align(const JointCatalogue& joint, const KeyedChunkSource& a, const KeyedChunkSource& b,
           const AlignmentOptions& options, const std::function<void(const AlignedRecord&)>& take);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_ALIGNMENT_H_
