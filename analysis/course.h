// How a trace went on, by interval of virtual time and service, as its rollup has it: what
// `groundhog info --timeline` shows without reading a chunk.
//
// Not thread-safe where a reader is used; otherwise plain values and pure functions.
#ifndef GROUNDHOG_ANALYSIS_COURSE_H_
#define GROUNDHOG_ANALYSIS_COURSE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/facts.h"
#include "sim/time.h"
#include "traces/reader.h"
#include "traces/record.h"
#include "traces/rollup.h"
#include "traces/summary.h"

namespace groundhog::analysis {

// Figures of some records.
class CourseFigures {
 public:
  // A cell, and as many bins as it has.
  void Add(const traces::RollupCell& cell, const traces::RollupBin* bins);

  const traces::LevelCounts& counts() const { return counts_; }
  std::uint64_t errors() const { return counts_.by_level[traces::Index(traces::Level::kError)]; }
  // The exact sum of latency_ms.
  std::uint64_t latency_sum_ms() const { return latency_sum_ms_; }
  // A latency in ms that a share of the records, 0 < share <= 1, does not exceed: the greatest of
  // the bin that the percentile is in. So it is at most a quarter above the percentile, and below
  // 8 ms exact. There is a record.
  std::uint64_t LatencyAtMost(double share) const;

 private:
  traces::LevelCounts counts_;
  std::uint64_t latency_sum_ms_ = 0;
  std::array<std::uint64_t, traces::kLatencyBinCount> bins_{};
};

struct CourseRow {
  std::int64_t interval = 0;                 // from interval * width on
  std::optional<traces::ServiceId> service;  // nullopt: all services
  CourseFigures figures;
  std::span<const traces::RollupCell> cells;  // that the figures are of
  const traces::RollupBin* bins = nullptr;    // of the cells, in their order
};

// Calls `take` for each interval that has a record, in order: for all services together, then for
// each that has one. `services`: only of these; empty: of all.
void ForEachCourseRow(const traces::Rollup& rollup, std::span<const traces::ServiceId> services,
                      const std::function<void(const CourseRow&)>& take);

// The rollup of a complete trace from its footer; of others, and of one whose footer has none, by
// reading all records from `next_chunk`, which reads from `reader`.
// DataLoss: the footer's is not sound. ResourceExhausted: the records are too varied for a rollup.
absl::StatusOr<traces::Rollup> RollupOf(const traces::Reader& reader,
                                        const ChunkSource& next_chunk);

// The least width that people like, and that is a multiple of the rollup's, by which the time up to
// `last` has at most so many intervals, two at least.
sim::Duration PleasantWidth(const traces::Rollup& rollup, sim::VirtualTime last,
                            std::int64_t intervals_max);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_COURSE_H_
