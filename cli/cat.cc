// groundhog cat: print a trace's records as JSON lines.
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/commands.h"
#include "cli/data_output.h"
#include "cli/exit_codes.h"
#include "cli/filter_options.h"
#include "cli/parsed_option.h"
#include "cli/program.h"
#include "cli/trace_input.h"
#include "traces/json_renderer.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

struct CatOptions {
  std::string file;
  FilterOptions filter;
  traces::JsonRendererOptions rendering;
  std::uint64_t records_max = std::numeric_limits<std::uint64_t>::max();
  bool is_quiet = false;
};

// Prints the wanted records of one trace, chunk by chunk.
class Printing {
 public:
  Printing(const CatOptions& options, traces::Reader& reader,
           const traces::RecordSelection& selection)
      : reader_(reader),
        filter_(selection, reader.info(), reader.catalogue()),
        renderer_(reader.info(), reader.catalogue(), options.rendering),
        records_left_(options.records_max),
        is_live_(!reader.can_seek() || output_.is_terminal()) {}

  // Prints a chunk's records. False when no later chunk is needed.
  bool Print(const std::vector<traces::Record>& records) {
    filter_.set_trace_key(reader_.trace_key());
    renderer_.set_trace_key(reader_.trace_key());
    for (const traces::Record& record : records) {
      if (filter_.IsOverAt(record.time)) return false;
      if (!filter_.Matches(record)) continue;
      if (!output_.WriteLine(renderer_.Render(record)) || --records_left_ == 0) return false;
    }
    return !is_live_ || output_.Flush();
  }

  DataOutput& output() { return output_; }

 private:
  traces::Reader& reader_;
  traces::RecordFilter filter_;
  traces::JsonRenderer renderer_;
  DataOutput output_;
  std::uint64_t records_left_;
  const bool is_live_;  // somebody may be waiting for these very lines
};

int Cat(const CatOptions& options) {
  const std::unique_ptr<traces::Reader> reader = OpenTrace("groundhog", options.file);
  if (reader == nullptr) return kExitUsage;
  const absl::StatusOr<traces::RecordSelection> selection =
      ResolveFilter(options.filter, reader->info(), reader->catalogue());
  if (!selection.ok()) {
    PrintError("groundhog", selection.status());
    return kExitUsage;
  }
  if (const absl::Status status = reader->SeekTo(selection->from); !status.ok()) {
    PrintError("groundhog", status);
    return kExitUsage;
  }
  LenientReading reading("groundhog", *reader, options.is_quiet);
  Printing printing(options, *reader, *selection);
  std::vector<traces::Record> records;
  if (options.records_max > 0) {
    while (reading.NextChunk(&records) && printing.Print(records)) continue;
  }
  return printing.output().Finish("groundhog", reading.exit_code());
}

}  // namespace

void AddCatCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "cat", "Print a trace's records as JSON lines",
                 "groundhog cat day.ghog --level ERROR --limit 3\n"
                 "groundhog cat day.ghog --from 14h --until 14h30m --service payment-service\n"
                 "groundhog cat day.ghog --from 2025-01-06T06:40:00Z --truth\n"
                 "groundhog cat day.ghog --trace-id 903181c44508bc6e74be61f2192990f9\n"
                 "groundhog record --duration forever -o - | groundhog cat -");
  AddExitCodes(*command, {{kExitDone, "printed; also when the reader of the output stops reading"},
                          {kExitIncomplete,
                           "printed, but the trace is incomplete or damaged before the end of "
                           "what was asked for"}});
  const auto options = std::make_shared<CatOptions>();
  command->add_option("FILE", options->file, kTraceFileHelp)->required();
  AddFilterOptions(*command, options->filter);
  command->add_flag("--truth", options->rendering.with_truth,
                    "Add what is known beyond the log line: cause, root, hops, span and more");
  AddParsed(*command, {"--limit", "N", "Print at most so many records"},
            NumberInto<std::uint64_t>(&options->records_max, 0,
                                      std::numeric_limits<std::uint64_t>::max()));
  command->add_flag("-q,--quiet", options->is_quiet,
                    "Do not report what is damaged or missing; the exit code says it");
  command->callback([&selection, options] { selection.run = [options] { return Cat(*options); }; });
}

}  // namespace groundhog::cli
