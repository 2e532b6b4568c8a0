// What two traces have in common and what not, as numbers: in all, by service, by minute and by
// cause; and where they first part.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_DIFF_H_
#define GROUNDHOG_ANALYSIS_DIFF_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analysis/alignment.h"
#include "analysis/joint_catalogue.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Records that are not equal in both traces.
struct DiffCounts {
  std::uint64_t only_a = 0;
  std::uint64_t only_b = 0;
  std::uint64_t different = 0;  // pairs

  std::uint64_t total() const { return only_a + only_b + different; }
  DiffCounts& operator+=(const DiffCounts& other) {
    only_a += other.only_a;
    only_b += other.only_b;
    different += other.different;
    return *this;
  }
  bool operator==(const DiffCounts&) const = default;
};

// A copy of a record, for when the trace has been read on.
struct KeptRecord {
  traces::Record record;
  std::uint64_t trace_key = 0;
};

// A record that is not equal in both traces.
struct Difference {
  std::optional<KeptRecord> a;  // nullopt: it has none
  std::optional<KeptRecord> b;
  FieldSet differences;      // where both are
  std::uint64_t number = 0;  // among all differences, as they become known

  // The earlier one, A's if both have the same time.
  const KeptRecord& earlier() const {
    return !b || (a && a->record.time <= b->record.time) ? *a : *b;
  }
};

// A fault and its occurrence, or none.
using Cause = std::pair<traces::FaultId, std::uint32_t>;

// One service in one minute of virtual time, from 0.
struct MinuteOfService {
  std::int64_t minute = 0;
  traces::ServiceId service{};
  auto operator<=>(const MinuteOfService&) const = default;

  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const MinuteOfService& one) {
    return Hash::combine(std::move(hash), one.minute, one.service);
  }
};

// Takes what Align gives. Memory follows the number of services, of causes, and of the minutes in
// which something differs. Indices are joint ones. A pair counts at the time and service of A's.
class Diff {
 public:
  // So many of the earliest differences are kept, about 300 bytes each.
  static constexpr std::size_t kEarliestMax = 4'096;

  void Take(const AlignedRecord& aligned);

  bool are_identical() const { return all_.total() == 0; }
  std::uint64_t equal() const { return equal_; }
  std::uint64_t records_a() const { return equal_ + all_.different + all_.only_a; }
  std::uint64_t records_b() const { return equal_ + all_.different + all_.only_b; }
  const DiffCounts& all() const { return all_; }
  // Of the pairs that differ, those that differ in the field.
  std::uint64_t different_in(Field field) const {
    return by_field_[static_cast<std::size_t>(field)];
  }

  // Where the traces part: the earliest difference, of the earliest host. Null: nowhere.
  const Difference* first() const;
  // What follows in the request of the first difference, which is the first of these, by time: so
  // much of it as is among the kEarliestMax earliest differences of all. Only the first, if that is
  // of no request.
  std::vector<Difference> chain() const;
  // The first difference of each service that has any, by time.
  std::vector<Difference> first_by_service() const;

  // By service and minute, those with something to count, by minute.
  std::vector<std::pair<MinuteOfService, DiffCounts>> minutes() const;
  // By cause that either record has, both if they differ; no cause where neither has one.
  const std::map<Cause, DiffCounts>& causes() const { return causes_; }

 private:
  void Keep(const AlignedRecord& aligned);
  void CountCauses(const AlignedRecord& aligned, const DiffCounts& one);

  std::uint64_t equal_ = 0;
  DiffCounts all_;
  std::array<std::uint64_t, kFieldNames.rows().size()> by_field_{};
  absl::flat_hash_map<MinuteOfService, DiffCounts> minutes_;
  std::map<Cause, DiffCounts> causes_;
  std::map<traces::ServiceId, Difference> first_by_service_;
  std::vector<Difference> earliest_;  // a heap, the latest on top
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_DIFF_H_
