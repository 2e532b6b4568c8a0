// groundhog verify: read all of a trace and compare it with everything that it states about itself.
#include "analysis/verify.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "text/printable.h"
#include "traces/hash128.h"
#include "traces/reader.h"
#include "traces/summary.h"

namespace groundhog::cli {
namespace {

absl::StatusOr<int> Verify(const TraceArguments& trace, traces::Reader& reader) {
  ReadingProgress progress = ProgressOf(trace, reader);
  const absl::Status status = analysis::VerifyTrace(text::Printable(trace.file), reader,
                                                    [&progress] { progress.Update(); });
  progress.Clear();
  if (absl::IsDataLoss(status)) {
    if (!trace.is_quiet) PrintError(kProgram, status);
    return kExitNo;
  }
  if (!status.ok()) return status;
  if (trace.is_quiet) return kExitDone;
  const traces::Summary& summary = *reader.summary();
  return PrintData(
      kProgram,
      absl::StrCat(text::Printable(trace.file), ": sound and complete, ", summary.records,
                   " records, digest ", traces::ToHex(summary.digest), "\n"),
      kExitDone);
}

}  // namespace

void AddVerifyCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "verify", "Check every byte, count and name of a trace, and its digest",
                 "groundhog verify day.ghog\n"
                 "groundhog verify --quiet day.ghog && echo sound");
  AddExitCodes(*command, {{kExitDone, "sound and complete"},
                          {kExitNo, "damaged or incomplete; one line says what and where"},
                          {kExitUsage, "wrong usage, no trace, or unreadable"}});
  const auto trace = std::make_shared<TraceArguments>();
  AddTraceFile(*command, *trace);
  AddQuiet(*command, trace->is_quiet, "Print nothing; the exit code says it");
  SetRun(*command, selection, [trace] {
    return OnTrace(trace->file, [&](traces::Reader& reader) { return Verify(*trace, reader); });
  });
}

}  // namespace groundhog::cli
