#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/explain_report.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

using analysis::IncidentEdge;
using analysis::IncidentNode;
using analysis::Mechanism;
using analysis::NodeState;
using analysis::State;
using Sentences = std::vector<std::string>;

constexpr std::size_t kEdgesMax = 6;

// "1 request", "1,234 requests"
std::string Counted(std::uint64_t count, std::string_view what) {
  return absl::StrCat(text::WithCommas(count), " ", std::string(what), count == 1 ? "" : "s");
}

// Hosts where a state is one of some hosts, otherwise the service.
std::string Place(const IncidentReport& report, traces::ServiceId service,
                  const analysis::Hosts& hosts) {
  constexpr std::size_t kHostsMax = 3;
  if (hosts.empty()) return report.NameOf(service);
  if (hosts.size() <= kHostsMax) return report.NamesOf(hosts);
  return absl::StrCat(hosts.size(), " hosts of ", report.NameOf(service));
}

std::string StateSentence(const IncidentReport& report, const IncidentNode& node,
                          const NodeState& state) {
  const std::string place = Place(report, node.service, state.hosts);
  const std::string requests = Counted(state.evidence.records, "request");
  std::string what;
  switch (state.state) {
    case State::kDown:
      what = absl::StrCat(place, " refused ", requests, " as unavailable");
      break;
    case State::kSilent:
      what = absl::StrCat(place, " was silent");
      break;
    case State::kSlow:
      what = absl::StrCat(place, " took longer for ", requests);
      break;
    case State::kQueueing:
      what = absl::StrCat("At ", place, " ", requests, " waited longer for a slot");
      break;
    case State::kRefusing:
      what = absl::StrCat(place, " turned away ", requests);
      break;
    case State::kFailing:
      what = absl::StrCat("At ", place, " ", requests, " failed");
      break;
    case State::kDegraded:
      what = absl::StrCat(place, " served ", requests, " without a dependency");
      break;
    case State::kAbandoned:
      what = absl::StrCat("Callers of ", place, " gave up ", requests);
      break;
    case State::kExtraLoad:
      what = absl::StrCat(place, " got ", requests, " that would not have come");
      break;
    case State::kSkewed:
      what = absl::StrCat("The clock was off in ", Counted(state.evidence.records, "record"),
                          " of ", place);
      break;
  }
  return absl::StrCat(what, ", from ", report.ClockText(state.evidence.first), " to ",
                      report.ClockText(state.evidence.last), ".");
}

std::string EdgeSentence(const IncidentReport& report, const IncidentEdge& edge) {
  const std::string& from = report.NameOf(edge.link.from);
  const std::string& to = report.NameOf(edge.link.to);
  const std::string calls = Counted(edge.evidence.records, "call");
  std::string what;
  switch (edge.mechanism) {
    case Mechanism::kRefused:
      what = absl::StrCat(from, " refused ", calls, " of ", to);
      break;
    case Mechanism::kRejected:
      what = absl::StrCat(from, " was overloaded and turned away ", calls, " of ", to);
      break;
    case Mechanism::kErrorAnswer:
      what = absl::StrCat(from, " answered ", calls, " of ", to, " with an error");
      break;
    case Mechanism::kTimeout:
      what = absl::StrCat(calls, " of ", to, " to ", from, " got no answer in time");
      break;
    case Mechanism::kBreakerOpen:
      what = absl::StrCat("The circuit breaker of ", to, " for ", from, " let ", calls,
                          " fail unsent");
      break;
    case Mechanism::kFallback:
      what = absl::StrCat(to, " served ", Counted(edge.evidence.records, "request"), " without ",
                          from);
      break;
    case Mechanism::kSlowAnswer:
      what = absl::StrCat(to, " took longer for ", Counted(edge.evidence.records, "request"),
                          " because it waited for ", from);
      break;
    case Mechanism::kRetries:
      what = absl::StrCat(from, " called ", to, " again ", Counted(edge.evidence.records, "time"));
      break;
    case Mechanism::kMoreCalls:
      what = absl::StrCat(from, " made ", calls, " to ", to, " that it would not have made");
      break;
    case Mechanism::kMovedLoad:
      what =
          absl::StrCat(calls, " moved from ", Place(report, edge.link.from, edge.from_hosts),
                       edge.to_hosts.empty() ? std::string(" to other hosts")
                                             : " to " + Place(report, edge.link.to, edge.to_hosts));
      break;
  }
  return absl::StrCat(what, ", first at ", report.ClockText(edge.evidence.first), ".");
}

