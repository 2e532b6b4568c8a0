// groundhog info: what is in a trace.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/course.h"
#include "analysis/facts.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/facts_page.h"
#include "cli/groundhog/timeline_report.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "text/time_text.h"
#include "traces/column_costs.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::cli {
namespace {

struct InfoOptions {
  TraceArguments trace;
  bool is_json = false;
  bool with_columns = false;
  bool is_timeline = false;
  std::chrono::nanoseconds every{};  // 0: not given
  FilterOptions filter;              // its services only
};

int Info(const InfoOptions& options, const traces::ColumnCosts& costs, traces::Reader& reader) {
  const bool is_quiet = options.trace.is_quiet;
  // Of a complete trace the header, the footer and one chunk are read.
  const bool is_known = reader.complete() && !options.with_columns;
  if (is_known && !is_quiet) TellHeaderDamage(kProgram, reader);
  LenientReading reading(kProgram, reader, /*is_quiet=*/is_quiet || is_known);
  analysis::Facts facts = analysis::GatherFacts(
      reader, [&](std::vector<traces::Record>* records) { return reading.NextChunk(records); });
  if (options.with_columns) {
    std::vector<traces::Record> records;
    while (reading.NextChunk(&records)) {
    }
    facts.columns = analysis::ColumnShares(costs, facts.size_bytes);
  }
  if (reading.exit_code() == kExitUsage) return kExitUsage;
  return PrintData(kProgram, options.is_json ? analysis::FactsAsJson(facts) : FactsAsPage(facts),
                   kExitDone);
}

absl::StatusOr<TimelineOptions> ResolveTimeline(const InfoOptions& options,
                                                const traces::Reader& reader,
                                                const traces::Rollup& rollup) {
  const absl::StatusOr<traces::RecordSelection> selection = ResolveFilter(options.filter, reader);
  if (!selection.ok()) return selection.status();
  TimelineOptions resolved{.services = selection->services};
  if (options.every.count() == 0) return resolved;
  resolved.every = sim::Nanoseconds(options.every.count());
  if (*resolved.every % rollup.width == sim::Duration()) return resolved;
  const std::string least = text::FormatDuration(rollup.width);
  return absl::InvalidArgumentError(absl::StrCat("--every ", text::FormatDuration(*resolved.every),
                                                 ": the trace is summed up by ", least,
                                                 ", so it must be a multiple of ", least));
}

// Of a complete trace only its two ends are read.
absl::StatusOr<int> Timeline(const InfoOptions& options, traces::Reader& reader) {
  if (!options.trace.is_quiet) TellHeaderDamage(kProgram, reader);
  LenientReading reading(kProgram, reader, options.trace.is_quiet);
  sim::VirtualTime last;
  const absl::StatusOr<traces::Rollup> rollup =
      analysis::RollupOf(reader, [&](std::vector<traces::Record>* records) {
        const bool has_more = reading.NextChunk(records);
        if (has_more) last = records->back().time;
        return has_more;
      });
  if (!rollup.ok()) return rollup.status();
  if (reading.exit_code() == kExitUsage) return kExitUsage;
  if (reader.summary() != nullptr) {
    last = std::max(reader.summary()->last_time, reader.summary()->end_time - sim::Nanoseconds(1));
  }
  const absl::StatusOr<TimelineOptions> resolved = ResolveTimeline(options, reader, *rollup);
  if (!resolved.ok()) return resolved.status();
  const TimelineReport report(reader.info(), reader.catalogue(), *rollup, last, *resolved);
  return PrintData(kProgram, options.is_json ? report.AsJson() : report.AsPage(), kExitDone);
}

int RunInfo(const InfoOptions& options) {
  if (!options.is_timeline && (options.every.count() != 0 || !options.filter.services.empty())) {
    PrintError(kProgram, "--every and --service go with --timeline only");
    return kExitUsage;
  }
  if (options.is_timeline && options.with_columns) {
    PrintError(kProgram, "--timeline and --columns cannot be used together");
    return kExitUsage;
  }
  if (options.is_timeline) {
    return OnTrace(options.trace.file,
                   [&](traces::Reader& reader) { return Timeline(options, reader); });
  }
  traces::ColumnCosts costs;
  return OnTrace(options.trace.file,
                 [&](traces::Reader& reader) { return Info(options, costs, reader); },
                 {.column_costs = options.with_columns ? &costs : nullptr});
}

}  // namespace

void AddInfoCommand(CLI::App& program, Selection& selection) {
  CLI::App* command = AddCommand(program, "info", "Show what is in a trace",
                                 "groundhog info day.ghog\n"
                                 "groundhog info day.ghog --json | jq .services\n"
                                 "groundhog info day.ghog --columns\n"
                                 "groundhog info day.ghog --timeline --every 1h\n"
                                 "groundhog record --duration 1h -o - | groundhog info -");
  AddNotes(*command,
           "The duration is what the trace covers; of an incomplete trace, what was asked for. "
           "Counts are those of the footer ('groundhog verify' counts again); the records of an "
           "incomplete trace are counted up to its last whole chunk.");
  AddExitCodes(*command, {{kExitDone, "printed; also for an incomplete trace, and it says so"}});
  const auto options = std::make_shared<InfoOptions>();
  AddTraceFile(*command, options->trace);
  command->add_flag("--json", options->is_json,
                    "Print a JSON object, for programs; docs/INFO.md says what its keys mean");
  command->add_flag("--columns", options->with_columns,
                    "Also show what each column costs, compressed as it is; reads the whole trace");
  AddQuiet(*command, options->trace.is_quiet, "Do not report what is damaged or missing");
  command->add_flag("--timeline", options->is_timeline,
                    "Show instead how the trace went on: records, errors and approximate latencies "
                    "by time and service, from the end of the file alone");
  AddParsed(*command, {"--every", "LENGTH", "With --timeline: a row for each 1m, 1h and so on"},
            DurationInto(&options->every, sim::Minutes(1)));
  AddServiceOption(*command, options->filter,
                   "With --timeline: only this service; may be repeated");
  SetRun(*command, selection, [options] { return RunInfo(*options); });
}

}  // namespace groundhog::cli
