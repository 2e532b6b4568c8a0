// Rolls a trace up while it is written or verified. Memory does not grow with the trace: intervals
// become longer when there are too many cells. The rollup depends on the records alone, not on how
// they are cut into calls of Add: its width is the least that keeps the limits.
#ifndef GROUNDHOG_TRACES_ROLLUP_BUILDER_H_
#define GROUNDHOG_TRACES_ROLLUP_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/time.h"
#include "traces/record.h"
#include "traces/rollup.h"

namespace groundhog::traces {

// Not thread-safe.
class RollupBuilder {
 public:
  explicit RollupBuilder(const RollupLimits& limits = {}) : limits_(limits) {}

  // Takes the next records in the order of time.
  void Add(std::span<const Record> records);

  // Takes what was added into rollup(). Once, after the last record.
  void Finish() { CloseInterval(); }

  // After Finish: null if no width keeps the limits.
  const Rollup* rollup() const { return is_lost_ ? nullptr : &done_; }

 private:
  // The open interval's records of one key and bin.
  struct Count {
    std::uint64_t place = 0;    // key and bin as one number, of their order
    std::uint64_t records = 0;  // 0: there is none here
    std::uint64_t rest_ms = 0;
  };

  void AddToOpen(const Record& record);
  Count& CountOf(std::uint64_t place);
  void Grow();
  void CloseInterval();
  void TakeOpen(std::uint32_t interval);
  void Lose();

  const RollupLimits limits_;
  Rollup done_;             // of all intervals before the open one
  sim::VirtualTime begin_;  // of the open interval, where it has records
  // The open interval, as a hash table with open addressing: of 2^(64 - shift_) counts.
  int shift_ = 54;
  std::vector<Count> open_ = std::vector<Count>(std::size_t{1} << (64 - shift_));
  std::vector<std::uint64_t> used_;  // its places that have records, and where they are in it
  bool is_lost_ = false;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ROLLUP_BUILDER_H_
