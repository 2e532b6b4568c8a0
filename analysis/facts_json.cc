#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/facts.h"
#include "text/json_writer.h"
#include "text/time_text.h"
#include "traces/hash128.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

using Layout = text::JsonWriter::Layout;

std::string TimeText(const Facts& facts, sim::VirtualTime time) {
  return text::FormatRfc3339Nanoseconds(
      text::UnixNanoseconds(facts.info.start_unix_nanoseconds, time));
}

void WriteOverrides(const Facts& facts, text::JsonWriter& json) {
  json.Key("overrides").BeginArray(Layout::kSpaced);
  for (const std::string& change : facts.info.overrides) json.Value(change);
  json.EndArray();
}

void WriteServices(const Facts& facts, text::JsonWriter& json) {
  json.Key("services").BeginObject(Layout::kLines);
  for (std::size_t i = 0; i < facts.catalogue.services.size(); ++i) {
    const auto& counts = facts.summary.totals[i].by_level;
    json.Key(facts.catalogue.services[i].name).BeginObject(Layout::kSpaced);
    for (const auto& level : traces::kLevelNames.rows()) {
      json.Put(level.name, counts[traces::Index(level.value)]);
    }
    json.EndObject();
  }
  json.EndObject();
}

void WriteFaults(const Facts& facts, text::JsonWriter& json) {
  json.Key("faults").BeginArray(Layout::kLines);
  for (const traces::Occurrence& occurrence : facts.summary.occurrences) {
    const traces::FaultEntry& fault = facts.catalogue.faults[traces::Index(occurrence.fault)];
    json.BeginObject(Layout::kSpaced);
    json.Put("name", traces::OccurrenceName(fault, occurrence.number));
    json.Put("kind", fault.kind);
    json.Put("target", fault.target);
    json.Put("start", TimeText(facts, occurrence.start));
    json.Put("end", TimeText(facts, occurrence.end));
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string FactsAsJson(const Facts& facts) {
  const traces::SummaryWithoutIndex& summary = facts.summary;
  const auto if_any = [&](sim::VirtualTime time) {
    return summary.records > 0 ? std::optional(TimeText(facts, time)) : std::nullopt;
  };
  text::JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("format_version", facts.format_version);
  json.Put("program_version", facts.info.program_version);
  json.Put("scenario", facts.info.scenario_name);
  WriteOverrides(facts, json);
  json.Put("seed", facts.info.seed);
  json.Put("start", TimeText(facts, sim::VirtualTime()));
  json.Put("duration", text::FormatDuration(DurationOf(facts)));
  json.Put("records", summary.records);
  json.Put("first_time", if_any(summary.first_time));
  json.Put("last_time", if_any(summary.last_time));
  json.Put("size_bytes", facts.size_bytes);
  json.Put("chunks", summary.chunks);
  json.Put("resolution", text::FormatDuration(facts.info.resolution));
  json.Put("truth", traces::kTruthMethodNames.NameOf(facts.info.truth_method));
  json.Put("compression", facts.compression
                              ? std::optional(traces::kCompressionNames.NameOf(*facts.compression))
                              : std::nullopt);
  json.Put("digest",
           facts.is_complete ? std::optional(traces::ToHex(summary.digest)) : std::nullopt);
  json.Put("complete", facts.is_complete);
  WriteServices(facts, json);
  WriteFaults(facts, json);
  if (!facts.columns.empty()) {
    json.Key("columns").BeginObject(Layout::kSpaced);
    for (const ColumnShare& column : facts.columns) json.Put(column.name, column.bytes);
    json.EndObject();
  }
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::analysis
