#include "analysis/verify.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "text/concat.h"
#include "text/printable.h"
#include "text/time_text.h"
#include "traces/hash128.h"
#include "traces/record.h"
#include "traces/summary_builder.h"

namespace groundhog::analysis {
namespace {

std::string CountsText(const traces::LevelCounts& counts) {
  std::string text;
  for (const auto& level : traces::kLevelNames.rows()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", counts.by_level[traces::Index(level.value)],
                    " ", std::string(level.name));
  }
  return text;
}

}  // namespace

std::string Difference(const traces::Summary& stated, const traces::Summary& read,
                       const traces::Catalogue& catalogue) {
  if (stated.records != read.records) {
    return absl::StrCat(stated.records, " records, but there are ", read.records);
  }
  if (stated.chunks != read.chunks) {
    return absl::StrCat(stated.chunks, " chunks, but there are ", read.chunks);
  }
  if (stated.first_time != read.first_time) return "another time of the first record";
  if (stated.last_time != read.last_time) return "another time of the last record";
  if (stated.end_time != read.end_time) return "that the trace ends before its last record";
  for (std::size_t i = 0; i < read.totals.size(); ++i) {
    if (stated.totals[i] == read.totals[i]) continue;
    return absl::StrCat(text::QuotedName(catalogue.services[i].name), " has ",
                        CountsText(stated.totals[i]), ", but it has ", CountsText(read.totals[i]));
  }
  if (stated.occurrences != read.occurrences) return "other occurrences than its faults have";
  if (stated.index.size() != read.index.size()) {
    return absl::StrCat("an index of ", stated.index.size(), " entries, not ", read.index.size());
  }
  for (std::size_t i = 0; i < read.index.size(); ++i) {
    traces::IndexEntry entry = stated.index[i];
    // Files of older versions do not say it.
    if (entry.last_time == sim::VirtualTime::Max()) entry.last_time = read.index[i].last_time;
    if (entry == read.index[i]) continue;
    return absl::StrCat("an index whose entry ", i, " is not that of the chunk at byte ",
                        read.index[i].offset);
  }
  if (stated.digest != read.digest) {
    return absl::StrCat("the digest ", traces::ToHex(stated.digest), ", but the records give ",
                        traces::ToHex(read.digest));
  }
  return "";
}

std::string Difference(const traces::Rollup& stated, const traces::Rollup& read,
                       const traces::Catalogue& catalogue) {
  if (stated.width != read.width) {
    return absl::StrCat("a rollup by ", text::FormatDuration(stated.width),
                        ", but its records fit one by ", text::FormatDuration(read.width));
  }
  const traces::RollupBin* stated_bin = stated.bins.data();
  const traces::RollupBin* read_bin = read.bins.data();
  for (std::size_t i = 0; i < std::min(stated.cells.size(), read.cells.size()); ++i) {
    const traces::RollupCell& cell = read.cells[i];
    if (stated.cells[i] != cell || !std::equal(read_bin, read_bin + cell.bins, stated_bin)) {
      return absl::StrCat(
          "a rollup that differs from the records of ",
          text::QuotedName(catalogue.services[traces::Index(cell.key.service)].name), " from ",
          text::FormatDuration(read.width * cell.interval), " on");
    }
    read_bin += cell.bins;
    stated_bin += cell.bins;
  }
  if (stated.cells.size() != read.cells.size()) {
    return absl::StrCat("a rollup of ", stated.cells.size(), " cells, not ", read.cells.size());
  }
  return "";
}

namespace {

// The trace's rollup against that of the records; a trace of an older program has none.
absl::StatusOr<std::string> RollupDifference(const traces::Reader& reader,
                                             const traces::SummaryBuilder& read) {
  const absl::StatusOr<std::optional<traces::Rollup>> stated = reader.ReadRollup();
  if (!stated.ok()) return stated.status();
  if (!stated->has_value()) return "";
  if (read.rollup() == nullptr) return "a rollup, but its records are too varied for one";
  return Difference(**stated, *read.rollup(), reader.catalogue());
}

}  // namespace

absl::Status VerifyTrace(std::string_view name, traces::Reader& reader,
                         const std::function<void()>& after_chunk) {
  traces::SummaryBuilder read(reader.info(), reader.catalogue());
  std::vector<traces::Record> records;
  while (true) {
    const absl::StatusOr<bool> has_more = reader.NextChunk(&records);
    if (!has_more.ok()) return has_more.status();
    if (!*has_more) break;
    read.AddRecords(records, reader.trace_key());
    read.EndChunk(reader.chunk_offset());
    if (after_chunk) after_chunk();
  }
  if (!reader.incompleteness().ok()) return reader.incompleteness();
  const traces::Summary* stated = reader.summary();
  if (stated == nullptr) return absl::DataLossError(text::Concat({name, ": incomplete"}));
  read.Finish(stated->end_time);
  std::string difference = Difference(*stated, read.summary(), reader.catalogue());
  if (difference.empty()) {
    absl::StatusOr<std::string> of_rollup = RollupDifference(reader, read);
    if (!of_rollup.ok()) return of_rollup.status();
    difference = *std::move(of_rollup);
  }
  if (difference.empty()) return absl::OkStatus();
  return absl::DataLossError(
      text::Concat({name, ": the footer at byte ", std::to_string(reader.footer_offset()), " says ",
                    difference}));
}

}  // namespace groundhog::analysis
