// groundhog stats: what a correct consumer of a trace must end with.
#include "analysis/stats.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/stats_page.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/choice.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "sim/time.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

// The lengths of a series' periods, as --series names them.
constexpr std::array<std::pair<const char*, sim::Duration>, 3> kPeriods = {
    {{"1s", sim::Seconds(1)}, {"1m", sim::Minutes(1)}, {"1h", sim::Hours(1)}}};

struct StatsOptions {
  TraceArguments trace;
  FilterOptions filter;
  std::optional<sim::Duration> series;
  bool is_json = false;
};

// Takes the wanted records, up to the end of the range, of the trace, or of what there is memory
// for.
void TakeWanted(const traces::RecordSelection& selection, traces::Reader& reader,
                LenientReading& reading, analysis::StatsCollector& collector) {
  traces::RecordFilter filter(selection, reader.info(), reader.catalogue());
  std::vector<traces::Record> records;
  while (!collector.is_full() && reading.NextChunk(&records)) {
    filter.set_trace_key(reader.trace_key());
    collector.set_trace_key(reader.trace_key());
    for (const traces::Record& record : records) {
      if (filter.IsOverAt(record.time)) return;
      if (filter.Matches(record)) collector.Take(record);
    }
  }
}

int Print(const analysis::Stats& stats, const traces::Catalogue& catalogue, bool is_json,
          int exit_code) {
  if (!is_json) return PrintData(kProgram, StatsAsPage(stats, catalogue), exit_code);
  DataOutput output;
  analysis::WriteStatsAsJson(stats, catalogue,
                             [&](std::string_view json) { return output.Write(json); });
  return output.Finish(kProgram, exit_code);
}

absl::StatusOr<int> PrintStats(const StatsOptions& options, traces::Reader& reader) {
  const absl::StatusOr<traces::RecordSelection> selection = ResolveFilter(options.filter, reader);
  if (!selection.ok()) return selection.status();
  if (absl::Status status = reader.SeekTo(selection->from); !status.ok()) return status;
  ReadingProgress progress = ProgressOf(options.trace, reader);
  LenientReading reading(kProgram, reader, options.trace.is_quiet, &progress);
  const auto collector =
      std::make_unique<analysis::StatsCollector>(reader.info(), reader.catalogue(), options.series);
  TakeWanted(*selection, reader, reading, *collector);
  progress.Clear();
  if (reading.exit_code() == kExitUsage) return kExitUsage;
  const absl::StatusOr<analysis::Stats> stats = collector->Finish();
  if (!stats.ok()) return stats.status();
  if (stats->records == 0 && !options.trace.is_quiet) {
    PrintError(kProgram, NoRecordText(options.filter, options.trace.file));
  }
  return Print(*stats, reader.catalogue(), options.is_json, reading.exit_code());
}

int StatsOfFile(const StatsOptions& options) {
  if (options.series.has_value() && !options.is_json) {
    PrintError(kProgram, "--series goes with --json only: the page has no series");
    return kExitUsage;
  }
  return OnTrace(options.trace.file,
                 [&](traces::Reader& reader) { return PrintStats(options, reader); });
}

}  // namespace

void AddStatsCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "stats", "Compute what a correct consumer of a trace must end with",
                 "groundhog stats day.ghog\n"
                 "groundhog stats day.ghog --json | jq '.services[\"auth-service\"]'\n"
                 "groundhog stats day.ghog --json --series 1m --from 14h --until 15h\n"
                 "groundhog stats day.ghog --json --level ERROR | jq .error_codes\n"
                 "groundhog record --duration 1h -o - | groundhog stats -");
  AddNotes(*command,
           "Every figure is exact, and what SQL gives over the lines that 'groundhog cat' prints "
           "with the same options: times are those of timestamp, which a wrong clock falsifies, "
           "latencies those of latency_ms, and percentiles PostgreSQL's percentile_cont.");
  AddExitCodes(
      *command,
      {{kExitDone, "printed; also when no record matches, which one line on standard error says"},
       {kExitUsage, "wrong usage, no trace, unreadable, or more to count than memory for it"},
       {kExitIncomplete,
        "printed, but the trace is incomplete or damaged before the end of what was asked "
        "for"}});
  const auto options = std::make_shared<StatsOptions>();
  AddTraceFile(*command, options->trace);
  AddFilterOptions(*command, options->filter);
  std::vector<std::string> periods;
  for (const auto& [name, length] : kPeriods) periods.emplace_back(name);
  AddWordOption(*command, "--series", periods,
                "Also count each service in every second, minute or hour; with --json only",
                [options](std::size_t chosen) { options->series = kPeriods[chosen].second; });
  command->add_flag("--json", options->is_json,
                    "Print a JSON object, for programs; docs/STATS.md says what its keys mean");
  AddQuiet(*command, options->trace.is_quiet);
  SetRun(*command, selection, [options] { return StatsOfFile(*options); });
}

}  // namespace groundhog::cli
