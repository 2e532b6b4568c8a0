// groundhog cat: print a trace's records, as JSON lines or in another format.
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/choice.h"
#include "cli/shared/colour.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/program.h"
#include "cli/shared/terminal_columns.h"
#include "cli/shared/trace_input.h"
#include "formats/renderer.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

struct CatOptions {
  TraceArguments trace;
  FilterOptions filter;
  formats::Format format = formats::Format::kJson;
  bool with_truth = false;
  std::uint64_t records_max = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint64_t> position;  // of the one record to print
};

std::unique_ptr<formats::Renderer> RendererOf(const CatOptions& options,
                                              const traces::Reader& reader) {
  return formats::MakeRenderer(
      options.format, reader.info(), reader.catalogue(),
      {.with_truth = options.with_truth,
       .is_coloured = IsColoured(STDOUT_FILENO),
       .columns = TerminalColumns(STDOUT_FILENO).value_or(formats::RendererOptions{}.columns)});
}

// Prints the wanted records of one trace, chunk by chunk.
class Printing {
 public:
  Printing(const CatOptions& options, traces::Reader& reader,
           const traces::RecordSelection& selection)
      : reader_(reader),
        filter_(selection, reader.info(), reader.catalogue()),
        renderer_(RendererOf(options, reader)),
        records_left_(options.records_max),
        is_live_(!reader.can_seek() || output_.is_terminal()) {
    renderer_->Begin(output_.buffer());
  }

  // Prints a chunk's records. False when no later chunk is needed.
  bool Print(const std::vector<traces::Record>& records) {
    filter_.set_trace_key(reader_.trace_key());
    renderer_->set_trace_key(reader_.trace_key());
    for (const traces::Record& record : records) {
      if (filter_.IsOverAt(record.time)) return false;
      if (!filter_.Matches(record)) continue;
      has_matched_ = true;
      renderer_->Add(record, output_.buffer());
      if (!output_.Appended() || --records_left_ == 0) return false;
    }
    if (!is_live_) return true;
    renderer_->Flush(output_.buffer());
    return output_.Flush();
  }

  // What comes after the last record. Returns the exit code.
  int Finish(int exit_code) {
    renderer_->End(output_.buffer());
    return output_.Finish(kProgram, exit_code);
  }

  // Whether any record was wanted, so far.
  bool has_matched() const { return has_matched_; }

 private:
  traces::Reader& reader_;
  traces::RecordFilter filter_;
  DataOutput output_;
  std::unique_ptr<formats::Renderer> renderer_;
  std::uint64_t records_left_;
  bool has_matched_ = false;
  const bool is_live_;  // a reader may be waiting for these lines
};

// What is wrong with a position that the trace, which is complete, does not have.
std::string BeyondEndText(std::uint64_t position, std::uint64_t records) {
  const std::string beyond =
      absl::StrCat("--position ", position, " is beyond the end: the trace ");
  if (records == 0) return absl::StrCat(beyond, "has no record");
  return absl::StrCat(beyond, "has ", records,
                      " records, numbered from 0; if this is a position of a replay with --loop, "
                      "write --position ",
                      position % records);
}

// Prints the record at a position, found by the index where there is one.
absl::StatusOr<int> CatOne(const CatOptions& options, traces::Reader& reader) {
  const std::uint64_t position = *options.position;
  const auto is_beyond_end = [&] {
    return reader.summary() != nullptr && position >= reader.summary()->records;
  };
  LenientReading reading(kProgram, reader, options.trace.is_quiet);
  std::vector<traces::Record> records;
  if (!is_beyond_end()) {
    if (absl::Status status = reader.SeekToPosition(position); !status.ok()) return status;
    if (reading.NextChunk(&records) && reader.position() == position) {
      DataOutput output;
      const std::unique_ptr<formats::Renderer> renderer = RendererOf(options, reader);
      renderer->Begin(output.buffer());
      renderer->set_trace_key(reader.trace_key());
      renderer->Add(records.front(), output.buffer());
      renderer->End(output.buffer());
      return output.Finish(kProgram, reading.exit_code());
    }
  }
  if (reading.exit_code() == kExitUsage) return kExitUsage;
  if (is_beyond_end()) {  // for a pipe this is known only at its end
    return absl::OutOfRangeError(BeyondEndText(position, reader.summary()->records));
  }
  if (!options.trace.is_quiet) {
    PrintError(kProgram, absl::StrCat("there is no record at position ", position,
                                      " in what can be read of the trace"));
  }
  return kExitIncomplete;
}

