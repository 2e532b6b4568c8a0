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
#include "analysis/alignment.h"
#include "analysis/detectors.h"
#include "analysis/incident_graph.h"
#include "analysis/joint_catalogue.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/explain_report.h"
#include "cli/groundhog/lived_day.h"
#include "cli/groundhog/trace_command.h"
#include "cli/groundhog/trace_scenario.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "model/scenario/parse/parser.h"
#include "sim/time.h"
#include "text/suggestion.h"
#include "text/time_text.h"
#include "traces/format.h"
#include "traces/occurrences.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

struct ExplainOptions {
  std::string file;
  std::string incident;  // empty: the first one of each fault
  bool is_json = false;
  bool is_quiet = false;
};

// One occurrence of a fault, and when differences are due to it.
struct Chosen {
  traces::Occurrence occurrence;
  std::uint32_t count = 0;  // occurrences of the fault within the trace
  analysis::IncidentWindow window;
};

// Occurrences of the fault that begin before `end`; at most as many as a trace's footer lists.
std::vector<traces::Occurrence> OccurrencesOf(const traces::Catalogue& catalogue, std::size_t fault,
                                              sim::VirtualTime end) {
  traces::Catalogue alone;
  alone.faults = {catalogue.faults[fault]};
  std::vector<traces::Occurrence> found =
      traces::OccurrencesBefore(alone, end, traces::kOccurrencesMax);
  for (traces::Occurrence& each : found) {
    each.fault = traces::FaultId{static_cast<std::uint16_t>(fault)};
  }
  return found;
}

Chosen Choose(const std::vector<traces::Occurrence>& all, std::size_t i) {
  const sim::VirtualTime until = i + 1 < all.size() ? all[i + 1].start : sim::VirtualTime::Max();
  return {
      .occurrence = all[i],
      .count = static_cast<std::uint32_t>(all.size()),
      .window = {
          .first_start = all[0].start, .start = all[i].start, .end = all[i].end, .until = until}};
}

// The incidents that are asked for. NotFound: there is no such one in the trace.
absl::StatusOr<std::vector<Chosen>> ChooseIncidents(const traces::Catalogue& catalogue,
                                                    sim::VirtualTime end,
                                                    const std::string& wanted) {
  std::vector<Chosen> chosen;
  std::vector<std::string> names;
  for (std::size_t fault = 0; fault < catalogue.faults.size(); ++fault) {
    const std::vector<traces::Occurrence> all = OccurrencesOf(catalogue, fault, end);
    if (all.empty()) continue;
    const traces::FaultEntry& entry = catalogue.faults[fault];
    names.push_back(entry.name);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool is_named = wanted == traces::OccurrenceName(entry, all[i].number);
      if (is_named || (i == 0 && (wanted.empty() || wanted == entry.name))) {
        chosen.push_back(Choose(all, i));
      }
    }
    if (wanted.starts_with(entry.name + "/") && chosen.empty()) {
      return absl::NotFoundError(absl::StrCat("there is no incident '", wanted,
                                              "' in the trace: its first is ",
                                              traces::OccurrenceName(entry, 1), ", its last ",
                                              traces::OccurrenceName(entry, all.back().number)));
    }
  }
  if (!chosen.empty()) return chosen;
  if (names.empty() && wanted.empty()) return chosen;
  if (names.empty()) return absl::NotFoundError("no fault begins within the trace");
  const std::vector<std::string_view> views(names.begin(), names.end());
  return absl::NotFoundError(absl::StrCat("there is no incident '", wanted, "' in the trace",
                                          text::GuessOrList(wanted, views)));
}

