#include "cli/groundhog/facts_page.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/shared/shown.h"
#include "text/numbers.h"
#include "text/table.h"
#include "text/time_text.h"
#include "traces/hash128.h"
#include "traces/occurrences.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kOccurrencesShownMax = 12;
constexpr std::size_t kNameColumns = 63;       // the longest name that a scenario may give
constexpr std::size_t kScenarioColumns = 200;  // of a trace that was merged from several
constexpr std::size_t kOccurrenceColumns = kNameColumns + 11;  // NAME/4294967295

std::string SizeText(std::uint64_t bytes) {
  constexpr double kKilo = 1000.0;
  const auto size = static_cast<double>(bytes);
  if (bytes < 10'000) return absl::StrCat(text::WithCommas(bytes), " bytes");
  if (size < kKilo * kKilo) return absl::StrFormat("%.1f kB", size / kKilo);
  if (size < kKilo * kKilo * kKilo) return absl::StrFormat("%.1f MB", size / (kKilo * kKilo));
  return absl::StrFormat("%.2f GB", size / (kKilo * kKilo * kKilo));
}

std::string TimeText(const analysis::Facts& facts, sim::VirtualTime time) {
  return text::FormatRfc3339(text::UnixNanoseconds(facts.info.start_unix_nanoseconds, time));
}

std::vector<std::string> CountsRow(const std::string& name, const traces::LevelCounts& counts,
                                   std::uint64_t of) {
  const double share =
      of == 0 ? 0.0 : 100.0 * static_cast<double>(counts.total()) / static_cast<double>(of);
  std::vector<std::string> row = {name};
  for (const std::uint64_t count : counts.by_level) row.push_back(text::WithCommas(count));
  row.insert(row.end(), {text::WithCommas(counts.total()), absl::StrFormat("%.1f %%", share)});
  return row;
}

std::string ServicesTable(const analysis::Facts& facts) {
  std::vector<std::string> header = {"service"};
  for (const auto& level : traces::kLevelNames.rows()) header.emplace_back(level.name);
  header.insert(header.end(), {"records", "share"});
  std::vector<std::vector<std::string>> rows = {std::move(header)};
  traces::LevelCounts all;
  for (std::size_t i = 0; i < facts.catalogue.services.size(); ++i) {
    const traces::LevelCounts& counts = facts.summary.totals[i];
    all += counts;
    rows.push_back(CountsRow(Shown(facts.catalogue.services[i].name, kNameColumns), counts,
                             facts.summary.records));
  }
  rows.push_back(CountsRow("all", all, facts.summary.records));
  return text::Table(rows, 1);
}

std::string FaultsTable(const analysis::Facts& facts) {
  const std::vector<traces::Occurrence>& occurrences = facts.summary.occurrences;
  if (occurrences.empty()) return "no faults\n";
  std::vector<std::vector<std::string>> rows = {{"fault", "kind", "target", "start", "end"}};
  const std::size_t shown = std::min(occurrences.size(), kOccurrencesShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const traces::FaultEntry& fault = facts.catalogue.faults[traces::Index(occurrences[i].fault)];
    rows.push_back({Shown(traces::OccurrenceName(fault, occurrences[i].number), kOccurrenceColumns),
                    Shown(fault.kind, kNameColumns), Shown(fault.target, kNameColumns),
                    TimeText(facts, occurrences[i].start), TimeText(facts, occurrences[i].end)});
  }
  const std::string table = text::Table(rows, rows.front().size());
  return table + MoreText(occurrences.size(), shown);
}

std::string ColumnsTable(const analysis::Facts& facts) {
  std::vector<std::vector<std::string>> rows = {{"column", "bytes", "a record", "share"}};
  const auto add = [&](const std::string& name, std::uint64_t bytes) {
    const auto size = static_cast<double>(bytes);
    rows.push_back(
        {name, text::WithCommas(bytes),
         absl::StrFormat("%.3f", size / static_cast<double>(facts.summary.records)),
         absl::StrFormat("%.1f %%", 100 * size / static_cast<double>(facts.size_bytes))});
  };
  for (const analysis::ColumnShare& column : facts.columns) add(column.name, column.bytes);
  add("all", facts.size_bytes);
  return text::Table(rows, 1);
}

std::string DurationText(const analysis::Facts& facts) {
  sim::Duration time = facts.summary.end_time.since_start();
  // What was cut ends a nanosecond after its last record, which nobody wants to read.
  if (!facts.is_complete)
    time = sim::Milliseconds((time + sim::Nanoseconds(999'999)).milliseconds());
  const std::string covered = text::FormatDuration(time);
  const std::string asked = text::FormatDuration(facts.info.duration);
  return covered == asked ? covered : absl::StrCat(covered, " of ", asked, " asked for");
}

std::string RecordsText(const analysis::Facts& facts) {
  const traces::SummaryWithoutIndex& summary = facts.summary;
  std::string text =
      absl::StrCat(text::WithCommas(summary.records), " in ", text::WithCommas(summary.chunks),
                   summary.chunks == 1 ? " chunk" : " chunks");
  const double seconds = static_cast<double>(summary.end_time.nanoseconds()) / 1e9;
  if (seconds > 0) {
    text += absl::StrFormat(", %.2f a second", static_cast<double>(summary.records) / seconds);
  }
  return text;
}

std::string SizeLine(const analysis::Facts& facts) {
  std::string text = SizeText(facts.size_bytes);
  if (facts.summary.records > 0) {
    text +=
        absl::StrFormat(", %.1f bytes a record", static_cast<double>(facts.size_bytes) /
                                                     static_cast<double>(facts.summary.records));
  }
  if (facts.compression) {
    text += absl::StrCat(", compression ",
                         std::string(traces::kCompressionNames.NameOf(*facts.compression)));
  }
  return text;
}

}  // namespace

std::string FactsAsPage(const analysis::Facts& facts) {
  // One merged from different recordings has neither a scenario nor a seed of its own.
  std::string scenario = Shown(facts.info.scenario_name, kScenarioColumns);
  if (!facts.info.scenario_text.empty()) absl::StrAppend(&scenario, ", seed ", facts.info.seed);
  std::vector<std::vector<std::string>> rows = {{"scenario", scenario}};
  for (const std::string& override_text : facts.info.overrides) {
    rows.push_back({"", Shown(override_text)});
  }
  rows.push_back({"start", TimeText(facts, sim::VirtualTime())});
  rows.push_back({"duration", DurationText(facts)});
  rows.push_back({"resolution", text::FormatDuration(facts.info.resolution)});
  rows.push_back({"truth", std::string(traces::kTruthMethodNames.NameOf(facts.info.truth_method))});
  rows.push_back({"records", RecordsText(facts)});
  if (facts.summary.records > 0) {
    rows.push_back({"first", TimeText(facts, facts.summary.first_time)});
    rows.push_back({"last", TimeText(facts, facts.summary.last_time)});
  }
  rows.push_back({"size", SizeLine(facts)});
  rows.push_back(
      {"written by", absl::StrCat("groundhog ", Shown(facts.info.program_version, kNameColumns),
                                  ", format ", facts.format_version)});
  rows.push_back({"complete", facts.is_complete ? "yes" : "no"});
  if (facts.is_complete) rows.push_back({"digest", traces::ToHex(facts.summary.digest)});
  std::string page =
      absl::StrCat(text::Table(rows, 2), "\n", ServicesTable(facts), "\n", FaultsTable(facts));
  if (!facts.columns.empty() && facts.summary.records > 0) {
    absl::StrAppend(&page, "\n", ColumnsTable(facts));
  }
  return page;
}

}  // namespace groundhog::cli
