// groundhog recover: a sound trace of all that is undamaged in another.
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/copying.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::cli {
namespace {

std::string RecordsText(std::uint64_t count) {
  return absl::StrCat(text::WithCommas(count), count == 1 ? " record" : " records");
}

// "lost 1,000 records, positions 3000 to 3999, between 2025-01-06T... and 2025-01-06T..."
std::string LostText(const LostRecords& lost, const traces::Reader& reader) {
  const auto time = [&](sim::VirtualTime time) {
    return text::FormatRfc3339(text::UnixNanoseconds(reader.info().start_unix_nanoseconds, time));
  };
  std::string text = absl::StrCat("lost ", RecordsText(lost.last - lost.first + 1), ", positions ",
                                  lost.first, " to ", lost.last, ", ");
  if (lost.before == sim::VirtualTime::Max()) return absl::StrCat(text, "from ", time(lost.after));
  return absl::StrCat(text, "between ", time(lost.after), " and ", time(lost.before));
}

void ReportLost(Copying& copying, const traces::Reader& reader) {
  std::uint64_t listed = 0;
  for (const LostRecords& lost : copying.lost()) {
    copying.Notice(LostText(lost, reader));
    listed += lost.last - lost.first + 1;
  }
  if (listed < copying.lost_records()) {
    copying.Notice(
        absl::StrCat("lost ", RecordsText(copying.lost_records() - listed), " in other places"));
  }
  if (reader.has_given_up()) {
    copying.Notice(
        "the search was ended early: too much of the file looks like a trace's parts and is none, "
        "so that more of it may be undamaged than was found");
  }
  if (reader.footer() == nullptr) {
    copying.Notice(
        "the trace's end is missing, so it is not known how many records came after the last one");
  } else if (copying.lost_records() == 0) {
    copying.Notice("no record is lost");
  }
}

absl::StatusOr<int> Recover(const CopyOptions& options, traces::Reader& reader) {
  if (!reader.can_seek()) {
    return absl::InvalidArgumentError(
        "a pipe cannot be searched for what is undamaged: store it in a file first");
  }
  Copying copying(options, reader);
  const int exit_code = copying.Run(std::nullopt);
  if (copying.is_finished() && exit_code != kExitInterrupted) ReportLost(copying, reader);
  return exit_code;
}

}  // namespace

void AddRecoverCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "recover", "Make a sound trace of all that is undamaged in another",
                 "groundhog recover damaged.ghog -o sound.ghog\n"
                 "groundhog recover stopped.ghog.partial -o rest.ghog");
  AddNotes(*command,
           "Takes every undamaged chunk, and says which records are lost. Of a header that is "
           "damaged the copy at the end is used. A .partial file, which a crash or a full disk "
           "leaves, gives all records up to its last whole chunk.");
  AddExitCodes(
      *command,
      {{kExitDone, "the trace was sound and complete, and is copied"},
       {kExitUsage,
        "wrong usage, no trace or none with a header, unreadable, or unwritable output"},
       {kExitIncomplete,
        "recovered: the trace was damaged or incomplete; standard error says what is lost"},
       {kExitInterrupted,
        "stopped by Ctrl-C, SIGTERM or a closed terminal; what was copied is a shorter "
        "valid trace; a file that was there before stays"}});
  const auto options = std::make_shared<CopyOptions>();
  AddCopyOptions(*command, *options);
  SetRun(*command, selection, [options, command] {
    return OnCopy(
        *command, *options, [&](traces::Reader& reader) { return Recover(*options, reader); },
        /*is_thorough=*/true);
  });
}

}  // namespace groundhog::cli
