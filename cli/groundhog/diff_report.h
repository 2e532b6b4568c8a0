// How two traces differ, as a page for people and as JSON.
#ifndef GROUNDHOG_CLI_GROUNDHOG_DIFF_REPORT_H_
#define GROUNDHOG_CLI_GROUNDHOG_DIFF_REPORT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/diff.h"
#include "cli/groundhog/scenario_changes.h"
#include "traces/catalogue.h"

namespace groundhog::cli {

// Everything that is said about two traces. What it refers to must outlive it.
struct DiffReport {
  std::string file_a;
  std::string file_b;
  const traces::TraceInfo& info_a;
  const traces::TraceInfo& info_b;
  const traces::Catalogue& catalogue;  // joint
  const analysis::Diff& diff;
  std::vector<ScenarioChange> scenario = {};
  std::vector<std::string> names = {};  // what the catalogues do not have in common
  bool is_complete = true;              // both traces to their ends
  bool is_summary = false;              // without services, minutes and causes
  bool is_coloured = false;             // the page

  // The same records at the same times by the calendar.
  bool is_identical() const {
    return diff.are_identical() &&
           (diff.equal() == 0 || info_a.start_unix_nanoseconds == info_b.start_unix_nanoseconds);
  }
};

// A difference, in words.
struct DifferenceText {
  std::string time;  // RFC 3339 with nanoseconds
  std::string service;
  std::string trace_id;
  std::optional<std::string> a;  // the JSON line with its truth; nullopt: it has no such record
  std::optional<std::string> b;
};
DifferenceText Describe(const DiffReport& report, const analysis::Difference& difference);

// By A's start: RFC 3339 with nanoseconds.
std::string TimeText(const DiffReport& report, sim::VirtualTime time);

// "auth-outage/2"; nullopt for no cause.
std::optional<std::string> CauseName(const DiffReport& report, const analysis::Cause& cause);

// The part of the page about where the traces part: both records side by side, what follows in that
// request, and when the difference reaches each service. Empty if they are equal.
std::string FirstPart(const DiffReport& report);

// By joint service.
std::vector<analysis::DiffCounts> CountsByService(const analysis::Diff& diff,
                                                  std::size_t service_count);

// 80 columns wide.
std::string DiffAsPage(const DiffReport& report);

// One JSON object, with a newline at its end. docs/DIFF.md documents its keys.
std::string DiffAsJson(const DiffReport& report);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_DIFF_REPORT_H_
