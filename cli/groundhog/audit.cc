// groundhog audit: what a pipeline made of a trace, by the files that it wrote.
#include <algorithm>
#include <cstddef>
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
#include "cli/audit/audit_options.h"
#include "cli/audit/audit_report.h"
#include "cli/audit/audit_run.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/choice.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/program.h"
#include "cli/shared/reading_progress.h"
#include "cli/shared/trace_input.h"
#include "rows/row_reader.h"
#include "traces/json_renderer.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

struct CommandArguments {
  TraceArguments trace;
  std::vector<std::string> outputs;
  std::optional<rows::RowFormat> format;
  FilterOptions filter;
  AuditArguments audit;
};

// The records of a trace that were to be replayed.
class SelectedRecords : public AuditInput {
 public:
  // All must outlive this.
  SelectedRecords(traces::Reader& reader, const traces::RecordSelection& selection, bool is_quiet,
                  ReadingProgress& progress)
      : reader_(reader),
        selection_(selection),
        renderer_(reader.info(), reader.catalogue()),
        is_quiet_(is_quiet),
        progress_(progress) {}

  ExitCode ForEach(const Take& take) override {
    if (has_begun_) {
      if (const absl::Status s = reader_.SeekToPosition(0); !s.ok()) {
        PrintError(kProgram, s);
        return kExitUsage;
      }
    }
    LenientReading reading(kProgram, reader_, is_quiet_ || has_begun_, &progress_);
    has_begun_ = true;
    traces::RecordFilter filter(selection_, reader_.info(), reader_.catalogue());
    std::vector<traces::Record> records;
    while (reading.NextChunk(&records)) {
      filter.set_trace_key(reader_.trace_key());
      renderer_.set_trace_key(reader_.trace_key());
      for (std::size_t i = 0; i < records.size(); ++i) {
        const traces::Record& record = records[i];
        if (filter.IsOverAt(record.time)) return reading.exit_code();
        if (!filter.Matches(record)) continue;
        const AuditRecord given = {.record = record,
                                   .line = renderer_.Render(record),
                                   .position = reader_.position() + i,
                                   .time = record.time};
        if (!take(given)) return reading.exit_code();
      }
    }
    return reading.exit_code();
  }

  const traces::Reader& reader() const override { return reader_; }

 private:
  traces::Reader& reader_;
  const traces::RecordSelection selection_;
  traces::JsonRenderer renderer_;
  const bool is_quiet_;
  ReadingProgress& progress_;
  bool has_begun_ = false;  // then what is damaged was reported
};

class OutputFile : public AuditOutput {
 public:
  OutputFile(std::string name, std::unique_ptr<rows::RowReader> rows)
      : name_(std::move(name)), rows_(std::move(rows)) {}

  const std::string& name() const override { return name_; }
  const std::vector<std::string>& names() const override { return rows_->names(); }
  void Want(const std::vector<std::string>& names) override { rows_->Want(names); }
  absl::StatusOr<bool> Next(rows::Row* row) override { return rows_->Next(row); }
  std::string_view text() const override { return rows_->text(); }
  std::uint64_t line() const override { return rows_->line(); }
  AmountRead amount() const override {
    return {.done = rows_->given_bytes(), .all = rows_->size_bytes()};
  }

 private:
  const std::string name_;
  const std::unique_ptr<rows::RowReader> rows_;
};

absl::StatusOr<AuditOutputs> OpenOutputs(const CommandArguments& arguments) {
  AuditOutputs outputs;
  for (const std::string& path : arguments.outputs) {
    absl::StatusOr<std::unique_ptr<rows::RowReader>> rows =
        rows::RowReader::Open(path, arguments.format);
    if (!rows.ok()) return rows.status();
    outputs.push_back(std::make_unique<OutputFile>(path, *std::move(rows)));
  }
  return outputs;
}

std::string NameOf(const std::vector<std::string>& outputs) {
  return outputs.size() == 1 ? InputName(outputs.front())
                             : absl::StrCat(outputs.size(), " outputs");
}

