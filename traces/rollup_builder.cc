#include "traces/rollup_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/check.h"

namespace groundhog::traces {
namespace {

// A place has 42 bits; the rest of a number in `used_` has where it is.
constexpr int kIndexBits = 22;

std::uint64_t PlaceOf(const Record& record, std::size_t bin) {
  return std::uint64_t{Index(record.service)} << 26 |
         std::uint64_t{Index(record.dependency)} << 10 | std::uint64_t{Index(record.level)} << 8 |
         bin;
}
RollupKey KeyOf(std::uint64_t place) {
  return {.service = ServiceId{static_cast<std::uint16_t>(place >> 26)},
          .dependency = ServiceId{static_cast<std::uint16_t>(place >> 10)},
          .level = Level{static_cast<std::uint8_t>(place >> 8 & 3)}};
}
std::uint8_t BinOf(std::uint64_t place) { return static_cast<std::uint8_t>(place); }

std::size_t IndexOf(std::uint64_t used) { return used & ((std::uint64_t{1} << kIndexBits) - 1); }

static_assert(kLatencyBinCount <= 256);

}  // namespace

void RollupBuilder::Add(std::span<const Record> records) {
  for (const Record& record : records) {
    if (!used_.empty() && record.time - begin_ >= done_.width) CloseInterval();
    if (is_lost_) return;
    if (used_.empty()) {
      begin_ = sim::VirtualTime(record.time.since_start().RoundedDownTo(done_.width));
    }
    AddToOpen(record);
    // No other width would have fewer bins for these records.
    if (used_.size() > limits_.bins_max) Lose();
  }
}

void RollupBuilder::AddToOpen(const Record& record) {
  const auto latency_ms = static_cast<std::uint64_t>(record.duration.milliseconds());
  const std::size_t bin = LatencyBins::Of(latency_ms);
  Count& count = CountOf(PlaceOf(record, bin));
  ++count.records;
  count.rest_ms = SaturatingSum(count.rest_ms, latency_ms - LatencyBins::First(bin));
}

RollupBuilder::Count& RollupBuilder::CountOf(std::uint64_t place) {
  constexpr std::uint64_t kGoldenRatio = 0x9E37'79B9'7F4A'7C15;  // Knuth, 6.4: multiplicative
  std::size_t at = (place * kGoldenRatio) >> shift_;
  while (open_[at].place != place || open_[at].records == 0) {
    if (open_[at].records == 0) {
      if (2 * used_.size() >= open_.size()) {
        Grow();
        return CountOf(place);
      }
      used_.push_back(place << kIndexBits | at);
      open_[at].place = place;
      break;
    }
    at = (at + 1) & (open_.size() - 1);
  }
  return open_[at];
}

void RollupBuilder::Grow() {
  --shift_;
  sim::Check(64 - shift_ <= kIndexBits, "the limits bound the table");
  const std::vector<Count> before = std::exchange(open_, std::vector<Count>(2 * open_.size()));
  for (const std::uint64_t used : std::exchange(used_, {})) {
    const Count& count = before[IndexOf(used)];
    CountOf(count.place) = count;
  }
}

// Moves the open interval's records to `done_`.
void RollupBuilder::CloseInterval() {
  if (used_.empty()) return;
  const auto interval = static_cast<std::uint32_t>(begin_.since_start() / done_.width);
  // When the width has just grown, the interval's first records are there already.
  const bool has_begun = !done_.cells.empty() && done_.cells.back().interval == interval;
  TakeOpen(interval);
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

// Appends the open interval's cells to `done_`.
void RollupBuilder::TakeOpen(std::uint32_t interval) {
  std::ranges::sort(used_);
  std::optional<std::uint64_t> key;
  for (const std::uint64_t used : used_) {
    const Count count = std::exchange(open_[IndexOf(used)], {});
    if (key != count.place >> 8) {
      key = count.place >> 8;
      done_.cells.push_back({.interval = interval, .key = KeyOf(count.place)});
    }
    RollupCell& cell = done_.cells.back();
    ++cell.bins;
    cell.rest_ms = SaturatingSum(cell.rest_ms, count.rest_ms);
    done_.bins.push_back({.records = count.records, .bin = BinOf(count.place)});
  }
  used_.clear();
}

void RollupBuilder::Lose() {
  is_lost_ = true;
  done_ = {};
  open_ = {};
  used_ = {};
}

}  // namespace groundhog::traces
