// Rolls a trace up while it is written or verified. Memory does not grow with the trace: intervals
// become longer when there are too many cells. The rollup depends on the records alone, not on how
// they are cut into calls of Add: its width is the least that keeps the limits.
#ifndef GROUNDHOG_TRACES_ROLLUP_BUILDER_H_
#define GROUNDHOG_TRACES_ROLLUP_BUILDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/time.h"
#include "traces/intern_table.h"
#include "traces/record.h"
#include "traces/rollup.h"

namespace groundhog::traces {

// Not thread-safe.
class RollupBuilder {
 public:
  // `open_records_max`: the open interval is put together in parts of at most so many records, 1 at
  // least, which changes nothing of the rollup.
  explicit RollupBuilder(
      const RollupLimits& limits = {},
      std::uint32_t open_records_max = std::numeric_limits<std::uint32_t>::max());

  // Takes the next records in the order of time.
  void Add(std::span<const Record> records);

  // Takes what was added into rollup(). Once, after the last record.
  void Finish() { CloseInterval(); }

  // After Finish: null if no width keeps the limits.
  const Rollup* rollup() const { return is_lost_ ? nullptr : &done_; }

 private:
  // The open interval's records of one key. There is a row for each key that was ever seen.
  struct Row {
    RollupKey key;
    std::uint64_t rest_ms = 0;
    std::array<std::uint64_t, kLatencyBinCount / 64 + 1> bins{};  // a bit for each that has records
    std::array<std::uint32_t, kLatencyBinCount> records{};        // by bin
  };

  // A key as a number, and its row.
  struct Known {
    std::uint64_t number = kNoNumber;
    std::uint32_t row = 0;
  };
  static constexpr std::uint64_t kNoNumber = std::numeric_limits<std::uint64_t>::max();
  static constexpr int kRecentBits = 10;

  void AddToOpen(const Record& record);
  std::uint32_t RowOf(const Record& record);
  std::uint32_t LookUp(std::uint64_t number, const RollupKey& key);
  void CloseInterval();
  std::span<const std::uint32_t> UsedRowsInOrder();
  void TakeOpen(std::uint32_t interval);
  void TakeRow(std::uint32_t interval, Row* row);
  void Lose();

  const RollupLimits limits_;
  const std::uint32_t open_records_max_;
  Rollup done_;             // of all intervals before the open one
  sim::VirtualTime begin_;  // of the open interval, where it has records
  std::uint32_t open_records_ = 0;
  // Keys that were seen not long ago, each in the place of its hash: so nearly all are found at
  // once.
  std::array<Known, std::size_t{1} << kRecentBits> recent_;
  InternTable keys_;
  std::vector<Row> rows_;             // by index in `keys_`
  std::vector<std::uint32_t> order_;  // all rows, by key
  std::vector<std::uint32_t> used_;   // the rows that have records, in the order of first sight
  bool is_lost_ = false;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ROLLUP_BUILDER_H_
