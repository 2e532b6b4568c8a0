#include "analysis/course.h"

#include <algorithm>

#include "absl/status/status.h"
#include "traces/rollup_builder.h"

namespace groundhog::analysis {

using traces::LatencyBins;

void CourseFigures::Add(const traces::RollupCell& cell, const traces::RollupBin* bins) {
  latency_sum_ms_ += cell.rest_ms;
  for (std::uint32_t i = 0; i < cell.bins; ++i) {
    counts_.by_level[traces::Index(cell.key.level)] += bins[i].records;
    latency_sum_ms_ += bins[i].records * LatencyBins::First(bins[i].bin);
    bins_[bins[i].bin] += bins[i].records;
  }
}

std::uint64_t CourseFigures::LatencyAtMost(double share) const {
  const double wanted = share * static_cast<double>(counts_.total());
  std::uint64_t seen = 0;
  std::size_t bin = 0;
  while (bin + 1 < bins_.size()) {
    seen += bins_[bin];
    if (seen > 0 && static_cast<double>(seen) >= wanted) break;
    ++bin;
  }
  return LatencyBins::First(bin) + LatencyBins::Width(bin) - 1;
}

void ForEachCourseRow(const traces::Rollup& rollup, std::span<const traces::ServiceId> services,
                      const std::function<void(const CourseRow&)>& take) {
  const auto is_wanted = [&](const traces::RollupCell& cell) {
    return services.empty() || std::ranges::count(services, cell.key.service) > 0;
  };
  const std::span<const traces::RollupCell> cells = rollup.cells;
  const traces::RollupBin* bins = rollup.bins.data();
  // Fills a row from its first cell on, while `belongs`; returns how many cells it has.
  const auto fill = [&](CourseRow* row, std::size_t begin, const auto& belongs) {
    const traces::RollupBin* at = bins;
    std::size_t end = begin;
    for (; end < cells.size() && belongs(cells[end]); ++end) {
      if (is_wanted(cells[end])) row->figures.Add(cells[end], at);
      at += cells[end].bins;
    }
    row->cells = cells.subspan(begin, end - begin);
    row->bins = bins;
    if (row->figures.counts().total() > 0) take(*row);
    return at;
  };
  for (std::size_t begin = 0; begin < cells.size();) {
    const std::uint32_t interval = cells[begin].interval;
    CourseRow all{.interval = interval};
    fill(&all, begin, [&](const auto& cell) { return cell.interval == interval; });
    const std::size_t end = begin + all.cells.size();
    while (begin < end) {
      const traces::ServiceId service = cells[begin].key.service;
      CourseRow row{.interval = interval, .service = service};
      bins = fill(&row, begin, [&](const auto& cell) {
        return cell.interval == interval && cell.key.service == service;
      });
      begin += row.cells.size();
    }
  }
}

absl::StatusOr<traces::Rollup> RollupOf(const traces::Reader& reader,
                                        const ChunkSource& next_chunk) {
  absl::StatusOr<std::optional<traces::Rollup>> stored = reader.ReadRollup();
  if (!stored.ok()) return stored.status();
  if (stored->has_value()) return **std::move(stored);
  traces::RollupBuilder builder;
  std::vector<traces::Record> records;
  while (next_chunk(&records)) builder.Add(records);
  builder.Finish();
  if (builder.rollup() != nullptr) return *builder.rollup();
  return absl::ResourceExhaustedError("there are too many pairs of a service and its dependency");
}

sim::Duration PleasantWidth(const traces::Rollup& rollup, sim::VirtualTime last,
                            std::int64_t intervals_max) {
  constexpr std::array<std::int64_t, 16> kMinutes = {1,   2,   5,   10,  15,  20,  30,    60,
                                                     120, 180, 240, 360, 480, 720, 1'440, 2'880};
  const auto fits = [&](sim::Duration width) {
    return width % rollup.width == sim::Duration() && last.since_start() / width < intervals_max;
  };
  for (const std::int64_t minutes : kMinutes) {
    if (fits(sim::Minutes(minutes))) return sim::Minutes(minutes);
  }
  sim::Duration width = std::max(rollup.width, sim::Minutes(kMinutes.back()));
  while (!fits(width)) width = width * 2;
  return width;
}

}  // namespace groundhog::analysis
