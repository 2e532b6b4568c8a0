// groundhog slice: a trace of a part of the time.
#include <memory>

#include "absl/status/statusor.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/copying.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/program.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

struct SliceOptions {
  CopyOptions copy;
  FilterOptions filter;
};

absl::StatusOr<int> Slice(const SliceOptions& options, traces::Reader& reader) {
  const absl::StatusOr<traces::RecordSelection> selection = ResolveFilter(options.filter, reader);
  if (!selection.ok()) return selection.status();
  if (absl::Status status = reader.SeekTo(selection->from); !status.ok()) return status;
  Copying copying(options.copy, reader);
  const int exit_code = copying.Run(selection->until);
  if (copying.is_finished() && copying.records() == 0) {
    copying.Notice(NoRecordText(options.filter, options.copy.file));
  }
  return exit_code;
}

}  // namespace

void AddSliceCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "slice", "Cut a part of the time out of a trace, as a trace",
                 "groundhog slice day.ghog -o incident.ghog --from 14h --until 14h30m\n"
                 "groundhog slice day.ghog -o morning.ghog --until 2025-01-06T12:00:00Z\n"
                 "groundhog slice day.ghog -o - --from 14h | groundhog-replay - --to jsonl:-");
  AddNotes(*command,
           "Records keep their times, trace ids and truth. Of requests that began before --from "
           "there are only the records of this time. The header stays as it is, so that 'groundhog "
           "record' records the day again from a slice, up to the slice's end; the same slice of "
           "that has the same digest.");
  AddExitCodes(*command, {{kExitDone,
                           "copied; also when the reader of its pipe stops reading, and when no "
                           "record is in this time, which one line on standard error says"},
                          {kExitIncomplete,
                           "copied, but the trace is incomplete or damaged before the end of what "
                           "was asked for"},
                          {kExitInterrupted,
                           "stopped by Ctrl-C, SIGTERM or a closed terminal; what was copied is a "
                           "shorter valid trace; a file that was there before stays"}});
  const auto options = std::make_shared<SliceOptions>();
  AddCopyOptions(*command, options->copy);
  AddTimeOptions(*command, options->filter);
  SetRun(*command, selection, [options, command] {
    return OnCopy(*command, options->copy,
                  [&](traces::Reader& reader) { return Slice(*options, reader); });
  });
}

}  // namespace groundhog::cli