// All incidents of the trace, as the detectors are to find them.
std::vector<analysis::Incident> IncidentsToFind(const traces::Catalogue& catalogue,
                                                sim::VirtualTime end, const Chosen& chosen,
                                                std::size_t* index) {
  std::vector<analysis::Incident> incidents;
  for (std::size_t fault = 0; fault < catalogue.faults.size(); ++fault) {
    const auto target = std::ranges::find(catalogue.services, catalogue.faults[fault].target,
                                          &traces::ServiceEntry::name);
    const auto root = static_cast<std::uint16_t>(target - catalogue.services.begin());
    for (const traces::Occurrence& each : OccurrencesOf(catalogue, fault, end)) {
      if (each.fault == chosen.occurrence.fault && each.number == chosen.occurrence.number) {
        *index = incidents.size();
      }
      incidents.push_back({.start = each.start, .end = each.end, .root = traces::ServiceId{root}});
    }
  }
  return incidents;
}

// The day as it was recorded, up to `stop`.
class RecordedDay {
 public:
  RecordedDay(traces::Reader& reader, bool is_quiet, sim::VirtualTime stop)
      : reader_(reader), reading_(kProgram, reader, is_quiet), stop_(stop) {}

  // False at the end. Reports what the trace lacks to `tracker`.
  bool Next(std::vector<traces::Record>* records, analysis::EffectTracker& tracker) {
    if (is_over_ || !reading_.NextChunk(records)) {
      const bool is_whole = reader_.complete() && position_ == reader_.summary()->records;
      if (!is_over_ && !is_whole) tracker.SetUnknown(reached_, sim::VirtualTime::Max());
      is_over_ = true;
      return false;
    }
    if (reader_.position() != position_) {
      tracker.SetUnknown(reached_, records->front().time + sim::Nanoseconds(1));
    }
    position_ = reader_.position() + records->size();
    if (records->front().time > stop_) {
      is_over_ = true;
      return false;
    }
    reached_ = records->back().time;
    return true;
  }

  std::uint64_t trace_key() const { return reader_.trace_key(); }
  bool is_over() const { return is_over_; }
  sim::VirtualTime reached() const { return reached_; }  // the time of its last record
  ExitCode exit_code() const { return reading_.exit_code(); }

 private:
  traces::Reader& reader_;
  LenientReading reading_;
  const sim::VirtualTime stop_;
  std::uint64_t position_ = 0;
  sim::VirtualTime reached_;
  bool is_over_ = false;
};

// A trace, its scenario, and up to when it goes.
struct Day {
  std::string file;
  model::ParsedScenario parsed;
  sim::VirtualTime end;
};

absl::Status ForeignError(const Day& day, const traces::TraceInfo& info, sim::VirtualTime time) {
  return absl::FailedPreconditionError(absl::StrCat(
      day.file,
      ": its records are not those that this program lives from its scenario: they differ "
      "at ",
      text::FormatRfc3339(text::UnixNanoseconds(info.start_unix_nanoseconds, time)),
      ", before the fault begins; groundhog ", info.program_version, " wrote it, and this is ",
      GROUNDHOG_VERSION));
}

