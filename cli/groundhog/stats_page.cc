#include "cli/groundhog/stats_page.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/shared/shown.h"
#include "text/numbers.h"
#include "text/table.h"
#include "traces/record.h"

namespace groundhog::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kNameColumns = 22;  // what the columns beside two names leave
constexpr std::size_t kRowsMax = 10;      // of a list with the most important first
constexpr std::size_t kHoursMax = 48;

// A latency in milliseconds: to a tenth below 100, where that is not zero.
std::string LatencyText(double milliseconds) {
  const auto tenths = static_cast<std::int64_t>(milliseconds * 10 + 0.5);
  if (milliseconds < 100 && tenths % 10 != 0) return text::FixedPoint(tenths, 1);
  return text::WithCommas(static_cast<std::uint64_t>(milliseconds + 0.5));
}

std::string RateText(std::uint64_t errors, std::uint64_t records) {
  return text::FormatPercent(static_cast<double>(errors) / static_cast<double>(records), 1);
}

// A part of the page: a table of at most so many rows under its header, or nothing without rows.
std::string Part(const char* title, Rows rows, std::size_t left, std::size_t rows_max) {
  const std::size_t count = rows.size() - 1;
  if (count == 0) return "";
  const std::size_t shown = std::min(count, rows_max);
  rows.resize(1 + shown);
  return absl::StrCat("\n", title, "\n", text::Table(rows, left), MoreText(count, shown));
}

class Page {
 public:
  Page(const analysis::Stats& stats, const traces::Catalogue& catalogue)
      : stats_(stats), catalogue_(catalogue) {}

  std::string Whole() const {
    return absl::StrCat(Head(), Services(), Dependencies(), FailurePatterns(), ErrorCodes(),
                        Hours(), Days(), Causes());
  }

 private:
  std::string Name(traces::ServiceId service) const {
    return Shown(catalogue_.services[traces::Index(service)].name, kNameColumns);
  }
  std::string Name(traces::ErrorCodeId code) const {
    return Shown(catalogue_.error_codes[traces::Index(code)], kNameColumns);
  }

  std::string Head() const {
    Rows rows = {{"records", text::WithCommas(stats_.records)}};
    if (stats_.records > 0) {
      rows.push_back({"first", analysis::TimestampText(stats_.first_unix_ms)});
      rows.push_back({"last", analysis::TimestampText(stats_.last_unix_ms)});
    }
    rows.push_back({"alerts", absl::StrCat(text::WithCommas(stats_.alerts), " records of ERROR")});
    rows.push_back({"trace ids", text::WithCommas(stats_.trace_ids)});
    return text::Table(rows, 2);
  }

  std::string Services() const {
    Rows rows = {{"service", "records", "errors", "p50", "p95", "p99", "max", "health"}};
    for (const analysis::ServiceStats& each : stats_.services) {
      const std::uint64_t records = each.latency.records;
      const double error_rate = static_cast<double>(each.errors()) / static_cast<double>(records);
      rows.push_back(
          {Name(each.service), text::WithCommas(records), RateText(each.errors(), records),
           LatencyText(each.p50), LatencyText(each.p95), LatencyText(each.p99),
           text::WithCommas(static_cast<std::uint64_t>(each.max_ms)),
           text::FixedPoint(
               static_cast<std::int64_t>(analysis::Health(error_rate, each.p95) * 10 + 0.5), 1)});
    }
    return Part("Latencies in ms", rows, 1, rows.size());
  }

  std::string Dependencies() const {
    std::vector<analysis::DependencyStats> worst = stats_.dependencies;
    std::ranges::stable_sort(worst, std::greater(), &analysis::DependencyStats::errors);
    Rows rows = {{"service", "dependency", "records", "errors", "mean", "p95"}};
    for (const analysis::DependencyStats& each : worst) {
      rows.push_back({Name(each.service), Name(each.dependency),
                      text::WithCommas(each.latency.records),
                      RateText(each.errors, each.latency.records), LatencyText(each.latency.mean()),
                      LatencyText(each.p95)});
    }
    return Part("Records that name a dependency, the most errors first", rows, 2, kRowsMax);
  }

  std::string FailurePatterns() const {
    Rows rows = {{"service", "dependency", "error code", "errors"}};
    for (const analysis::FailurePattern& each : stats_.failure_patterns) {
      rows.push_back({Name(each.service), Name(each.dependency), Name(each.error_code),
                      text::WithCommas(each.records)});
    }
    return Part("Failures of dependencies", rows, 3, kRowsMax);
  }

  std::string ErrorCodes() const {
    Rows rows = {{"error code", "errors", "services"}};
    for (const analysis::ErrorCodeStats& each : stats_.error_codes) {
      rows.push_back({Name(each.error_code), text::WithCommas(each.records),
                      text::WithCommas(each.services.size())});
    }
    return Part("Error codes", rows, 1, kRowsMax);
  }

  std::string Hours() const {
    std::map<std::int64_t, analysis::RecordsAndErrors> hours;
    for (const analysis::PeriodRow& each : stats_.hours) {
      hours[each.start].records += each.latency.records;
      hours[each.start].errors += each.errors;
    }
    Rows rows = {{"hour", "records", "errors", ""}};
    for (const auto& [start, count] : hours) {
      rows.push_back({analysis::StartText(start), text::WithCommas(count.records),
                      text::WithCommas(count.errors), RateText(count.errors, count.records)});
    }
    return Part("Hours", rows, 1, kHoursMax);
  }

  std::string Days() const {
    Rows rows = {{"day", "records", "errors", ""}};
    for (const auto& [day, count] : stats_.days) {
      rows.push_back({analysis::DateText(day), text::WithCommas(count.records),
                      text::WithCommas(count.errors), RateText(count.errors, count.records)});
    }
    return Part("Days", rows, 1, kHoursMax);
  }

  std::string Causes() const {
    Rows rows = {{"cause", "records", "errors"}};
    for (const auto& [cause, count] : stats_.causes) {
      rows.push_back({Shown(cause.value_or("(none)"), 2 * kNameColumns),
                      text::WithCommas(count.records), text::WithCommas(count.errors)});
    }
    return Part("Causes", rows, 1, kRowsMax);
  }

  const analysis::Stats& stats_;
  const traces::Catalogue& catalogue_;
};

}  // namespace

std::string StatsAsPage(const analysis::Stats& stats, const traces::Catalogue& catalogue) {
  return Page(stats, catalogue).Whole();
}

}  // namespace groundhog::cli
