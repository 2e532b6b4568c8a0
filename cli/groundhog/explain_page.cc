#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/explain_report.h"
#include "cli/shared/shown.h"
#include "text/numbers.h"
#include "text/table.h"
#include "text/time_text.h"
#include "text/wrap.h"

namespace groundhog::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kNameColumns = 22;  // what the columns beside two names leave
constexpr std::size_t kRowsMax = 30;

std::string Name(const IncidentReport& report, traces::ServiceId service) {
  return Shown(report.NameOf(service), kNameColumns);
}

std::string Title(const IncidentReport& report) {
  const auto time = [&](sim::VirtualTime each) {
    return text::FormatRfc3339(text::UnixNanoseconds(report.start_unix_nanoseconds, each));
  };
  const traces::Occurrence& occurrence = report.occurrence;
  std::string title = absl::StrCat("Incident ", Shown(report.cause(), kColumns - 10), "\n", "  ",
                                   Shown(report.fault().kind, kNameColumns), " at ",
                                   Shown(report.fault().target, kNameColumns * 2), "\n  from ",
                                   time(occurrence.start), " to ", time(occurrence.end), ", ",
                                   text::FormatDuration(occurrence.end - occurrence.start), "\n");
  if (report.occurrences > 1) {
    const std::string name = Shown(report.fault().name, kNameColumns);
    absl::StrAppend(&title, "  ", occurrence.number, " of ", report.occurrences,
                    " in the trace; name another as ", name, "/", occurrence.number == 1 ? 2 : 1,
                    "\n");
  }
  return title;
}

std::string WordsPart(const IncidentReport& report) {
  std::string text = "\n";
  std::string paragraph;
  for (const std::string& sentence : IncidentInWords(report)) {
    absl::StrAppend(&paragraph, paragraph.empty() ? "" : " ", Shown(sentence));
  }
  for (const std::string& line : text::Wrap(paragraph, kColumns))
    absl::StrAppend(&text, line, "\n");
  return text;
}

// Of some hosts, a line below the state.
std::string HostsText(const IncidentReport& report, const analysis::Hosts& hosts) {
  if (hosts.empty()) return "";
  return Shown("  on " + report.NamesOf(hosts), kColumns);
}

std::string NodesPart(const IncidentReport& report) {
  Rows rows = {{"service", "state", "from", "to", "records"}};
  std::vector<std::string> hosts;  // the line below a row
  for (const analysis::IncidentNode& node : report.graph.nodes) {
    std::string name = Name(report, node.service);
    if (node.service == report.graph.root) name += " *";
    if (node.states.empty()) rows.push_back({name, "-", "", "", ""});
    for (const analysis::NodeState& state : node.states) {
      rows.push_back({name, std::string(analysis::kStateNames.NameOf(state.state)),
                      report.ClockText(state.evidence.first), report.ClockText(state.evidence.last),
                      text::WithCommas(state.evidence.records)});
      hosts.resize(rows.size());
      hosts.back() = HostsText(report, state.hosts);
      name.clear();
    }
  }
  hosts.resize(rows.size());
  std::string text = "\n";
  std::size_t row = 0;
  const std::string table = text::Table(rows, 4);
  for (std::size_t begin = 0; begin < table.size(); ++row) {
    const std::size_t end = table.find('\n', begin);
    absl::StrAppend(&text, table.substr(begin, end + 1 - begin));
    if (!hosts[row].empty()) absl::StrAppend(&text, hosts[row], "\n");
    begin = end + 1;
  }
  return text + "* where it begins\n";
}

std::string WholeSecond(const std::string& clock) { return clock.substr(0, clock.find('.')); }

std::string EdgesPart(const IncidentReport& report) {
  const std::vector<analysis::IncidentEdge>& edges = report.graph.edges;
  if (edges.empty()) return "";
  Rows rows = {{"effect of", "on", "by", "first", "records"}};
  const std::size_t shown = std::min(edges.size(), kRowsMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const analysis::IncidentEdge& edge = edges[i];
    rows.push_back({Name(report, edge.link.from), Name(report, edge.link.to),
                    std::string(analysis::kMechanismNames.NameOf(edge.mechanism)),
                    WholeSecond(report.ClockText(edge.evidence.first)),
                    text::WithCommas(edge.evidence.records)});
  }
  return absl::StrCat("\n", text::Table(rows, 4), MoreText(edges.size(), shown));
}

std::string AlarmsPart(const IncidentReport& report) {
  if (report.graph.alarms.empty()) return "";
  Rows rows = {{"users at", "first", "failed", "slowed", "missing"}};
  for (const analysis::Alarm& alarm : report.graph.alarms) {
    rows.push_back({Name(report, alarm.service), report.ClockText(alarm.first),
                    text::WithCommas(alarm.failed), text::WithCommas(alarm.slowed),
                    text::WithCommas(alarm.missing)});
  }
  return absl::StrCat("\n", text::Table(rows, 2));
}

std::string ImpactPart(const IncidentReport& report) {
  Rows rows = {{"users' requests", "number", "failed", "median", "p99"}};
  const auto add = [&](const char* name, const analysis::UserRequests& users) {
    rows.push_back({name, text::WithCommas(users.requests), text::WithCommas(users.failed),
                    MillisecondsInWords(users.p50), MillisecondsInWords(users.p99)});
  };
  add("with the fault", report.graph.with_fault);
  add("without it", report.graph.without_fault);
  return absl::StrCat("\n", text::Table(rows, 1));
}

std::string DetectorsPart(const IncidentReport& report) {
  const analysis::Detection& detection = report.detection;
  const std::optional<analysis::Difficulty> difficulty = detection.difficulty();
  if (!difficulty) {
    return "\nHow hard is it? Not known: the trace has too little before or during it.\n";
  }
  std::string text = absl::StrCat(
      "\nHow hard is it? ", std::string(analysis::kDifficultyNames.NameOf(*difficulty)), ": ",
      detection.right(), " of ", analysis::kDetectorCount, " simple detectors blame ",
      Shown(report.fault().target, kNameColumns), "\n");
  Rows rows = {{"detector", "blames", "because"}};
  for (const auto& detector : analysis::kDetectorNames.rows()) {
    const analysis::Verdict& verdict = detection.verdicts[static_cast<std::size_t>(detector.value)];
    if (!verdict.blamed) {
      rows.push_back({std::string(detector.name), "nothing"});
      continue;
    }
    constexpr std::size_t kReasonColumns = 38;
    rows.push_back({std::string(detector.name), Name(report, verdict.blamed->service),
                    Shown(SuspicionInWords(detector.value, *verdict.blamed, report.catalogue),
                          kReasonColumns)});
  }
  return text + text::Table(rows, 3);
}

std::string IncidentAsPage(const IncidentReport& report) {
  std::string page = Title(report) + WordsPart(report);
  if (report.graph.last_effect) {
    page += NodesPart(report) + EdgesPart(report) + AlarmsPart(report) + ImpactPart(report);
  }
  return page + DetectorsPart(report);
}

}  // namespace

std::string ExplainAsPage(const ExplainReport& report) {
  if (report.incidents.empty()) return "No fault begins within the trace.\n";
  std::string page;
  for (const IncidentReport& incident : report.incidents) {
    absl::StrAppend(&page, page.empty() ? "" : "\n\n", IncidentAsPage(incident));
  }
  return page;
}

}  // namespace groundhog::cli