// The strongest effects, in order of time.
void AddEdges(const IncidentReport& report, Sentences& words) {
  const std::vector<IncidentEdge>& edges = report.graph.edges;
  std::vector<std::uint64_t> records;
  for (const IncidentEdge& edge : edges) records.push_back(edge.evidence.records);
  std::ranges::sort(records, std::greater());
  const std::uint64_t least = edges.size() > kEdgesMax ? records[kEdgesMax - 1] : 0;
  std::size_t shown = 0;
  for (const IncidentEdge& edge : edges) {
    if (edge.evidence.records < least || shown == kEdgesMax) continue;
    words.push_back(EdgeSentence(report, edge));
    ++shown;
  }
  if (edges.size() > shown) {
    words.push_back(absl::StrCat("Weaker effects between services: ", edges.size() - shown, "."));
  }
}

void AddUsers(const IncidentReport& report, Sentences& words) {
  if (report.graph.alarms.empty()) {
    words.emplace_back("Users did not notice.");
    return;
  }
  for (const analysis::Alarm& alarm : report.graph.alarms) {
    std::string what;
    const auto add = [&](std::uint64_t count, const char* verb) {
      if (count == 0) return;
      absl::StrAppend(&what, what.empty() ? "" : ", ", text::WithCommas(count), " ", verb);
    };
    add(alarm.failed, "failed");
    add(alarm.slowed, "took longer");
    add(alarm.missing, "got no answer or were never made");
    words.push_back(absl::StrCat("Users noticed at ", report.NameOf(alarm.service), " from ",
                                 report.ClockText(alarm.first), " on: of their requests ", what,
                                 "."));
  }
}

// "350 ms", "2.1 s", "12m5s"
std::string Length(sim::Duration duration) {
  if (duration < sim::Seconds(1)) return MillisecondsInWords(duration);
  if (duration >= sim::Minutes(1)) return text::FormatDuration(duration.RoundedTo(sim::Seconds(1)));
  const sim::Duration unit = sim::Milliseconds(100);
  return absl::StrCat(text::FixedPoint(duration.RoundedTo(unit) / unit, 1), " s");
}

void AddImpact(const IncidentReport& report, Sentences& words) {
  const analysis::UserRequests& with = report.graph.with_fault;
  const analysis::UserRequests& without = report.graph.without_fault;
  words.push_back(absl::StrCat(
      "From ", report.ClockText(report.occurrence.start), " to ",
      report.ClockText(report.graph.impact_until), ", ", text::WithCommas(with.failed), " of ",
      Counted(with.requests, "request"), " failed; without the fault it would have been ",
      text::WithCommas(without.failed), " of ", text::WithCommas(without.requests),
      ". Half of them took up to ", MillisecondsInWords(with.p50), " instead of ",
      MillisecondsInWords(without.p50), ", and 99 % up to ", MillisecondsInWords(with.p99),
      " instead of ", MillisecondsInWords(without.p99), "."));
}

std::string RecoverySentence(const IncidentReport& report) {
  const sim::VirtualTime last = *report.graph.last_effect;
  const sim::VirtualTime end = report.occurrence.end;
  if (end >= report.trace_end) return "The trace ends before the fault does.";
  std::string text;
  if (last <= end) {
    text = absl::StrCat("The last effect was at ", report.ClockText(last),
                        ", before the fault ended.");
  } else {
    text = absl::StrCat("The last effect was ", Length(last - end), " after the fault's end, at ",
                        report.ClockText(last), ".");
  }
  if (report.trace_end - last < sim::Minutes(1)) text += " It may go on: the trace ends there.";
  return text;
}

}  // namespace

std::string MillisecondsInWords(sim::Duration duration) {
  const sim::Duration unit =
      duration < sim::Milliseconds(100) ? sim::Microseconds(100) : sim::Milliseconds(1);
  const std::int64_t units = duration.RoundedTo(unit) / unit;
  return absl::StrCat(unit < sim::Milliseconds(1)
                          ? text::FixedPoint(units, 1)
                          : text::WithCommas(static_cast<std::uint64_t>(units)),
                      " ms");
}

std::vector<std::string> IncidentInWords(const IncidentReport& report) {
  const analysis::IncidentGraph& graph = report.graph;
  Sentences words = {absl::StrCat(report.cause(), ", a fault of kind ", report.fault().kind, " at ",
                                  report.fault().target, ", lasted from ",
                                  report.ClockText(report.occurrence.start), " to ",
                                  report.ClockText(report.occurrence.end), ".")};
  if (!graph.last_effect) {
    words.emplace_back(!report.is_in_trace() ? "The trace has no records of this time."
                       : report.is_whole     ? "It had no effect: the day without it is the same."
                                         : "In what the trace has of its day, it had no effect.");
    return words;
  }
  for (const IncidentNode& node : graph.nodes) {
    if (node.service != graph.root) continue;
    for (const NodeState& state : node.states) {
      words.push_back(StateSentence(report, node, state));
    }
  }
  AddEdges(report, words);
  AddUsers(report, words);
  AddImpact(report, words);
  words.push_back(RecoverySentence(report));
  return words;
}

}  // namespace groundhog::cli
