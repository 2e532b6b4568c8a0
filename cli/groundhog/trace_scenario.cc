#include "cli/groundhog/trace_scenario.h"

#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/shared/trace_input.h"
#include "model/scenario/parse/parser.h"
#include "sim/time.h"
#include "text/printable.h"
#include "text/time_text.h"
#include "traces/recognition.h"

namespace groundhog::cli {
namespace {

using model::Override;

// What text and overrides leave open, or another program's header says differently.
void Pin(const traces::Reader& reader, const model::Scenario& scenario, TraceScenario& out) {
  const traces::TraceInfo& info = reader.info();
  const sim::Duration duration =
      reader.summary() == nullptr ? info.duration : reader.summary()->end_time.since_start();
  const auto pin = [&out](Override::Kind kind, std::string value) {
    out.overrides.push_back({.kind = kind, .value = std::move(value)});
  };
  if (scenario.seed != info.seed) pin(Override::Kind::kSeed, absl::StrCat(info.seed));
  if (scenario.start_unix_nanoseconds != info.start_unix_nanoseconds) {
    pin(Override::Kind::kStart, text::FormatRfc3339(info.start_unix_nanoseconds));
  }
  if (scenario.duration != duration) pin(Override::Kind::kDuration, text::FormatDuration(duration));
}

}  // namespace

bool IsTraceFile(const std::string& path) {
  // Looking into a FIFO would take it away from who reads it.
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && traces::LooksLikeTrace(path);
}

bool CoversNoTime(const traces::Reader& reader) {
  return reader.summary() != nullptr && reader.summary()->end_time == sim::VirtualTime();
}

absl::StatusOr<TraceScenario> ReadTraceScenario(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<traces::Reader>> reader = traces::Reader::Open(path);
  if (!reader.ok()) return reader.status();
  TellHeaderDamage(kProgram, **reader);
  return ReadTraceScenario(**reader, path);
}

absl::StatusOr<TraceScenario> ReadTraceScenario(const traces::Reader& reader,
                                                const std::string& path) {
  const traces::TraceInfo& info = reader.info();
  if (info.scenario_text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(text::Printable(path),
                     ": the trace has no scenario in it, as one merged from different recordings"));
  }
  TraceScenario out{.text = info.scenario_text,
                    .overrides = {},
                    .truth_method = info.truth_method,
                    .covers_no_time = CoversNoTime(reader)};
  for (const std::string& text : info.overrides) {
    out.overrides.push_back(model::FromTraceText(text));
  }
  // Mistakes in them are reported when all overrides are there.
  const auto parsed = model::ParseScenario(out.text, path, out.overrides);
  if (parsed.ok()) Pin(reader, parsed->scenario, out);
  return out;
}

}  // namespace groundhog::cli