absl::StatusOr<int> AuditTrace(const CommandArguments& arguments, traces::Reader& reader) {
  if (absl::Status s = CheckCanReadTwice(reader); !s.ok()) return s;
  const absl::StatusOr<traces::RecordSelection> selection = ResolveFilter(arguments.filter, reader);
  if (!selection.ok()) return selection.status();
  absl::StatusOr<AuditOutputs> outputs = OpenOutputs(arguments);
  if (!outputs.ok()) return outputs.status();
  ReadingProgress progress(
      kProgram, {.mode = arguments.trace.is_quiet ? ProgressMode::kNever : ProgressMode::kAuto});
  SelectedRecords input(reader, *selection, arguments.trace.is_quiet, progress);
  const absl::StatusOr<AuditOutcome> outcome =
      RunAudit({.arguments = arguments.audit,
                .input = input,
                .outputs = *std::move(outputs),
                .progress = progress,
                .trace_file = arguments.trace.file,
                .input_name = InputName(arguments.trace.file),
                .outputs_name = NameOf(arguments.outputs)});
  progress.Clear();
  if (!outcome.ok()) return outcome.status();
  if (!outcome->has_report) return outcome->exit_code;
  return PrintData(
      kProgram,
      arguments.audit.is_json ? AuditAsJson(outcome->report) : AuditAsPage(outcome->report),
      outcome->exit_code);
}

int AuditFiles(const CommandArguments& arguments) {
  const auto inputs = std::count(arguments.outputs.begin(), arguments.outputs.end(), "-") +
                      (arguments.trace.file == "-" ? 1 : 0);
  if (inputs > 1) {
    PrintError(kProgram, "standard input is one file: give - once");
    return kExitUsage;
  }
  return OnTrace(arguments.trace.file,
                 [&](traces::Reader& reader) { return AuditTrace(arguments, reader); });
}

void DescribeAudit(CLI::App& command) {
  AddNotes(command,
           "OUTPUT is NDJSON (one JSON object a line) or CSV with a header. Rows may come in any "
           "order. What the output has of the records' fields is compared; what it lacks is named, "
           "and with "
           "--strict a finding. Numbers are equal by value, timestamps as points in time, also "
           "those that are numbers since 1970; null and empty text are the same as nothing. A "
           "topic of Kafka is audited by groundhog-replay --audit.");
  AddExitCodes(command, {{kExitDone, "every row is as expected, and none is missing"},
                         {kExitNo, "something was lost, doubled, altered or added"},
                         {kExitIncomplete,
                          "all is well with what can be read, but the trace is incomplete or "
                          "damaged"}});
}

}  // namespace

void AddAuditCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "audit", "Hold what a pipeline put out against the trace that went in",
                 "groundhog audit day.ghog out.ndjson\n"
                 "groundhog audit day.ghog out.csv --strict --fields trace_id=traceId,hostname=-\n"
                 "groundhog audit day.ghog alerts.ndjson --keep level=ERROR\n"
                 "groundhog audit day.ghog part-0.ndjson part-1.ndjson --whole trace_id\n"
                 "my-consumer | groundhog audit day.ghog - --json | jq .missing");
  DescribeAudit(*command);
  const auto arguments = std::make_shared<CommandArguments>();
  OfferValues(*command,
              command->add_option("FILE", arguments->trace.file, "The trace, which is read twice")
                  ->required(),
              {.has_files = true});
  OfferValues(*command,
              command
                  ->add_option("OUTPUT", arguments->outputs,
                               "What the pipeline put out; - for standard input")
                  ->required(),
              {.has_files = true});
  AddAuditOptions(*command, "--key", arguments->audit);
  AddWordOption(*command, "--output-format", WordsOf(rows::kRowFormatNames),
                "What OUTPUT is [default: by its first character]",
                [arguments](std::size_t chosen) {
                  arguments->format = rows::RowFormat{static_cast<std::uint8_t>(chosen)};
                });
  AddFilterOptions(*command, arguments->filter);
  AddQuiet(*command, arguments->trace.is_quiet);
  SetRun(*command, selection, [arguments] { return AuditFiles(*arguments); });
}

}  // namespace groundhog::cli
