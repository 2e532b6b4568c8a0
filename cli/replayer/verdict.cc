#include "cli/replayer/verdict.h"

#include "absl/strings/str_cat.h"
#include "cli/replayer/lateness_bound.h"
#include "cli/replayer/playlist_of_options.h"
#include "cli/replayer/progress_text.h"
#include "cli/shared/exit_codes.h"

namespace groundhog::cli {
namespace {

bool IsDone(int exit_code) { return exit_code == kExitDone || exit_code == kExitIncomplete; }

// For a destination that takes no more. A full disk is an output that cannot be written; so is a
// destination that never allowed us to write, even if it says so late. Anything else is a delivery
// that failed.
int Fail(const absl::Status& status, const sinks::Counts& messages, ProgressPrinter& printer) {
  printer.Notice(std::string(status.message()));
  const bool was_never_allowed =
      absl::IsPermissionDenied(status) && messages.messages_acknowledged == 0;
  return absl::IsResourceExhausted(status) || was_never_allowed ? kExitUsage : kExitNo;
}

int Done(const absl::Status& closed, const sinks::Counts& messages, ProgressPrinter& printer) {
  if (!closed.ok()) return Fail(closed, messages, printer);
  return messages.messages_sent != messages.messages_acknowledged ? kExitNo : kExitDone;
}

int Finished(const ReplayOptions& options, const replay::Outcome& outcome,
             const absl::Status& closed, ProgressPrinter& printer) {
  const sinks::Counts& messages = outcome.report.messages;
  if (outcome.report.resumed_at && outcome.report.records_sent == 0) {
    printer.Notice(absl::StrCat("nothing was left to send: all was ",
                                options.sink.exactly_once.empty() ? "acknowledged" : "committed",
                                " before (--reset begins anew)"));
  }
  if (!outcome.status.ok()) {
    printer.Notice(std::string(outcome.status.message()));
    printer.Notice("the trace is not whole; everything that could be read was sent");
    const bool is_delivered = messages.messages_sent == messages.messages_acknowledged;
    if (closed.ok() && is_delivered) return kExitIncomplete;
  }
  return Done(closed, messages, printer);
}

int JudgeEnding(const ReplayOptions& options, const replay::Outcome& outcome,
                const absl::Status& closed, ProgressPrinter& printer) {
  switch (outcome.ending) {
    case replay::Ending::kFinished:
      return Finished(options, outcome, closed, printer);
    case replay::Ending::kQuit:
      return Done(closed, outcome.report.messages, printer);
    case replay::Ending::kInterrupted:
      printer.Notice("interrupted");
      return kExitInterrupted;
    case replay::Ending::kSinkFailed:
      return Fail(outcome.status, outcome.report.messages, printer);
    case replay::Ending::kTraceUnreadable:
      printer.Notice(std::string(outcome.status.message()));
      return kExitUsage;
    case replay::Ending::kReaderGone:
      break;
  }
  return kExitDone;
}

// A replay that was too late has failed; if it has failed already, its exit code stays.
int JudgeLateness(const ReplayOptions& options, int exit_code, const replay::RunReport& report,
                  ProgressPrinter& printer) {
  const std::vector<std::string> broken =
      BrokenBounds(options.play.lateness_bounds, report.lateness);
  for (const std::string& line : broken) printer.Notice(line);
  return IsDone(exit_code) && !broken.empty() ? static_cast<int>(kExitNo) : exit_code;
}

}  // namespace

int JudgeReplay(const ReplayOptions& options, const replay::Outcome& outcome,
                const absl::Status& closed, const std::string& destination,
                const replay::Playlist& playlist, ProgressPrinter& printer) {
  const replay::RunReport& report = outcome.report;
  printer.EndLine();
  int exit_code = kExitDone;
  // A reader of our pipe that has gone has read all it wanted.
  if (outcome.ending != replay::Ending::kReaderGone) {
    if (!options.is_quiet) {
      printer.Print(
          ReportText(destination, options.kind->words(), report.pace, report, printer.columns()));
    }
    const std::uint64_t unanswered =
        report.messages.messages_sent - report.messages.messages_acknowledged;
    if (unanswered != 0) {
      printer.Notice(absl::StrCat(unanswered, " messages were sent but not acknowledged"));
    }
    exit_code = JudgeEnding(options, outcome, closed, printer);
  }
  // A replay that had nothing to send has failed, unless an earlier one had sent all, or commands
  // jumped over the records.
  if (outcome.ending == replay::Ending::kFinished && !report.resumed_at && report.seeks == 0) {
    exit_code = JudgeRecords(options, exit_code, playlist, report.records_sent, printer);
  }
  return JudgeLateness(options, exit_code, report, printer);
}

int JudgeRecords(const ReplayOptions& options, int exit_code, const replay::Playlist& playlist,
                 std::uint64_t records_of_shard, ProgressPrinter& printer) {
  if (!IsDone(exit_code)) return exit_code;
  const Selected selected = JudgeSelection(options, playlist, records_of_shard);
  if (!selected.notice.empty()) printer.Notice(selected.notice);
  return selected.has_records ? exit_code : static_cast<int>(kExitNo);
}

}  // namespace groundhog::cli
