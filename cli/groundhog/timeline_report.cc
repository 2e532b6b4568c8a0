#include "cli/groundhog/timeline_report.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/shared/shown.h"
#include "text/json_writer.h"
#include "text/numbers.h"
#include "text/table.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

using Layout = text::JsonWriter::Layout;
using Counts = std::vector<std::uint64_t>;

constexpr std::size_t kNameColumns = 20;
constexpr std::int64_t kPictureColumns = 48;
constexpr std::int64_t kTickColumns = 12;
constexpr std::size_t kPictureLinesMax = 40;
constexpr std::int64_t kRowsMax = 24;  // unless --every asks for more

// Heights as their share of the greatest; a blank for none.
std::string Bars(const Counts& counts, std::uint64_t most) {
  static constexpr std::array<std::string_view, 9> kHeights = {" ", "▁", "▂", "▃", "▄",
                                                               "▅", "▆", "▇", "█"};
  std::string bars;
  for (const std::uint64_t count : counts) {
    const double share = most == 0 ? 0 : static_cast<double>(count) / static_cast<double>(most);
    const auto height = static_cast<std::size_t>(share * 8);
    bars += kHeights[std::min<std::size_t>(count == 0 ? 0 : std::max<std::size_t>(height, 1), 8)];
  }
  return bars;
}

std::string Padded(std::string text, std::size_t columns) {
  text.append(columns - std::min(columns, text::Columns(text)), ' ');
  return text;
}

// "name  bars   peak", or nothing if there is nothing to show.
std::string BarsLine(const std::string& name, const Counts& counts) {
  const std::uint64_t most = *std::ranges::max_element(counts);
  if (most == 0) return "";
  const std::string peak = text::WithCommas(most);
  return absl::StrCat(Padded(Shown(name, kNameColumns), kNameColumns), "  ",
                      Padded(Bars(counts, most), static_cast<std::size_t>(kPictureColumns)),
                      std::string(10 - std::min<std::size_t>(peak.size(), 9), ' '), peak, "\n");
}

std::string RateText(const analysis::CourseFigures& figures) {
  return text::FormatPercent(
      static_cast<double>(figures.errors()) / static_cast<double>(figures.counts().total()), 1);
}

}  // namespace

struct TimelineReport::Line {
  std::string name;
  Counts records;
  Counts errors;
};

std::string TimelineReport::TimeText(std::int64_t interval, sim::Duration width) const {
  return text::FormatRfc3339(
      text::UnixNanoseconds(info_.start_unix_nanoseconds, sim::VirtualTime(width * interval)));
}

std::string TimelineReport::AsPage() const {
  if (rollup_.cells.empty()) return "no records\n";
  return absl::StrCat(Picture(), "\n", Table());
}

// Of all services, then of each that has a record.
std::vector<TimelineReport::Line> TimelineReport::LinesOf(sim::Duration width,
                                                          std::size_t columns) const {
  std::map<std::optional<traces::ServiceId>, Line> lines;
  analysis::ForEachCourseRow(
      traces::Joined(rollup_, width), options_.services, [&](const analysis::CourseRow& row) {
        Line& line = lines[row.service];
        if (line.records.empty()) {
          line.name = row.service ? catalogue_.services[traces::Index(*row.service)].name : "all";
          line.records.resize(columns);
          line.errors.resize(columns);
        }
        const auto column = static_cast<std::size_t>(row.interval);
        line.records[column] = row.figures.counts().total();
        line.errors[column] = row.figures.errors();
      });
  std::vector<Line> result;
  for (auto& [service, line] : lines) result.push_back(std::move(line));
  return result;
}

std::string TimelineReport::Picture() const {
  const sim::Duration width = analysis::PleasantWidth(rollup_, last_, kPictureColumns);
  const auto columns = static_cast<std::size_t>(last_.since_start() / width) + 1;
  const std::vector<Line> lines = LinesOf(width, columns);
  const std::size_t shown = std::min(lines.size(), kPictureLinesMax);
  std::string records, errors;
  for (std::size_t i = 0; i < shown; ++i) {
    records += BarsLine(lines[i].name, lines[i].records);
    errors += BarsLine(lines[i].name, lines[i].errors);
  }
  const std::string more = MoreText(lines.size(), shown);
  std::string picture =
      absl::StrCat("Records, a column for ", text::FormatDuration(width),
                   "; the number is what a line's highest column has\n", records, more);
  if (errors.empty()) return absl::StrCat(picture, Axis(width, columns));
  return absl::StrCat(picture, "\nRecords of level ERROR\n", errors, more, Axis(width, columns));
}

