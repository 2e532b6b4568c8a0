// A rollup: a trace's records counted by interval of virtual time, service, dependency, level and
// latency. It is kept in the appendix, so that a picture of a day needs no scan. FORMAT.md,
// "Rollup".
//
// Two rollups of one catalogue add up to that of all their records: of neighbouring times as of
// several traces.
//
// Plain values and pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TRACES_ROLLUP_H_
#define GROUNDHOG_TRACES_ROLLUP_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sim/log_buckets.h"
#include "sim/time.h"
#include "traces/record.h"

namespace groundhog::traces {

// Bins of latencies in whole milliseconds, rounded down: what `latency_ms` shows. Below 8 ms each
// has one of its own; above, a bin is at most as wide as a quarter of its least latency.
using LatencyBins = sim::LogBuckets<2>;
constexpr std::size_t LatencyBin(sim::Duration latency) {
  return LatencyBins::Of(static_cast<std::uint64_t>(latency.milliseconds()));
}
inline constexpr std::size_t kLatencyBinCount = LatencyBin(sim::Duration::Max()) + 1;

// What a cell's records have in common. `dependency` may be ServiceId::kNone.
struct RollupKey {
  ServiceId service = ServiceId::kNone;
  ServiceId dependency = ServiceId::kNone;
  Level level = Level::kInfo;
  auto operator<=>(const RollupKey&) const = default;
};

// The records of one key in one interval.
struct RollupCell {
  std::uint32_t interval = 0;  // from the start, interval * width, on
  RollupKey key;
  std::uint32_t bins = 0;     // how many of the rollup's bins are this cell's, at least one
  std::uint64_t rest_ms = 0;  // the sum of the latencies less that of their bins' least values
  bool operator==(const RollupCell&) const = default;
};

struct RollupBin {
  std::uint64_t records = 0;  // at least one
  std::uint8_t bin = 0;       // below kLatencyBinCount
  bool operator==(const RollupBin&) const = default;
};

struct Rollup {
  sim::Duration width = sim::Minutes(1);  // of an interval: one that WiderThan gives, or a minute
  std::vector<RollupCell> cells;          // by interval, then key; each pair once
  std::vector<RollupBin> bins;            // the first cell's, ascending, then the next one's
  bool operator==(const Rollup&) const = default;
};

// Intervals become longer rather than that a rollup in a file exceeds one of these.
inline constexpr std::size_t kRollupCellsMax = 65'536;
inline constexpr std::size_t kRollupBinsMax = 524'288;

struct RollupLimits {
  std::size_t cells_max = kRollupCellsMax;
  std::size_t bins_max = kRollupBinsMax;
};

// The next width: 1, 2, 10 and 30 minutes, 1, 2, 4 and 12 hours, a day, and then always twice as
// long. Each is a multiple of the one before. nullopt: there is none.
std::optional<sim::Duration> WiderThan(sim::Duration width);

// Whether rollups can have this width.
bool IsRollupWidth(sim::Duration width);

// The same records by wider intervals, of a width that is a multiple of the rollup's. Cells and
// their bins may be in any order, and a pair of interval and key may come more than once.
Rollup Joined(const Rollup& rollup, sim::Duration width);

// The same by the least width that keeps the limits. nullopt: none does.
std::optional<Rollup> Fitted(Rollup rollup, const RollupLimits& limits = {});

// What rolls up the records of both, which have the same catalogue. nullopt: no width keeps the
// limits.
std::optional<Rollup> Sum(const Rollup& a, const Rollup& b, const RollupLimits& limits = {});

// Sums that stay at the greatest number instead of passing it, which files that are not hostile
// never reach. So the order in which numbers are added does not matter.
constexpr std::uint64_t kSumMax = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t SaturatingSum(std::uint64_t a, std::uint64_t b) {
  return a > kSumMax || b > kSumMax - a ? kSumMax : a + b;
}

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ROLLUP_H_
