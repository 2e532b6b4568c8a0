#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/diff_report.h"
#include "cli/shared/colour.h"
#include "cli/shared/shown.h"
#include "text/numbers.h"
#include "text/table.h"
#include "text/time_text.h"
#include "text/wrap.h"

namespace groundhog::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kNameColumns = 40;  // what three columns of counts leave
constexpr std::size_t kPeriodsMax = 20;
constexpr std::size_t kCausesMax = 20;
constexpr std::size_t kChangesMax = 20;

std::vector<std::string> CountsRow(const std::string& name, const analysis::DiffCounts& counts) {
  return {name, text::WithCommas(counts.only_a), text::WithCommas(counts.only_b),
          text::WithCommas(counts.different)};
}

std::vector<std::string> Header(const char* what) {
  return {what, "only in A", "only in B", "different"};
}

// "10,012, of which differ in duration 9,800, time 9,000, ..."
std::string DifferentText(const analysis::Diff& diff) {
  std::vector<std::pair<std::uint64_t, std::string>> fields;
  for (const auto& field : analysis::kFieldNames.rows()) {
    const std::uint64_t count = diff.different_in(field.value);
    if (count > 0) fields.emplace_back(count, std::string(field.name));
  }
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& one, const auto& other) { return one.first > other.first; });
  std::string text = text::WithCommas(diff.all().different);
  const char* separator = ": ";
  for (const auto& [count, name] : fields) {
    absl::StrAppend(&text, separator, name, " ", text::WithCommas(count));
    separator = ", ";
  }
  return text;
}

std::string RecordsTable(const DiffReport& report) {
  const analysis::Diff& diff = report.diff;
  Rows rows = {{"A", absl::StrCat(text::WithCommas(diff.records_a()), " records, ",
                                  Shown(report.file_a, kNameColumns))},
               {"B", absl::StrCat(text::WithCommas(diff.records_b()), " records, ",
                                  Shown(report.file_b, kNameColumns))},
               {"equal", text::WithCommas(diff.equal())}};
  constexpr std::size_t kLeft = 11;  // "only in A" and two blanks
  const char* name = "different";
  for (std::string& line : text::Wrap(DifferentText(diff), kColumns - kLeft)) {
    rows.push_back({name, std::move(line)});
    name = "";
  }
  rows.push_back({"only in A", text::WithCommas(diff.all().only_a)});
  rows.push_back({"only in B", text::WithCommas(diff.all().only_b)});
  return text::Table(rows, 2);
}

// Nothing, unless the headers say that the causes were found in different ways.
std::string TruthPart(const DiffReport& report) {
  const traces::TruthMethod a = report.info_a.truth_method;
  const traces::TruthMethod b = report.info_b.truth_method;
  if (a == b) return "";
  return absl::StrCat("\nThe truth was found in different ways: A ",
                      std::string(traces::kTruthMethodNames.NameOf(a)), ", B ",
                      std::string(traces::kTruthMethodNames.NameOf(b)), ".\n");
}

std::string ScenarioPart(const DiffReport& report) {
  if (report.scenario.empty()) return "\nThe scenarios are the same.\n";
  std::string text = "\nThe scenarios differ in:\n";
  const auto value = [](const std::optional<std::string>& value) {
    return value ? Shown(*value, kColumns - 6) : "(nothing)";
  };
  const std::size_t shown = std::min(report.scenario.size(), kChangesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const ScenarioChange& change = report.scenario[i];
    absl::StrAppend(&text, "  ", Shown(change.key, kColumns - 2), "\n    A ", value(change.a),
                    "\n    B ", value(change.b), "\n");
  }
  return text + MoreText(report.scenario.size(), shown);
}

// Nothing, unless the digests differ though no record does.
std::string NamesPart(const DiffReport& report) {
  if (!report.diff.are_identical() || report.names.empty()) return "";
  std::string text =
      "\nNo record differs. The digests do, because of names that no record shows:\n";
  const std::size_t shown = std::min(report.names.size(), kChangesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&text, "  ", Shown(report.names[i], kColumns - 2), "\n");
  }
  return text + MoreText(report.names.size(), shown);
}

std::string ServicesPart(const DiffReport& report) {
  Rows rows = {Header("service")};
  const auto services = CountsByService(report.diff, report.catalogue.services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (services[i].total() == 0) continue;
    rows.push_back(CountsRow(Shown(report.catalogue.services[i].name, kNameColumns), services[i]));
  }
  rows.push_back(CountsRow("all", report.diff.all()));
  return absl::StrCat("\n", text::Table(rows, 1));
}

// Counts by period: a period is so many minutes long that there are few of them.
std::map<std::int64_t, analysis::DiffCounts> CountsByPeriod(const analysis::Diff& diff,
                                                            std::int64_t* minutes) {
  const auto counts = diff.minutes();
  std::map<std::int64_t, analysis::DiffCounts> periods;
  for (*minutes = 1;;) {
    periods.clear();
    for (const auto& [place, count] : counts) periods[place.minute / *minutes] += count;
    if (periods.size() <= kPeriodsMax) return periods;
    constexpr std::array<std::int64_t, 6> kLonger = {5, 10, 30, 60, 180, 720};
    const auto* longer = std::upper_bound(kLonger.begin(), kLonger.end(), *minutes);
    *minutes = longer != kLonger.end() ? *longer : *minutes * 2;
  }
}

std::string MinutesPart(const DiffReport& report) {
  std::int64_t minutes = 1;
  const auto periods = CountsByPeriod(report.diff, &minutes);
  const std::string length = text::FormatDuration(sim::Minutes(minutes));
  Rows rows = {Header("")};
  rows[0][0] = absl::StrCat("from, for ", length);
  for (const auto& [period, counts] : periods) {
    const sim::VirtualTime time(sim::Minutes(period * minutes));
    rows.push_back(CountsRow(
        text::FormatRfc3339(text::UnixNanoseconds(report.info_a.start_unix_nanoseconds, time)),
        counts));
  }
  return absl::StrCat("\n", text::Table(rows, 1));
}

std::string CausesPart(const DiffReport& report) {
  std::vector<std::pair<analysis::Cause, analysis::DiffCounts>> causes(report.diff.causes().begin(),
                                                                       report.diff.causes().end());
  std::stable_sort(causes.begin(), causes.end(), [](const auto& one, const auto& other) {
    return one.second.total() > other.second.total();
  });
  Rows rows = {Header("cause")};
  const std::size_t shown = std::min(causes.size(), kCausesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string name = CauseName(report, causes[i].first).value_or("(none)");
    rows.push_back(CountsRow(Shown(name, kNameColumns), causes[i].second));
  }
  return absl::StrCat("\n", text::Table(rows, 1), MoreText(causes.size(), shown));
}

}  // namespace

std::string DiffAsPage(const DiffReport& report) {
  const char* const verdict = report.is_identical() ? "The traces are identical."
                              : report.diff.are_identical()
                                  ? "The traces differ in their start only."
                                  : "The traces differ.";
  std::string page =
      absl::StrCat(Painter(report.is_coloured)
                       .Paint(report.is_identical() ? Colour::kGreen : Colour::kRed, verdict),
                   "\n\n", RecordsTable(report), ScenarioPart(report), TruthPart(report),
                   NamesPart(report), FirstPart(report));
  if (report.is_summary || report.diff.are_identical()) return page;
  return page + ServicesPart(report) + MinutesPart(report) + CausesPart(report);
}

}  // namespace groundhog::cli
