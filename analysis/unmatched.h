// Records of requests that were read from one trace and have no partner in the other one yet.
// Internal to the alignment of traces.
#ifndef GROUNDHOG_ANALYSIS_UNMATCHED_H_
#define GROUNDHOG_ANALYSIS_UNMATCHED_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analysis/alignment.h"
#include "analysis/joint_catalogue.h"
#include "analysis/place.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::analysis {

// Keeps at most `records_max` records and settles the oldest ones beyond. Everything goes to `take`
// exactly once. Not thread-safe.
class Unmatched {
 public:
  // `take` must outlive this.
  Unmatched(std::size_t records_max, const TakeAligned& take)
      : records_max_(records_max), take_(take) {}

  // Gives the record its partner, the earliest of the same place and kind, or keeps a copy of it.
  // Records are added in the order of time.
  void Add(Side side, const KeyedRecord& added);

  // Settles the places of all records before `time`: no partner of the same kind is waited for.
  void SettleBefore(sim::VirtualTime time);
  void SettleAll();

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Entry {
    traces::Record record;
    std::uint64_t trace_key = 0;
    std::uint32_t next = kNone;  // at the same place, by time; of a free entry: the next free one
    std::uint32_t older = kNone;
    std::uint32_t newer = kNone;
    Side side = Side::kA;
  };
  using Heads = absl::flat_hash_map<Place, std::uint32_t>;

  KeyedRecord KeyedOf(const Entry& entry) const {
    return {.record = &entry.record, .trace_key = entry.trace_key};
  }
  // A new entry, the newest.
  std::uint32_t Keep(Side side, const KeyedRecord& kept);
  void Free(std::uint32_t index);
  void SettlePlace(Heads::iterator place);
  void SettleOldest();

  const std::size_t records_max_;
  const TakeAligned& take_;
  std::vector<Entry> entries_;
  Heads heads_;  // the first entry of each place
  std::size_t count_ = 0;
  std::uint32_t free_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_UNMATCHED_H_
