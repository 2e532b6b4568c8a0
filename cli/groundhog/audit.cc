// groundhog audit: what a pipeline made of a trace.
#include "analysis/audit.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/audit_fields.h"
#include "cli/groundhog/audit_report.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/choice.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/filter_options.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "rows/row_reader.h"
#include "text/time_text.h"
#include "traces/json_renderer.h"
#include "traces/occurrences.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

// What a footer says may be wrong.
constexpr std::size_t kReservedRecordsMax = std::size_t{16} << 20;

struct AuditArguments {
  TraceArguments trace;
  std::vector<std::string> outputs;
  std::optional<rows::RowFormat> format;
  FilterOptions filter;
  analysis::FieldMap fields;
  analysis::AuditFields key;
  std::vector<analysis::KeepRule> keep;
  std::optional<analysis::AuditField> order_by = analysis::AuditField::kService;
  std::optional<analysis::AuditField> whole;
  std::size_t examples_max = 3;
  bool is_json = false;
};

// The records of a trace that were to be replayed, with their values.
class ExpectedRecords {
 public:
  ExpectedRecords(const AuditArguments& arguments, traces::Reader& reader,
                  const traces::RecordSelection& selection)
      : reader_(reader),
        selection_(selection),
        renderer_(reader.info(), reader.catalogue()),
        parser_(rows::MakeJsonParser()),
        is_quiet_(arguments.trace.is_quiet) {
    std::vector<std::string> names;
    for (const auto& field : analysis::kAuditFieldNames.rows()) names.emplace_back(field.name);
    parser_->Want(names);
  }

  // Gives each record and its position, until `take` returns false. May be called again.
  ExitCode ForEach(const std::function<bool(const traces::Record&, std::uint64_t)>& take) {
    LenientReading reading(kProgram, reader_, is_quiet_ || is_told_);
    is_told_ = true;
    traces::RecordFilter filter(selection_, reader_.info(), reader_.catalogue());
    std::vector<traces::Record> records;
    while (reading.NextChunk(&records)) {
      filter.set_trace_key(reader_.trace_key());
      renderer_.set_trace_key(reader_.trace_key());
      for (std::size_t i = 0; i < records.size(); ++i) {
        if (filter.IsOverAt(records[i].time)) return reading.exit_code();
        if (!filter.Matches(records[i])) continue;
        if (!take(records[i], reader_.position() + i)) return reading.exit_code();
      }
    }
    return reading.exit_code();
  }

  std::string_view Line(const traces::Record& record) { return renderer_.Render(record); }

  // Valid until the next call.
  analysis::AuditValues Values(const traces::Record& record) {
    text_.assign(renderer_.Render(record));
    text_.reserve(text_.size() + rows::kPaddingBytes);
    analysis::AuditValues values;
    if (parser_->Parse(text_, &row_).ok()) std::copy(row_.begin(), row_.end(), values.begin());
    return values;
  }

 private:
  traces::Reader& reader_;
  const traces::RecordSelection& selection_;
  traces::JsonRenderer renderer_;
  std::unique_ptr<rows::RowParser> parser_;
  std::string text_;
  rows::Row row_;
  const bool is_quiet_;
  bool is_told_ = false;  // of damage
};

using Outputs = std::vector<std::unique_ptr<rows::RowReader>>;

absl::StatusOr<Outputs> OpenOutputs(const AuditArguments& arguments) {
  Outputs outputs;
  for (const std::string& path : arguments.outputs) {
    absl::StatusOr<std::unique_ptr<rows::RowReader>> output =
        rows::RowReader::Open(path, arguments.format);
    if (!output.ok()) return output.status();
    outputs.push_back(*std::move(output));
  }
  return outputs;
}

// The names of all outputs, each once.
std::vector<std::string> NamesOf(const Outputs& outputs) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const auto& output : outputs) {
    for (const std::string& name : output->names()) {
      if (known.insert(name).second) names.push_back(name);
    }
  }
  return names;
}

absl::Status TakeRows(Outputs& outputs, const analysis::AuditPlan& plan, analysis::Audit& audit) {
  const std::vector<std::string> columns(plan.columns.begin(), plan.columns.end());
  rows::Row row;
  analysis::AuditValues values;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i]->Want(columns);
    while (true) {
      const absl::StatusOr<bool> has_row = outputs[i]->Next(&row);
      if (!has_row.ok()) return has_row.status();
      if (!*has_row) break;
      std::copy(row.begin(), row.end(), values.begin());
      audit.Take(values, {.output = static_cast<std::uint32_t>(i),
                          .line = static_cast<std::uint32_t>(outputs[i]->line())});
    }
  }
  return absl::OkStatus();
}