absl::StatusOr<IncidentReport> Explain(const Day& day, const Chosen& chosen, bool is_quiet,
                                       traces::Reader& reader, ExitCode* exit_code) {
  model::ParsedScenario healthy = day.parsed;
  const std::string& name = reader.catalogue().faults[traces::Index(chosen.occurrence.fault)].name;
  std::vector<model::Fault>& faults = healthy.scenario.faults;
  const auto fault = std::ranges::find(faults, name, &model::Fault::name);
  if (fault == faults.end()) {
    return absl::FailedPreconditionError(absl::StrCat(day.file, ": its scenario has no fault '",
                                                      name, "', although its header does"));
  }
  fault->is_absent = true;
  absl::StatusOr<LivedDay> without = LivedDay::Begin(healthy, traces::TruthMethod::kLocal);
  if (!without.ok()) return without.status();
  const absl::StatusOr<analysis::JointCatalogue> joint =
      analysis::JointCatalogue::Make(reader.catalogue(), without->catalogue());
  if (!joint.ok()) return joint.status();

  // Partners are looked for within the window of the alignment.
  const sim::VirtualTime stop =
      traces::AddSaturating(chosen.window.until, analysis::AlignmentOptions().window);
  analysis::EffectTracker tracker(joint->catalogue(), chosen.window);
  std::size_t index = 0;
  analysis::Detectors detectors(reader.catalogue().services.size(),
                                IncidentsToFind(reader.catalogue(), day.end, chosen, &index));
  RecordedDay recorded(reader, is_quiet, stop);
  LivedChunks lived(*std::move(without), {});
  const auto next_recorded = [&](std::vector<traces::Record>* records, std::uint64_t* trace_key) {
    if (tracker.foreign() || !recorded.Next(records, tracker)) return false;
    *trace_key = recorded.trace_key();
    detectors.Add(*records);
    return true;
  };
  const auto next_lived = [&](std::vector<traces::Record>* records, std::uint64_t* trace_key) {
    if (tracker.foreign() || !lived.Next(records, trace_key)) return false;
    const bool is_beyond = recorded.is_over() && !reader.complete();
    if (records->front().time > stop) return false;
    return !is_beyond || records->front().time <= recorded.reached();
  };
  analysis::Align(*joint, next_recorded, next_lived, {},
                  [&](const analysis::AlignedRecord& aligned) { tracker.Take(aligned); });
  *exit_code = recorded.exit_code();
  if (!lived.status().ok()) return lived.status();
  if (tracker.foreign()) return ForeignError(day, reader.info(), *tracker.foreign());
  const bool is_read = reader.complete() && stop >= day.end;
  const sim::VirtualTime end = is_read ? day.end : recorded.reached() + sim::Nanoseconds(1);
  return IncidentReport{.occurrence = chosen.occurrence,
                        .occurrences = chosen.count,
                        .trace_end = is_read || !reader.complete() ? end : day.end,
                        .start_unix_nanoseconds = reader.info().start_unix_nanoseconds,
                        .catalogue = joint->catalogue(),
                        .graph = tracker.Graph(),
                        .detection = detectors.Finish(end)[index]};
}

// The trace's scenario as it was recorded. Errors: those of ReadTraceScenario and ParseScenario.
absl::StatusOr<Day> OpenDay(const std::string& file, const traces::Reader& reader) {
  absl::StatusOr<TraceScenario> source = ReadTraceScenario(reader, file);
  if (!source.ok()) return source.status();
  absl::StatusOr<model::ParsedScenario> parsed =
      model::ParseScenario(source->text, file, source->overrides);
  if (!parsed.ok()) return parsed.status();
  const sim::VirtualTime end(parsed->scenario.duration);
  return Day{.file = file, .parsed = *std::move(parsed), .end = end};
}

int ExplainFile(const ExplainOptions& options) {
  if (options.file == "-") {
    PrintError(kProgram, "explain may read a trace several times: give a file instead of '-'");
    return kExitUsage;
  }
  ExplainReport report;
  std::optional<Day> day;
  std::vector<Chosen> chosen = {Chosen()};  // until it is known which
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    ExitCode reading = kExitDone;
    const int exit_code = OnTrace(options.file, [&](traces::Reader& reader) -> absl::StatusOr<int> {
      if (!day) {
        absl::StatusOr<Day> opened = OpenDay(options.file, reader);
        if (!opened.ok()) return opened.status();
        day = *std::move(opened);
        absl::StatusOr<std::vector<Chosen>> found =
            ChooseIncidents(reader.catalogue(), day->end, options.incident);
        if (!found.ok()) return found.status();
        chosen = *std::move(found);
      }
      if (chosen.empty()) return reader.complete() ? kExitDone : kExitIncomplete;
      // What is damaged or missing is reported once.
      const bool is_quiet = options.is_quiet || i > 0;
      absl::StatusOr<IncidentReport> incident =
          Explain(*day, chosen[i], is_quiet, reader, &reading);
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
