// groundhog diff: where two traces part, and what differs from there on.
#include "analysis/diff.h"

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analysis/alignment.h"
#include "analysis/joint_catalogue.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/diff_report.h"
#include "cli/groundhog/name_changes.h"
#include "cli/groundhog/scenario_changes.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/colour.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

struct DiffOptions {
  std::string file_a;
  std::string file_b;
  bool is_json = false;
  bool is_summary = false;
  bool is_quiet = false;
};

// One of the traces, as Align reads it.
class DiffInput {
 public:
  DiffInput(traces::Reader& reader, bool is_quiet, ReadingProgress* progress)
      : reader_(reader), reading_("groundhog", reader, is_quiet, progress) {}

  analysis::KeyedChunkSource chunks() {
    return [this](std::vector<traces::Record>* records, std::uint64_t* trace_key) {
      if (!reading_.NextChunk(records)) return false;
      *trace_key = reader_.trace_key();
      return true;
    };
  }
  ExitCode exit_code() const { return reading_.exit_code(); }

 private:
  traces::Reader& reader_;
  LenientReading reading_;
};

absl::StatusOr<int> RunDiff(const DiffOptions& options, traces::Reader& a, traces::Reader& b) {
  const absl::StatusOr<analysis::JointCatalogue> joint =
      analysis::JointCatalogue::Make(a.catalogue(), b.catalogue());
  if (!joint.ok()) return joint.status();
  // Both are read side by side, so that the first one's progress is that of both.
  ReadingProgress progress = ProgressOf({.file = options.file_a, .is_quiet = options.is_quiet}, a);
  DiffInput input_a(a, options.is_quiet, &progress);
  DiffInput input_b(b, options.is_quiet, &progress);
  analysis::Diff diff;
  analysis::Align(*joint, input_a.chunks(), input_b.chunks(), {},
                  [&](const analysis::AlignedRecord& aligned) { diff.Take(aligned); });
  progress.Clear();
  if (input_a.exit_code() == kExitUsage || input_b.exit_code() == kExitUsage) return kExitUsage;
  const DiffReport report = {
      .file_a = options.file_a,
      .file_b = options.file_b,
      .info_a = a.info(),
      .info_b = b.info(),
      .catalogue = joint->catalogue(),
      .diff = diff,
      .scenario = ScenarioChanges(a.info(), b.info()),
      .names = NameChanges(a.catalogue(), b.catalogue()),
      .is_complete = input_a.exit_code() == kExitDone && input_b.exit_code() == kExitDone,
      .is_summary = options.is_summary,
      .is_coloured = IsColoured(STDOUT_FILENO)};
  const int exit_code = !report.is_identical() ? kExitNo
                        : !report.is_complete  ? kExitIncomplete
                                               : kExitDone;
  return PrintData("groundhog", options.is_json ? DiffAsJson(report) : DiffAsPage(report),
                   exit_code);
}

int DiffFiles(const DiffOptions& options) {
  if (options.file_a == "-" && options.file_b == "-") {
    PrintError("groundhog", "standard input is one trace: give a file for A or for B");
    return kExitUsage;
  }
  return OnTrace(options.file_a, [&](traces::Reader& a) {
    return OnTrace(options.file_b, [&](traces::Reader& b) { return RunDiff(options, a, b); });
  });
}

}  // namespace

void AddDiffCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "diff", "Show where two traces part, and what differs from there on",
                 "groundhog diff day.ghog healthy.ghog\n"
                 "groundhog diff before.ghog after.ghog --summary\n"
                 "groundhog diff day.ghog healthy.ghog --json | jq .first\n"
                 "groundhog record shop --without auth-outage -o - | groundhog diff day.ghog -");
  AddNotes(*command,
           "Records of a request are compared with those of the same request, call and attempt in "
           "the other trace, whenever they come; those of no request (heartbeats, restarts) with "
           "those of the same host and time. Everything that a record says is compared, truth "
           "included.");
  AddExitCodes(*command, {{kExitDone, "identical, record by record"},
                          {kExitNo, "different"},
                          {kExitIncomplete,
                           "no difference in what can be read, but a trace is incomplete or "
                           "damaged"}});
  const auto options = std::make_shared<DiffOptions>();
  for (const auto& [name, file, meaning] :
       {std::tuple("A", &options->file_a, "One trace; - for standard input"),
        std::tuple("B", &options->file_b, "The other trace; - for standard input")}) {
    OfferValues(*command, command->add_option(name, *file, meaning)->required(),
                {.has_files = true});
  }
  command->add_flag("--json", options->is_json,
                    "Print a JSON object, for programs; docs/DIFF.md says what its keys mean");
  command->add_flag("--summary", options->is_summary,
                    "Leave out the counts by service, minute and cause");
  AddQuiet(*command, options->is_quiet);
  command->callback(
      [&selection, options] { selection.run = [options] { return DiffFiles(*options); }; });
}

}  // namespace groundhog::cli