// Reads the records that the examples speak of.
std::map<std::size_t, RecordText> RecordsOfExamples(const analysis::AuditResult& result,
                                                    const traces::Reader& reader,
                                                    ExpectedRecords& expected) {
  std::map<std::size_t, RecordText> records;
  for (const analysis::AuditExample& example : result.examples) {
    if (example.record) records[*example.record];
    if (example.other_record) records[*example.other_record];
  }
  auto wanted = records.begin();
  std::size_t index = 0;
  const auto take = [&](const traces::Record& record, std::uint64_t position) {
    if (wanted == records.end()) return false;
    if (index++ != wanted->first) return true;
    RecordText& text = wanted++->second;
    text.position = position;
    text.time = text::FormatRfc3339Nanoseconds(
        text::UnixNanoseconds(reader.info().start_unix_nanoseconds, record.time));
    const analysis::AuditValues values = expected.Values(record);
    std::copy(values.begin(), values.end(), text.values.begin());
    text.line = expected.Line(record);
    if (record.truth.fault != traces::FaultId::kNone) {
      text.cause = traces::OccurrenceName(
          reader.catalogue().faults[traces::Index(record.truth.fault)], record.truth.occurrence);
    }
    return true;
  };
  if (!records.empty()) expected.ForEach(take);
  return records;
}

std::optional<std::string> HintOf(const analysis::AuditResult& result,
                                  const std::vector<std::string>& names) {
  if (!result.is_hardly_any_matched()) return std::nullopt;
  return absl::StrCat(
      "hardly any row is a record of this trace: is it another trace, are names "
      "wrong (--fields), or is the key (--key) altered? ",
      analysis::NamesOfBothSides(names));
}

absl::StatusOr<int> RunAudit(const AuditArguments& arguments, traces::Reader& reader) {
  if (!reader.can_seek()) {
    return absl::InvalidArgumentError("the trace is read twice: give a file, not a pipe");
  }
  const absl::StatusOr<traces::RecordSelection> selection = ResolveFilter(arguments.filter, reader);
  if (!selection.ok()) return selection.status();
  absl::StatusOr<Outputs> outputs = OpenOutputs(arguments);
  if (!outputs.ok()) return outputs.status();
  const std::vector<std::string> names = NamesOf(*outputs);
  const absl::StatusOr<analysis::AuditPlan> plan =
      analysis::PlanAudit(arguments.fields, arguments.key, names);
  if (!plan.ok()) return plan.status();

  AuditReport report = {.file = arguments.trace.file,
                        .outputs = arguments.outputs,
                        .options = {.plan = *plan,
                                    .order_by = arguments.order_by,
                                    .whole = arguments.whole,
                                    .examples_max = arguments.examples_max}};
  analysis::Audit audit(report.options);
  if (reader.summary() != nullptr) {
    audit.Reserve(std::min<std::size_t>(reader.summary()->records, kReservedRecordsMax));
  }
  ExpectedRecords expected(arguments, reader, *selection);
  const ExitCode read = expected.ForEach([&](const traces::Record& record, std::uint64_t) {
    const analysis::AuditValues values = expected.Values(record);
    const bool is_wanted =
        std::all_of(arguments.keep.begin(), arguments.keep.end(),
                    [&](const analysis::KeepRule& rule) { return rule.Holds(values); });
    audit.Expect(values, record.time, is_wanted);
    return true;
  });
  if (read == kExitUsage) return kExitUsage;
  if (absl::Status s = TakeRows(*outputs, *plan, audit); !s.ok()) return s;
  report.result = audit.Finish();
  report.is_complete = read == kExitDone;
  for (const std::string& name : names) {
    const auto& columns = plan->columns;
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
      report.unused_names.push_back(name);
    }
  }
  if (absl::Status s = reader.SeekToPosition(0); !s.ok()) return s;
  report.records = RecordsOfExamples(report.result, reader, expected);
  report.hint = HintOf(report.result, names);
  const int exit_code = !report.result.is_all_well() ? kExitNo
                        : !report.is_complete        ? kExitIncomplete
                                                     : kExitDone;
  return PrintData(kProgram, arguments.is_json ? AuditAsJson(report) : AuditAsPage(report),
                   exit_code);
}

