#include "cli/groundhog/explain_report.h"

#include <optional>
#include <string_view>

#include "text/json_writer.h"
#include "text/numbers.h"
#include "text/time_text.h"
#include "traces/occurrences.h"

namespace groundhog::cli {
namespace {

using Layout = text::JsonWriter::Layout;

constexpr int kMillisecondDecimals = 3;

std::string TimeText(const IncidentReport& report, sim::VirtualTime time) {
  return text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(report.start_unix_nanoseconds, time));
}

std::string Milliseconds(sim::Duration duration) {
  return text::FixedPoint(duration.nanoseconds() / 1'000, kMillisecondDecimals);
}

std::optional<std::string> ServiceName(const IncidentReport& report, traces::ServiceId service) {
  if (service == traces::ServiceId::kNone) return std::nullopt;
  return report.NameOf(service);
}

void PutHosts(const IncidentReport& report, std::string_view key, const analysis::Hosts& hosts,
              text::JsonWriter& json) {
  json.Key(key).BeginArray(Layout::kSpaced);
  for (const sim::EntityId host : hosts) {
    json.Value(report.catalogue.entities[sim::Index(host)].name);
  }
  json.EndArray();
}

void WriteIncident(const IncidentReport& report, text::JsonWriter& json) {
  json.Key("incident").BeginObject(Layout::kSpaced);
  json.Put("cause", report.cause());
  json.Put("kind", report.fault().kind);
  json.Put("target", report.fault().target);
  json.Put("start", TimeText(report, report.occurrence.start));
  json.Put("end", TimeText(report, report.occurrence.end));
  json.Put("occurrences", report.occurrences);
  json.Put("in_trace", report.is_in_trace());
  json.EndObject();
  json.Put("root", ServiceName(report, report.graph.root));
}

void WriteNodes(const IncidentReport& report, text::JsonWriter& json) {
  json.Key("nodes").BeginArray(Layout::kLines);
  for (const analysis::IncidentNode& node : report.graph.nodes) {
    json.BeginObject(Layout::kLines);
    json.Put("service", report.NameOf(node.service));
    PutHosts(report, "hosts", node.hosts, json);
    json.Key("states").BeginArray(Layout::kLines);
    for (const analysis::NodeState& state : node.states) {
      json.BeginObject(Layout::kSpaced);
      json.Put("state", analysis::kStateNames.NameOf(state.state));
      json.Put("onset", TimeText(report, state.evidence.first));
      json.Put("end", TimeText(report, state.evidence.last));
      json.Put("records", state.evidence.records);
      PutHosts(report, "hosts", state.hosts, json);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
}

void WriteEdges(const IncidentReport& report, text::JsonWriter& json) {
  json.Key("edges").BeginArray(Layout::kLines);
  for (const analysis::IncidentEdge& edge : report.graph.edges) {
    json.BeginObject(Layout::kSpaced);
    json.Put("from", report.NameOf(edge.link.from));
    json.Put("to", report.NameOf(edge.link.to));
    json.Put("mechanism", analysis::kMechanismNames.NameOf(edge.mechanism));
    json.Put("first", TimeText(report, edge.evidence.first));
    json.Put("last", TimeText(report, edge.evidence.last));
    json.Put("records", edge.evidence.records);
    PutHosts(report, "from_hosts", edge.from_hosts, json);
    PutHosts(report, "to_hosts", edge.to_hosts, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteAlarms(const IncidentReport& report, text::JsonWriter& json) {
  json.Key("alarms").BeginArray(Layout::kLines);
  for (const analysis::Alarm& alarm : report.graph.alarms) {
    json.BeginObject(Layout::kSpaced);
    json.Put("service", report.NameOf(alarm.service));
    json.Put("first", TimeText(report, alarm.first));
    json.Put("failed", alarm.failed);
    json.Put("slowed", alarm.slowed);
    json.Put("missing", alarm.missing);
    json.EndObject();
  }
  json.EndArray();
}

void PutUsers(std::string_view key, const analysis::UserRequests& users, text::JsonWriter& json) {
  json.Key(key).BeginObject(Layout::kSpaced);
  json.Put("requests", users.requests);
  json.Put("failed", users.failed);
  json.PutJson("p50_ms", Milliseconds(users.p50));
  json.PutJson("p99_ms", Milliseconds(users.p99));
  json.EndObject();
}

void WriteImpact(const IncidentReport& report, text::JsonWriter& json) {
  const analysis::IncidentGraph& graph = report.graph;
  json.Key("impact").BeginObject(Layout::kLines);
  json.Put("from", TimeText(report, report.occurrence.start));
  json.Put("until", TimeText(report, graph.impact_until));
  PutUsers("with_fault", graph.with_fault, json);
  PutUsers("without_fault", graph.without_fault, json);
  json.EndObject();
  json.Key("recovery").BeginObject(Layout::kSpaced);
  std::optional<std::string> last;
  std::optional<std::string> after;
  if (graph.last_effect) {
    last = TimeText(report, *graph.last_effect);
    if (report.occurrence.end <= report.trace_end) {
      after = Milliseconds(*graph.last_effect - report.occurrence.end);
    }
  }
  json.Put("last_effect", last);
  json.PutJson("after_end_ms", after ? *after : "null");
  json.EndObject();
}

void WriteDetectors(const IncidentReport& report, text::JsonWriter& json) {
  const analysis::Detection& detection = report.detection;
  json.Key("detectors").BeginObject(Layout::kLines);
  const std::optional<analysis::Difficulty> difficulty = detection.difficulty();
  std::optional<std::string_view> name;
  if (difficulty) name = analysis::kDifficultyNames.NameOf(*difficulty);
  json.Put("difficulty", name);
  json.Key("verdicts").BeginArray(Layout::kLines);
  for (const auto& detector : analysis::kDetectorNames.rows()) {
    const analysis::Verdict& verdict = detection.verdicts[static_cast<std::size_t>(detector.value)];
    json.BeginObject(Layout::kSpaced);
    json.Put("detector", detector.name);
    json.Put("blames", verdict.blamed ? ServiceName(report, verdict.blamed->service)
                                      : std::optional<std::string>());
    json.Put("is_right", verdict.is_right());
    json.Put("suspects", verdict.suspects);
    json.Put("rank_of_target", verdict.rank_of_root);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

void WriteText(const IncidentReport& report, text::JsonWriter& json) {
  std::string words;
  for (const std::string& sentence : IncidentInWords(report)) {
    words += (words.empty() ? "" : " ") + sentence;
  }
  json.Put("text", words);
}

}  // namespace

std::string IncidentReport::cause() const {
  return traces::OccurrenceName(fault(), occurrence.number);
}

std::string IncidentReport::NamesOf(const analysis::Hosts& hosts) const {
  std::string names;
  for (const sim::EntityId host : hosts) {
    names += (names.empty() ? "" : ", ") + catalogue.entities[sim::Index(host)].name;
  }
  return names;
}

std::string IncidentReport::ClockText(sim::VirtualTime time) const {
  const auto text = [&](sim::VirtualTime each) {
    const std::int64_t unix = text::UnixNanoseconds(start_unix_nanoseconds, each);
    return text::FormatRfc3339Nanoseconds(unix);
  };
  // "2025-01-06T14:05:00.012000000Z"
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kMilliseconds = 12;  // 14:05:00.012
  const std::string full = text(time);
  const std::string clock = full.substr(kDate + 1, kMilliseconds);
  const bool is_same_date = full.substr(0, kDate) == text(occurrence.start).substr(0, kDate);
  return is_same_date ? clock : full.substr(0, kDate) + " " + clock;
}

std::string ExplainAsJson(const ExplainReport& report) {
  text::JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("complete", report.is_complete);
  json.Key("incidents").BeginArray(Layout::kLines);
  for (const IncidentReport& incident : report.incidents) {
    json.BeginObject(Layout::kLines);
    WriteIncident(incident, json);
    WriteNodes(incident, json);
    WriteEdges(incident, json);
    WriteAlarms(incident, json);
    WriteImpact(incident, json);
    WriteDetectors(incident, json);
    WriteText(incident, json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::cli
