#include "cli/groundhog/diff_report.h"

#include "text/json_writer.h"
#include "text/time_text.h"
#include "traces/json_renderer.h"
#include "traces/occurrences.h"

namespace groundhog::cli {
namespace {

using Layout = text::JsonWriter::Layout;
using MinuteCounts = std::pair<analysis::MinuteOfService, analysis::DiffCounts>;

const std::string& ServiceName(const DiffReport& report, traces::ServiceId service) {
  return report.catalogue.services[traces::Index(service)].name;
}

void PutCounts(const analysis::DiffCounts& counts, text::JsonWriter& json) {
  json.Put("only_a", counts.only_a);
  json.Put("only_b", counts.only_b);
  json.Put("different", counts.different);
}

// Into the object that is open.
void PutDifference(const DiffReport& report, const analysis::Difference& difference,
                   text::JsonWriter& json) {
  const DifferenceText text = Describe(report, difference);
  json.Put("time", text.time);
  json.Put("service", text.service);
  json.Put("trace_id", text.trace_id);
  json.PutJson("a", text.a.value_or("null"));
  json.PutJson("b", text.b.value_or("null"));
  json.Key("differs_in").BeginArray(Layout::kSpaced);
  for (const auto& field : analysis::kFieldNames.rows()) {
    if (difference.differences.Has(field.value)) json.Value(field.name);
  }
  json.EndArray();
}

void WriteFirst(const DiffReport& report, text::JsonWriter& json) {
  json.Key("first");
  const analysis::Difference* const first = report.diff.first();
  if (first == nullptr) {
    json.Null();
  } else {
    json.BeginObject(Layout::kLines);
    PutDifference(report, *first, json);
    json.EndObject();
  }
  const auto write_all = [&](std::string_view key, const std::vector<analysis::Difference>& all) {
    json.Key(key).BeginArray(Layout::kLines);
    for (const analysis::Difference& each : all) {
      json.BeginObject(Layout::kSpaced);
      PutDifference(report, each, json);
      json.EndObject();
    }
    json.EndArray();
  };
  write_all("chain", report.diff.chain());
  write_all("reached", report.diff.first_by_service());
}

void WriteRecords(const DiffReport& report, text::JsonWriter& json) {
  const analysis::Diff& diff = report.diff;
  json.Key("records").BeginObject(Layout::kSpaced);
  json.Put("a", diff.records_a());
  json.Put("b", diff.records_b());
  json.Put("equal", diff.equal());
  PutCounts(diff.all(), json);
  json.EndObject();
  json.Key("differs_in").BeginObject(Layout::kSpaced);
  for (const auto& field : analysis::kFieldNames.rows()) {
    json.Put(field.name, diff.different_in(field.value));
  }
  json.EndObject();
}

void WriteServices(const DiffReport& report, text::JsonWriter& json) {
  json.Key("services").BeginObject(Layout::kLines);
  const std::vector<analysis::DiffCounts> services =
      CountsByService(report.diff, report.catalogue.services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    json.Key(report.catalogue.services[i].name).BeginObject(Layout::kSpaced);
    PutCounts(services[i], json);
    json.EndObject();
  }
  json.EndObject();
}

void WriteMinutes(const DiffReport& report, text::JsonWriter& json) {
  json.Key("minutes").BeginArray(Layout::kLines);
  const std::vector<MinuteCounts> minutes = report.diff.minutes();
  for (std::size_t i = 0; i < minutes.size();) {
    const std::int64_t minute = minutes[i].first.minute;
    json.BeginObject(Layout::kSpaced);
    json.Put("time", TimeText(report, sim::VirtualTime(sim::Minutes(minute))));
    json.Key("services").BeginObject(Layout::kSpaced);
    for (; i < minutes.size() && minutes[i].first.minute == minute; ++i) {
      json.Key(ServiceName(report, minutes[i].first.service)).BeginObject(Layout::kSpaced);
      PutCounts(minutes[i].second, json);
      json.EndObject();
    }
    json.EndObject();
    json.EndObject();
  }
  json.EndArray();
}

void WriteCauses(const DiffReport& report, text::JsonWriter& json) {
  json.Key("causes").BeginArray(Layout::kLines);
  for (const auto& [cause, counts] : report.diff.causes()) {
    json.BeginObject(Layout::kSpaced);
    json.Put("cause", CauseName(report, cause));
    PutCounts(counts, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteScenario(const DiffReport& report, text::JsonWriter& json) {
  json.Key("scenario").BeginObject(Layout::kLines);
  json.Key("keys").BeginArray(Layout::kLines);
  for (const ScenarioChange& change : report.scenario) {
    json.BeginObject(Layout::kSpaced);
    json.Put("key", change.key).Put("a", change.a).Put("b", change.b);
    json.EndObject();
  }
  json.EndArray();
  const auto put_overrides = [&](std::string_view key, const traces::TraceInfo& info) {
    json.Key(key).BeginArray(Layout::kSpaced);
    for (const std::string& change : info.overrides) json.Value(change);
    json.EndArray();
  };
  put_overrides("overrides_a", report.info_a);
  put_overrides("overrides_b", report.info_b);
  json.Put("truth_a", traces::kTruthMethodNames.NameOf(report.info_a.truth_method));
  json.Put("truth_b", traces::kTruthMethodNames.NameOf(report.info_b.truth_method));
  json.EndObject();
}

}  // namespace

std::vector<analysis::DiffCounts> CountsByService(const analysis::Diff& diff,
                                                  std::size_t service_count) {
  std::vector<analysis::DiffCounts> services(service_count);
  for (const auto& [place, counts] : diff.minutes()) {
    services[traces::Index(place.service)] += counts;
  }
  return services;
}

std::string TimeText(const DiffReport& report, sim::VirtualTime time) {
  return text::FormatRfc3339Nanoseconds(
      text::UnixNanoseconds(report.info_a.start_unix_nanoseconds, time));
}

DifferenceText Describe(const DiffReport& report, const analysis::Difference& difference) {
  const auto line = [&](const std::optional<analysis::KeptRecord>& kept,
                        const traces::TraceInfo& info) -> std::optional<std::string> {
    if (!kept) return std::nullopt;
    traces::JsonRenderer renderer(info, report.catalogue, {.with_truth = true});
    renderer.set_trace_key(kept->trace_key);
    return std::string(renderer.Render(kept->record));
  };
  const analysis::KeptRecord& earlier = difference.earlier();
  traces::TraceIdDeriver trace_ids(report.catalogue, earlier.trace_key);
  return {.time = TimeText(report, earlier.record.time),
          .service = ServiceName(report, earlier.record.service),
          .trace_id = std::string(trace_ids.DeriveHex(earlier.record.request)),
          .a = line(difference.a, report.info_a),
          .b = line(difference.b, report.info_b)};
}

std::optional<std::string> CauseName(const DiffReport& report, const analysis::Cause& cause) {
  if (cause.first == traces::FaultId::kNone) return std::nullopt;
  return traces::OccurrenceName(report.catalogue.faults[traces::Index(cause.first)], cause.second);
}

std::string DiffAsJson(const DiffReport& report) {
  text::JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("identical", report.is_identical());
  json.Put("complete", report.is_complete);
  WriteFirst(report, json);
  WriteRecords(report, json);
  if (!report.is_summary) {
    WriteServices(report, json);
    WriteMinutes(report, json);
    WriteCauses(report, json);
  }
  WriteScenario(report, json);
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::cli
