// groundhog explain: what a fault did, from the day that a trace has and the same day without it.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/incident_graph.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/explain_report.h"
#include "cli/groundhog/explained_days.h"
#include "cli/groundhog/trace_command.h"
#include "cli/groundhog/trace_scenario.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/reading_progress.h"
#include "cli/shared/trace_input.h"
#include "model/scenario/parse/parser.h"
#include "sim/time.h"
#include "text/printable.h"
#include "text/suggestion.h"
#include "traces/occurrences.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::cli {
namespace {

struct ExplainOptions {
  std::string file;
  std::string incident;  // empty: the first one of each fault
  bool is_json = false;
  bool is_quiet = false;
};

// `all`: the occurrences of one fault, with one that begins after the trace's end where that is
// near.
ChosenIncident Choose(const std::vector<traces::Occurrence>& all, std::size_t i,
                      std::size_t count) {
  const sim::VirtualTime until = i + 1 < all.size() ? all[i + 1].start : sim::VirtualTime::Max();
  return {
      .occurrence = all[i],
      .count = static_cast<std::uint32_t>(count),
      .window = {
          .first_start = all[0].start, .start = all[i].start, .end = all[i].end, .until = until}};
}

// The incidents that are asked for. NotFound: there is no such one in the trace.
absl::StatusOr<std::vector<ChosenIncident>> ChooseIncidents(const traces::Catalogue& catalogue,
                                                            sim::VirtualTime end,
                                                            const std::string& wanted) {
  std::vector<ChosenIncident> chosen;
  std::vector<std::string> names;
  for (std::size_t fault = 0; fault < catalogue.faults.size(); ++fault) {
    const std::vector<traces::Occurrence> all = OccurrencesOf(catalogue, fault, AfterInFlight(end));
    const auto count = static_cast<std::size_t>(
        std::ranges::lower_bound(all, end, {}, &traces::Occurrence::start) - all.begin());
    if (count == 0) continue;
    const traces::FaultEntry& entry = catalogue.faults[fault];
    names.push_back(entry.name);
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_named = wanted == traces::OccurrenceName(entry, all[i].number);
      if (is_named || (i == 0 && (wanted.empty() || wanted == entry.name))) {
        chosen.push_back(Choose(all, i, count));
      }
    }
    if (wanted.starts_with(entry.name + "/") && chosen.empty()) {
      return absl::NotFoundError(
          absl::StrCat("there is no incident ", text::QuotedName(wanted),
                       " in the trace: its first is ", traces::OccurrenceName(entry, 1),
                       ", its last ", traces::OccurrenceName(entry, all[count - 1].number)));
    }
  }
  if (!chosen.empty()) return chosen;
  if (names.empty() && wanted.empty()) return chosen;
  if (names.empty()) return absl::NotFoundError("no fault begins within the trace");
  const std::vector<std::string_view> views(names.begin(), names.end());
  return absl::NotFoundError(absl::StrCat("there is no incident ", text::QuotedName(wanted),
                                          " in the trace", text::GuessOrList(wanted, views)));
}

// The trace's scenario as it was recorded. Errors: those of ReadTraceScenario and ParseScenario.
absl::StatusOr<RecordedDay> OpenDay(const std::string& file, const traces::Reader& reader) {
  // No day of no length can be lived; no fault begins in it either.
  if (CoversNoTime(reader)) return RecordedDay{.file = text::Printable(file)};
  absl::StatusOr<TraceScenario> source = ReadTraceScenario(reader, file);
  if (!source.ok()) return source.status();
  absl::StatusOr<model::ParsedScenario> parsed =
      model::ParseScenario(source->text, file, source->overrides);
  if (!parsed.ok()) return parsed.status();
  const sim::VirtualTime end(parsed->scenario.duration);
  return RecordedDay{.file = text::Printable(file), .parsed = *std::move(parsed), .end = end};
}

// Of a trace in which no fault begins: an incomplete one is read, which says where it ends.
int ReadThrough(const ExplainOptions& options, traces::Reader& reader) {
  if (reader.complete()) return kExitDone;
  ReadingProgress progress =
      ProgressOf({.file = options.file, .is_quiet = options.is_quiet}, reader);
  LenientReading reading(kProgram, reader, options.is_quiet, &progress);
  std::vector<traces::Record> records;
  while (reading.NextChunk(&records)) {
  }
  return reading.exit_code();
}

int ExplainFile(const ExplainOptions& options) {
  if (options.file == "-") {
    PrintError(kProgram, "explain may read a trace several times: give a file instead of '-'");
    return kExitUsage;
  }
  ExplainReport report;
  std::optional<RecordedDay> day;
  std::vector<ChosenIncident> chosen = {ChosenIncident()};  // until it is known which
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    ExitCode reading = kExitDone;
    const int exit_code = OnTrace(options.file, [&](traces::Reader& reader) -> absl::StatusOr<int> {
      if (!day) {
        absl::StatusOr<RecordedDay> opened = OpenDay(options.file, reader);
        if (!opened.ok()) return opened.status();
        day = *std::move(opened);
        absl::StatusOr<std::vector<ChosenIncident>> found =
            ChooseIncidents(reader.catalogue(), day->end, options.incident);
        if (!found.ok()) return found.status();
        chosen = *std::move(found);
      }
      if (chosen.empty()) return ReadThrough(options, reader);
      // What is damaged or missing is reported once.
      const bool is_quiet = options.is_quiet || i > 0;
      absl::StatusOr<IncidentReport> incident =
          ExplainIncident(*day, chosen[i], is_quiet, reader, &reading);
      if (!incident.ok()) return incident.status();
      report.incidents.push_back(*std::move(incident));
      return reading;
    });
    if (exit_code == kExitUsage) return kExitUsage;
    report.is_complete = report.is_complete && exit_code == kExitDone;
  }
  return PrintData(kProgram, options.is_json ? ExplainAsJson(report) : ExplainAsPage(report),
                   report.is_complete ? kExitDone : kExitIncomplete);
}

}  // namespace

void AddExplainCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "explain", "Show what a fault did: from whom to whom, how, until when",
                 "groundhog explain day.ghog\n"
                 "groundhog explain day.ghog auth-outage\n"
                 "groundhog explain week.ghog auth-outage/3\n"
                 "groundhog explain day.ghog auth-outage --json | jq .incidents[0].edges");
  AddNotes(*command,
           "The scenario in the trace is lived once more without the fault, and the two days are "
           "compared record by record: what is shown is what would not be there without it. It "
           "takes about as long as recording the trace.");
  AddNotes(*command,
           "All occurrences of the fault are left out; what differs from the start of one until "
           "the start of the next is due to that one.");
  AddExitCodes(*command, {{kExitUsage,
                           "wrong usage, no such incident, a trace that cannot be read, or one "
                           "that this program does not live again from its scenario"},
                          {kExitIncomplete,
                           "explained from what can be read, but the trace is incomplete or "
                           "damaged"}});
  const auto options = std::make_shared<ExplainOptions>();
  OfferValues(*command, command->add_option("FILE", options->file, "The trace")->required(),
              {.has_files = true});
  command->add_option("INCIDENT", options->incident,
                      "A fault, which means its first occurrence, or one occurrence as truth.cause "
                      "names it, such as auth-outage/2 (default: each fault of the trace)");
  command->add_flag("--json", options->is_json,
                    "Print a JSON object, for programs; docs/EXPLAIN.md says what its keys mean");
  AddQuiet(*command, options->is_quiet);
  SetRun(*command, selection, [options] { return ExplainFile(*options); });
}

}  // namespace groundhog::cli