int AuditFiles(const AuditArguments& arguments) {
  const auto inputs = std::count(arguments.outputs.begin(), arguments.outputs.end(), "-") +
                      (arguments.trace.file == "-" ? 1 : 0);
  if (inputs > 1) {
    PrintError(kProgram, "standard input is one file: give - once");
    return kExitUsage;
  }
  return OnTrace(arguments.trace.file,
                 [&](traces::Reader& reader) { return RunAudit(arguments, reader); });
}

// A field's name, or none.
std::function<absl::Status(const std::string&)> FieldInto(
    std::optional<analysis::AuditField>* field) {
  return [field](const std::string& name) {
    if (name == "none") {
      field->reset();
      return absl::OkStatus();
    }
    return Assign(analysis::ReadField(name), field);
  };
}

void AddMeaningOptions(CLI::App& command, AuditArguments& arguments) {
  AddParsedRepeated(
      command,
      {.flag = "--fields",
       .value_name = "FIELD=NAME,...",
       .meaning = "Names in the output where they differ from the trace's, as "
                  "trace_id=traceId or message=log.text; FIELD=- leaves one out; may "
                  "be repeated"},
      [&](const std::string& text) { return analysis::ReadFieldMap(text, &arguments.fields); });
  AddParsed(command,
            {.flag = "--key",
             .value_name = "FIELD,...",
             .meaning = "Fields that tell which row is which record [default: trace_id, service, "
                        "timestamp and message, as far as the output has them]"},
            [&](const std::string& text) {
              return Assign(analysis::ReadFieldList(text), &arguments.key);
            });
  AddParsedRepeated(command,
                    {.flag = "--keep",
                     .value_name = "RULE",
                     .meaning = "The pipeline is to let through only records like this: "
                                "level=ERROR, 'level=WARN|ERROR', 'latency_ms>=100'; may be "
                                "repeated, then all must hold"},
                    [&](const std::string& text) {
                      absl::StatusOr<analysis::KeepRule> rule = analysis::KeepRule::Parse(text);
                      if (!rule.ok()) return rule.status();
                      arguments.keep.push_back(*std::move(rule));
                      return absl::OkStatus();
                    });
  AddParsed(command,
            {.flag = "--order-by",
             .value_name = "FIELD|none",
             .meaning = "Rows with one value of this field come in the trace's order, in each "
                        "output [default: service]"},
            FieldInto(&arguments.order_by));
  AddParsed(command,
            {.flag = "--whole",
             .value_name = "FIELD|none",
             .meaning = "All records with one value of this field, as trace_id, belong into one "
                        "output [default: none]"},
            FieldInto(&arguments.whole));
}

}  // namespace

void AddAuditCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "audit", "Hold what a pipeline put out against the trace that went in",
                 "groundhog audit day.ghog out.ndjson\n"
                 "groundhog audit day.ghog out.csv --fields trace_id=traceId,hostname=-\n"
                 "groundhog audit day.ghog alerts.ndjson --keep level=ERROR\n"
                 "groundhog audit day.ghog part-0.ndjson part-1.ndjson --whole trace_id\n"
                 "my-consumer | groundhog audit day.ghog - --json | jq .missing");
  AddNotes(*command,
           "OUTPUT is NDJSON (one JSON object a line) or CSV with a header. Rows may come in any "
           "order. Names that both sides have are compared; the report says which are not. Numbers "
           "are equal by value, timestamps as points in time, also those that are numbers since "
           "1970; null and empty text are the same as nothing.");
  AddExitCodes(*command, {{kExitDone, "every row is as expected, and none is missing"},
                          {kExitNo, "something was lost, doubled, altered or added"},
                          {kExitIncomplete,
                           "all is well with what can be read, but the trace is incomplete or "
                           "damaged"}});
  const auto arguments = std::make_shared<AuditArguments>();
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
  AddMeaningOptions(*command, *arguments);
  AddWordOption(*command, "--output-format", WordsOf(rows::kRowFormatNames),
                "What OUTPUT is [default: by its first character]",
                [arguments](std::size_t chosen) {
                  arguments->format = rows::RowFormat{static_cast<std::uint8_t>(chosen)};
                });
  AddFilterOptions(*command, arguments->filter);
  AddParsed(
      *command,
      {.flag = "--examples", .value_name = "N", .meaning = "Examples of each finding [default: 3]"},
      NumberInto<std::size_t>(&arguments->examples_max, 0, 1'000));
  command->add_flag("--json", arguments->is_json,
                    "Print a JSON object, for programs; docs/AUDIT.md says what its keys mean");
  AddQuiet(*command, arguments->trace.is_quiet);
  command->callback(
      [&selection, arguments] { selection.run = [arguments] { return AuditFiles(*arguments); }; });
}

}  // namespace groundhog::cli