absl::StatusOr<int> Cat(const CatOptions& options, traces::Reader& reader) {
  if (options.position) return CatOne(options, reader);
  const absl::StatusOr<traces::RecordSelection> selection = ResolveFilter(options.filter, reader);
  if (!selection.ok()) return selection.status();
  if (absl::Status status = reader.SeekTo(selection->from); !status.ok()) return status;
  ReadingProgress progress(
      kProgram, options.trace.file, reader,
      {.mode = options.trace.is_quiet ? ProgressMode::kNever : ProgressMode::kAuto,
       .is_stdout_busy = true});
  LenientReading reading(kProgram, reader, options.trace.is_quiet, &progress);
  Printing printing(options, reader, *selection);
  std::vector<traces::Record> records;
  if (options.records_max > 0) {
    while (reading.NextChunk(&records) && printing.Print(records)) continue;
    progress.Clear();
    if (!printing.has_matched() && !options.trace.is_quiet && reading.exit_code() != kExitUsage) {
      PrintError(kProgram, NoRecordText(options.filter, options.trace.file));
    }
  }
  return printing.Finish(reading.exit_code());
}

}  // namespace

void AddCatCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "cat", "Print a trace's records, as JSON lines or in another format",
                 "groundhog cat day.ghog --level ERROR --limit 3\n"
                 "groundhog cat day.ghog --from 14h --until 14h30m --service payment-service\n"
                 "groundhog cat day.ghog --from 2025-01-06T06:40:00Z --truth\n"
                 "groundhog cat day.ghog --trace-id 903181c44508bc6e74be61f2192990f9\n"
                 "groundhog cat day.ghog --position 123456 --truth\n"
                 "groundhog cat day.ghog --format text --level ERROR\n"
                 "groundhog cat day.ghog --format csv --truth\n"
                 "groundhog cat day.ghog --format perfetto --from 14h --until 14h5m\n"
                 "groundhog record --duration forever -o - | groundhog cat -");
  AddExitCodes(*command, {{kExitDone,
                           "printed; also when the reader of the output stops reading, and when no "
                           "record matches, which one line on standard error says"},
                          {kExitIncomplete,
                           "printed, but the trace is incomplete or damaged before the end of "
                           "what was asked for"}});
  const auto options = std::make_shared<CatOptions>();
  AddTraceFile(*command, options->trace);
  AddFilterOptions(*command, options->filter);
  AddChoice(*command, "--format", options->format, formats::kFormatNames,
            "What is printed; json (default): lines, as replayed; text: for people; the others are "
            "for other programs, see docs/FORMATS.md");
  command->add_flag("--truth", options->with_truth,
                    "Add what is known beyond the log line: cause, root, hops, span and more");
  AddParsed(*command, {"--limit", "N", "Print at most N records"},
            NumberInto<std::uint64_t>(&options->records_max, 0,
                                      std::numeric_limits<std::uint64_t>::max()));
  CLI::Option* const position = AddParsed(
      *command,
      {"--position", "N",
       "Only the record at this position, as 'groundhog-replay --check' names it: its number in "
       "the trace, from 0"},
      [options](const std::string& text) {
        options->position = 0;
        return NumberInto<std::uint64_t>(&*options->position, 0,
                                         std::numeric_limits<std::uint64_t>::max())(text);
      });
  for (const char* flag : {"--from", "--until", "--service", "--level", "--trace-id", "--limit"}) {
    position->excludes(command->get_option(flag));
  }
  AddQuiet(*command, options->trace.is_quiet);
  SetRun(*command, selection, [options] {
    if (options->with_truth && options->format == formats::Format::kLoghub) {
      PrintError(kProgram,
                 "--truth does not go with --format loghub, whose columns are fixed; choose "
                 "another format or leave one of them out");
      return int{kExitUsage};
    }
    return OnTrace(options->trace.file,
                   [&](traces::Reader& reader) { return Cat(*options, reader); });
  });
}

}  // namespace groundhog::cli