// The time of day below every twelfth column, with its date where that is a day or more.
std::string TimelineReport::Axis(sim::Duration width, std::size_t columns) const {
  const bool ticks_are_days = width >= sim::Hours(24) / kTickColumns;
  std::string axis(kNameColumns + 2, ' ');
  for (std::int64_t column = 0; column < static_cast<std::int64_t>(columns);
       column += kTickColumns) {
    const std::string time = TimeText(column, width);
    // Of 2025-01-06T14:30:00Z, "14:30" or "01-06 14:30".
    const std::string date = ticks_are_days ? time.substr(5, 5) + " " : "";
    axis += Padded(date + time.substr(11, 5), static_cast<std::size_t>(kTickColumns));
  }
  axis.erase(axis.find_last_not_of(' ') + 1);
  return axis + "\n";
}

std::string TimelineReport::Table() const {
  const sim::Duration width =
      options_.every.value_or(analysis::PleasantWidth(rollup_, last_, kRowsMax));
  std::vector<std::vector<std::string>> rows = {
      {"start", "records", "WARN", "errors", "p50 <=", "p95 <="}};
  std::int64_t next = 0;
  const auto skip_to = [&](std::int64_t interval) {
    if (interval > next) {
      const sim::Duration gap = width * (interval - next);
      rows.push_back({TimeText(next, width), absl::StrCat("none for ", text::FormatDuration(gap))});
    }
    next = interval + 1;
  };
  analysis::ForEachCourseRow(
      traces::Joined(rollup_, width), options_.services, [&](const analysis::CourseRow& row) {
        if (row.service) return;
        skip_to(row.interval);
        const analysis::CourseFigures& figures = row.figures;
        rows.push_back(
            {TimeText(row.interval, width), text::WithCommas(figures.counts().total()),
             text::WithCommas(figures.counts().by_level[traces::Index(traces::Level::kWarn)]),
             RateText(figures), text::WithCommas(figures.LatencyAtMost(0.5)),
             text::WithCommas(figures.LatencyAtMost(0.95))});
      });
  return absl::StrCat("By ", text::FormatDuration(width),
                      "; latencies in ms are approximate: too high, by a quarter at most\n",
                      text::Table(rows, 1));
}

namespace {

void PutDependencies(const analysis::CourseRow& row, const traces::Catalogue& catalogue,
                     text::JsonWriter* json) {
  json->Key("dependencies").BeginArray(Layout::kSpaced);
  const traces::RollupBin* bins = row.bins;
  for (std::size_t i = 0; i < row.cells.size();) {
    const traces::ServiceId dependency = row.cells[i].key.dependency;
    analysis::CourseFigures figures;
    for (; i < row.cells.size() && row.cells[i].key.dependency == dependency; ++i) {
      figures.Add(row.cells[i], bins);
      bins += row.cells[i].bins;
    }
    if (dependency == traces::ServiceId::kNone) continue;
    json->BeginObject(Layout::kSpaced);
    json->Put("dependency", catalogue.services[traces::Index(dependency)].name);
    json->Put("records", figures.counts().total());
    json->Put("errors", figures.errors());
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace

std::string TimelineReport::AsJson() const {
  const sim::Duration width = options_.every.value_or(rollup_.width);
  const auto time = [&](sim::VirtualTime at) {
    return text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(info_.start_unix_nanoseconds, at));
  };
  text::JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("start", time(sim::VirtualTime()));
  json.Put("every", text::FormatDuration(width));
  json.Key("timeline").BeginArray(Layout::kLines);
  analysis::ForEachCourseRow(
      traces::Joined(rollup_, width), options_.services, [&](const analysis::CourseRow& row) {
        if (!row.service) return;
        const analysis::CourseFigures& figures = row.figures;
        json.BeginObject(Layout::kSpaced);
        json.Put("start", time(sim::VirtualTime(width * row.interval)));
        json.Put("service", catalogue_.services[traces::Index(*row.service)].name);
        for (const auto& level : traces::kLevelNames.rows()) {
          json.Put(level.name, figures.counts().by_level[traces::Index(level.value)]);
        }
        json.Key("latency_ms").BeginObject(Layout::kSpaced);
        json.Put("sum", figures.latency_sum_ms());
        json.Put("p50_at_most", figures.LatencyAtMost(0.5));
        json.Put("p95_at_most", figures.LatencyAtMost(0.95));
        json.EndObject();
        PutDependencies(row, catalogue_, &json);
        json.EndObject();
      });
  json.EndArray();
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::cli
