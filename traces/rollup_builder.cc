#include "traces/rollup_builder.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

namespace groundhog::traces {

// Memory that is set apart but not used costs nothing, and what grows in it is never copied.
RollupBuilder::RollupBuilder(const RollupLimits& limits, std::uint32_t open_records_max)
    : limits_(limits), open_records_max_(open_records_max) {
  done_.cells.reserve(limits.cells_max);
  done_.bins.reserve(limits.bins_max);
}
void RollupBuilder::Add(std::span<const Record> records) {
  for (const Record& record : records) {
    if (open_records_ > 0 &&
        (record.time - begin_ >= done_.width || open_records_ == open_records_max_)) {
      CloseInterval();
    }
    if (is_lost_) return;
    if (open_records_ == 0) {
      begin_ = sim::VirtualTime(record.time.since_start().RoundedDownTo(done_.width));
    }
    AddToOpen(record);
  }
}

void RollupBuilder::AddToOpen(const Record& record) {
  const std::uint32_t number = RowOf(record);
  // Every width has a cell for each key.
  if (rows_.size() > limits_.cells_max) return Lose();
  Row& row = rows_[number];
  bool is_used = false;
  for (const std::uint64_t bits : row.bins) is_used |= bits != 0;
  if (!is_used) used_.push_back(number);
  const auto latency_ms = static_cast<std::uint64_t>(record.duration.milliseconds());
  const std::size_t bin = LatencyBins::Of(latency_ms);
  row.bins[bin / 64] |= std::uint64_t{1} << (bin % 64);
  ++row.records[bin];
  row.rest_ms = SaturatingSum(row.rest_ms, latency_ms - LatencyBins::First(bin));
  ++open_records_;
}

std::uint32_t RollupBuilder::RowOf(const Record& record) {
  constexpr std::uint64_t kGoldenRatio = 0x9E37'79B9'7F4A'7C15;  // Knuth, 6.4: multiplicative
  const std::uint64_t number = std::uint64_t{Index(record.service)} << 18 |
                               std::uint64_t{Index(record.dependency)} << 2 | Index(record.level);
  Known& known = recent_[number * kGoldenRatio >> (64 - kRecentBits)];
  if (known.number != number) {
    known = {.number = number,
             .row = LookUp(number, {record.service, record.dependency, record.level})};
  }
  return known.row;
}

std::uint32_t RollupBuilder::LookUp(std::uint64_t number, const RollupKey& key) {
  const std::uint32_t row = keys_.Intern({.low = number});
  if (row < rows_.size()) return row;
  rows_.push_back({.key = key});
  const auto key_of = [this](std::uint32_t each) { return rows_[each].key; };
  order_.insert(std::ranges::upper_bound(order_, key, {}, key_of), row);
  return row;
}

// Moves the open interval's records to `done_`.
void RollupBuilder::CloseInterval() {
  if (open_records_ == 0) return;
  const auto interval = static_cast<std::uint32_t>(begin_.since_start() / done_.width);
  // When the width has just grown, the interval's first records are there already.
  const bool has_begun = !done_.cells.empty() && done_.cells.back().interval == interval;
  TakeOpen(interval);
  if (is_lost_) return;
  if (!has_begun && done_.cells.size() <= limits_.cells_max &&
      done_.bins.size() <= limits_.bins_max) {
    return;
  }
  std::optional<Rollup> fitted = Fitted(std::move(done_), limits_);
  if (fitted) {
    done_ = *std::move(fitted);
  } else {
    Lose();
  }
}

// Few rows are sorted; where many are used, a walk over all is quicker.
std::span<const std::uint32_t> RollupBuilder::UsedRowsInOrder() {
  constexpr std::size_t kFew = 16;
  if (used_.size() * kFew > order_.size()) return order_;
  std::ranges::sort(used_, {}, [this](std::uint32_t row) { return rows_[row].key; });
  return used_;
}

// Appends the open interval's cells to `done_`.
void RollupBuilder::TakeOpen(std::uint32_t interval) {
  std::size_t bins = 0;
  for (const std::uint32_t number : used_) {
    for (const std::uint64_t bits : rows_[number].bins) {
      bins += static_cast<std::size_t>(std::popcount(bits));
    }
  }
  // No other width would have fewer bins for these records.
  if (bins > limits_.bins_max) return Lose();
  for (const std::uint32_t number : UsedRowsInOrder()) TakeRow(interval, &rows_[number]);
  used_.clear();
  open_records_ = 0;
}

void RollupBuilder::TakeRow(std::uint32_t interval, Row* row) {
  const std::size_t before = done_.bins.size();
  for (std::size_t word = 0; word < row->bins.size(); ++word) {
    for (std::uint64_t bits = std::exchange(row->bins[word], 0); bits != 0; bits &= bits - 1) {
      const std::size_t bin = 64 * word + static_cast<std::size_t>(std::countr_zero(bits));
      done_.bins.push_back(
          {.records = std::exchange(row->records[bin], 0U), .bin = static_cast<std::uint8_t>(bin)});
    }
  }
  const auto bins = static_cast<std::uint32_t>(done_.bins.size() - before);
  if (bins == 0) return;
  done_.cells.push_back({.interval = interval,
                         .key = row->key,
                         .bins = bins,
                         .rest_ms = std::exchange(row->rest_ms, 0U)});
}

void RollupBuilder::Lose() {
  is_lost_ = true;
  open_records_ = 0;
  done_ = {};
  keys_ = {};
  rows_ = {};
  order_ = {};
  used_ = {};
}

}  // namespace groundhog::traces
