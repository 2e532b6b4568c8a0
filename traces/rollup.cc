#include "traces/rollup.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "sim/check.h"

namespace groundhog::traces {
namespace {

constexpr std::array kWidths = {sim::Minutes(1),  sim::Minutes(2), sim::Minutes(10),
                                sim::Minutes(30), sim::Hours(1),   sim::Hours(2),
                                sim::Hours(4),    sim::Hours(12),  sim::Hours(24)};
constexpr sim::Duration kDay = kWidths.back();
// Two intervals as long as this hold all of virtual time.
constexpr sim::Duration kWidthMax = kDay * 65'536;
static_assert(kWidthMax > sim::Duration::Max() / 2);

// Adds up the cells of one interval and key.
class CellSum {
 public:
  void Add(const RollupCell& cell, const RollupBin* bins) {
    for (std::uint32_t i = 0; i < cell.bins; ++i) {
      std::uint64_t& records = records_[bins[i].bin];
      records = SaturatingSum(records, bins[i].records);
    }
    rest_ms_ = SaturatingSum(rest_ms_, cell.rest_ms);
  }

  // Appends what was added, and begins again.
  void MoveTo(std::uint32_t interval, const RollupKey& key, Rollup* out) {
    const std::size_t before = out->bins.size();
    for (std::size_t bin = 0; bin < records_.size(); ++bin) {
      if (records_[bin] == 0) continue;
      out->bins.push_back({.records = records_[bin], .bin = static_cast<std::uint8_t>(bin)});
    }
    out->cells.push_back({.interval = interval,
                          .key = key,
                          .bins = static_cast<std::uint32_t>(out->bins.size() - before),
                          .rest_ms = rest_ms_});
    *this = CellSum();
  }

 private:
  std::array<std::uint64_t, kLatencyBinCount> records_{};
  std::uint64_t rest_ms_ = 0;
};

bool Keeps(const Rollup& rollup, const RollupLimits& limits) {
  return rollup.cells.size() <= limits.cells_max && rollup.bins.size() <= limits.bins_max;
}

}  // namespace

std::optional<sim::Duration> WiderThan(sim::Duration width) {
  if (width >= kWidthMax) return std::nullopt;
  if (width >= kDay) return width * 2;
  return *std::ranges::upper_bound(kWidths, width);
}

bool IsRollupWidth(sim::Duration width) {
  std::optional<sim::Duration> each = kWidths.front();
  while (each && *each < width) each = WiderThan(*each);
  return each == width;
}

Rollup Joined(const Rollup& rollup, sim::Duration width) {
  sim::Check(width % rollup.width == sim::Duration(), "whole intervals are joined");
  const auto factor = static_cast<std::uint64_t>(width / rollup.width);
  std::vector<std::uint32_t> first_bin(rollup.cells.size());
  std::uint32_t bins = 0;
  for (std::size_t i = 0; i < rollup.cells.size(); ++i) {
    first_bin[i] = std::exchange(bins, bins + rollup.cells[i].bins);
  }
  const auto place = [&](std::uint32_t i) {
    const RollupCell& cell = rollup.cells[i];
    return std::tuple(static_cast<std::uint32_t>(cell.interval / factor), cell.key);
  };
  std::vector<std::uint32_t> order(rollup.cells.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, place);
  Rollup joined{.width = width};
  CellSum sum;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sum.Add(rollup.cells[order[i]], rollup.bins.data() + first_bin[order[i]]);
    const auto [interval, key] = place(order[i]);
    if (i + 1 == order.size() || place(order[i + 1]) != std::tuple(interval, key)) {
      sum.MoveTo(interval, key, &joined);
    }
  }
  return joined;
}

std::optional<Rollup> Fitted(Rollup rollup, const RollupLimits& limits) {
  rollup = Joined(rollup, rollup.width);
  while (!Keeps(rollup, limits)) {
    const std::optional<sim::Duration> wider = WiderThan(rollup.width);
    if (!wider) return std::nullopt;
    rollup = Joined(rollup, *wider);
  }
  return rollup;
}

std::optional<Rollup> Sum(const Rollup& a, const Rollup& b, const RollupLimits& limits) {
  const sim::Duration width = std::max(a.width, b.width);
  Rollup both = Joined(a, width);
  const Rollup more = Joined(b, width);
  both.cells.insert(both.cells.end(), more.cells.begin(), more.cells.end());
  both.bins.insert(both.bins.end(), more.bins.begin(), more.bins.end());
  return Fitted(std::move(both), limits);
}

}  // namespace groundhog::traces
