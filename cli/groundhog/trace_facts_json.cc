#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/trace_facts.h"
#include "text/time_text.h"
#include "traces/hash128.h"
#include "traces/json_renderer.h"

namespace groundhog::cli {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted;
  traces::AppendJsonString(text, &quoted);
  return quoted;
}

std::string TimeText(const TraceFacts& facts, sim::VirtualTime time) {
  return Quoted(text::FormatRfc3339Nanoseconds(
      text::UnixNanoseconds(facts.info.start_unix_nanoseconds, time)));
}

std::string OverridesText(const TraceFacts& facts) {
  std::string text = "[";
  for (const std::string& change : facts.info.overrides) {
    text += absl::StrCat(text.size() == 1 ? "" : ", ", Quoted(change));
  }
  return text + "]";
}

std::string ServicesText(const TraceFacts& facts) {
  std::string text = "{";
  for (std::size_t i = 0; i < facts.catalogue.services.size(); ++i) {
    const auto& counts = facts.summary.totals[i].by_level;
    text += absl::StrCat(i == 0 ? "" : ",", "\n    ", Quoted(facts.catalogue.services[i].name),
                         ": {\"INFO\": ", counts[0], ", \"WARN\": ", counts[1],
                         ", \"ERROR\": ", counts[2], "}");
  }
  return text + "\n  }";
}

std::string FaultsText(const TraceFacts& facts) {
  std::string text = "[";
  for (const traces::Occurrence& occurrence : facts.summary.occurrences) {
    const traces::FaultEntry& fault = facts.catalogue.faults[traces::Index(occurrence.fault)];
    text +=
        absl::StrCat(text.size() == 1 ? "" : ",",
                     "\n    {\"name\": ", Quoted(traces::OccurrenceName(fault, occurrence.number)),
                     ", \"kind\": ", Quoted(fault.kind), ", \"target\": ", Quoted(fault.target),
                     ", \"start\": ", TimeText(facts, occurrence.start),
                     ", \"end\": ", TimeText(facts, occurrence.end), "}");
  }
  return text + (text.size() == 1 ? "]" : "\n  ]");
}

}  // namespace

std::string FactsAsJson(const TraceFacts& facts) {
  const traces::Summary& summary = facts.summary;
  const bool has_records = summary.records > 0;
  std::string text = "{";
  const auto put = [&text](const char* key, const std::string& value) {
    text += absl::StrCat(text.size() == 1 ? "" : ",", "\n  \"", key, "\": ", value);
  };
  put("format_version", absl::StrCat(facts.format_version));
  put("program_version", Quoted(facts.info.program_version));
  put("scenario", Quoted(facts.info.scenario_name));
  put("overrides", OverridesText(facts));
  put("seed", absl::StrCat(facts.info.seed));
  put("start", TimeText(facts, sim::VirtualTime()));
  put("duration", Quoted(text::FormatDuration(DurationOf(facts))));
  put("records", absl::StrCat(summary.records));
  put("first_time", has_records ? TimeText(facts, summary.first_time) : "null");
  put("last_time", has_records ? TimeText(facts, summary.last_time) : "null");
  put("size_bytes", absl::StrCat(facts.size_bytes));
  put("chunks", absl::StrCat(summary.chunks));
  put("compression",
      facts.compression ? Quoted(traces::CompressionName(*facts.compression)) : "null");
  put("digest", facts.is_complete ? Quoted(traces::ToHex(summary.digest)) : "null");
  put("complete", facts.is_complete ? "true" : "false");
  put("services", ServicesText(facts));
  put("faults", FaultsText(facts));
  return text + "\n}\n";
}

}  // namespace groundhog::cli
