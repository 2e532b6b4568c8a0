#include "cli/audit/audit_run.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analysis/audit_fields.h"
#include "cli/shared/shown.h"
#include "text/time_text.h"
#include "traces/occurrences.h"

namespace groundhog::cli {
namespace {

using analysis::AuditField;
using analysis::AuditValues;

// What a footer says may be wrong.
constexpr std::size_t kReservedRecordsMax = std::size_t{16} << 20;
// Of rows, between two looks at the clock.
constexpr std::uint64_t kProgressRows = 1024;

// The values of a record's line.
class LineValues {
 public:
  LineValues() : parser_(rows::MakeJsonParser()) {
    std::vector<std::string> names;
    for (const auto& field : analysis::kAuditFieldNames.rows()) names.emplace_back(field.name);
    parser_->Want(names);
  }

  // Valid until the next call.
  AuditValues Of(std::string_view line) {
    text_.assign(line);
    text_.reserve(text_.size() + rows::kPaddingBytes);
    AuditValues values;
    if (parser_->Parse(text_, &row_).ok()) std::copy(row_.begin(), row_.end(), values.begin());
    return values;
  }

 private:
  std::unique_ptr<rows::RowParser> parser_;
  std::string text_;
  rows::Row row_;
};

// The names of all outputs, each once.
std::vector<std::string> NamesOf(const AuditOutputs& outputs) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const auto& output : outputs) {
    for (const std::string& name : output->names()) {
      if (known.insert(name).second) names.push_back(name);
    }
  }
  return names;
}

absl::StatusOr<analysis::AuditPlan> PlanOf(const AuditTask& task,
                                           const std::vector<std::string>& names) {
  analysis::PlanRequest request = {.map = task.arguments.fields,
                                   .key = task.arguments.key,
                                   .is_strict = task.arguments.is_strict,
                                   .key_flag = task.arguments.key_flag};
  std::optional<std::string>& timestamp = request.map[Index(AuditField::kTimestamp)];
  const std::string column =
      timestamp.value_or(std::string(analysis::kAuditFieldNames.NameOf(AuditField::kTimestamp)));
  if (task.timestamps != RowTimestamps::kKnown) timestamp = "";
  absl::StatusOr<analysis::AuditPlan> plan = analysis::PlanAudit(request, names);
  // Read, though not compared.
  if (plan.ok() && task.timestamps == RowTimestamps::kDue) {
    plan->columns[Index(AuditField::kTimestamp)] = column;
  }
  return plan;
}

// Gives the rows of all outputs to an audit.
class RowTaker {
 public:
  RowTaker(AuditTask& task, analysis::Audit& audit)
      : outputs_(task.outputs),
        progress_(task.progress),
        timestamps_(task.timestamps),
        audit_(audit) {
    has_arrivals_ = task.arrivals.has_value();
  }

  absl::Status TakeAll(const analysis::AuditPlan& plan) {
    const std::vector<std::string> columns(plan.columns.begin(), plan.columns.end());
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      outputs_[i]->Want(columns);
      if (absl::Status s = TakeOutput(i); !s.ok()) return s;
    }
    // A program that passes the timestamps of its input on says nothing about its own time.
    if (has_arrivals_ && rows_ == rows_without_arrival_) audit_.ForgetArrivals();
    return absl::OkStatus();
  }

 private:
  absl::Status TakeOutput(std::size_t number) {
    AuditOutput& output = *outputs_[number];
    AuditValues values;
    while (true) {
      const absl::StatusOr<bool> has_row = output.Next(&row_);
      if (!has_row.ok()) return has_row.status();
      if (!*has_row) return absl::OkStatus();
      std::copy(row_.begin(), row_.end(), values.begin());
      const std::int64_t arrival =
          has_arrivals_ ? Arrival(output, values[Index(AuditField::kTimestamp)]) : 0;
      audit_.Take(values, {.output = number, .line = output.line()}, arrival, output.text());
      if (++rows_ % kProgressRows == 0) progress_.Update();
    }
  }

  // With kDue, since then.
  std::int64_t Arrival(const AuditOutput& output, std::string_view timestamp) {
    const std::int64_t arrival = output.arrival_unix_milliseconds();
    const std::optional<std::int64_t> said = analysis::ParseInstant(timestamp);
    const bool must_say = timestamps_ == RowTimestamps::kDue;
    const std::int64_t since = said ? arrival - *said / 1'000'000 : 0;
    if (said ? since == 0 : must_say) ++rows_without_arrival_;
    return must_say ? since : arrival;
  }

  AuditOutputs& outputs_;
  ReadingProgress& progress_;
  const RowTimestamps timestamps_;
  analysis::Audit& audit_;
  rows::Row row_;
  bool has_arrivals_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t rows_without_arrival_ = 0;
};

// Reads the records that the examples speak of.
ExitCode ReadExamples(const analysis::AuditResult& result, AuditInput& input,
                      std::map<std::size_t, RecordText>* records) {
  for (const analysis::AuditExample& example : result.examples) {
    if (example.record) (*records)[*example.record];
    if (example.other_record) (*records)[*example.other_record];
  }
  if (records->empty()) return kExitDone;
  const traces::Reader& reader = input.reader();
  LineValues line_values;
  auto wanted = records->begin();
  std::size_t index = 0;
  return input.ForEach([&](const AuditRecord& given) {
    if (wanted == records->end()) return false;
    if (index++ != wanted->first) return true;
    RecordText& text = wanted++->second;
    const traces::Record& record = given.record;
    text.position = given.position;
    text.time = text::FormatRfc3339Nanoseconds(
        text::UnixNanoseconds(reader.info().start_unix_nanoseconds, record.time));
    const AuditValues values = line_values.Of(given.line);
    std::copy(values.begin(), values.end(), text.values.begin());
    text.line = std::string(given.line);
    if (record.truth.fault != traces::FaultId::kNone) {
      text.cause = traces::OccurrenceName(
          reader.catalogue().faults[traces::Index(record.truth.fault)], record.truth.occurrence);
    }
    return true;
  });
}

// "trace_id 0%, service 100%": of the extra rows' values, those that the trace has.
std::string KnownShares(const analysis::AuditResult& result, const analysis::AuditFields& key) {
  std::string shares;
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    if (!key[Index(field.value)]) continue;
    const std::uint64_t known = result.extra_with_known_value[Index(field.value)];
    absl::StrAppend(&shares, shares.empty() ? "" : ", ", std::string(field.name), " ",
                    known * 100 / result.extra_examined, "%");
  }
  return shares;
}

// "The values of message are in 'd', those of trace_id in 'm'."
std::string ElsewhereText(const analysis::AuditResult& result, const analysis::AuditPlan& plan) {
  std::string text;
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::optional<AuditField>& other = result.known_elsewhere[Index(field.value)];
    if (!other) continue;
    absl::StrAppend(&text, text.empty() ? "The values of " : ", those of ", std::string(field.name),
                    text.empty() ? " are in '" : " in '", Shown(plan.columns[Index(*other)]), "'");
  }
  return text.empty() ? text : text + ".";
}

// Most rows have no record.
void HintAtExtraRows(const AuditTask& task, const analysis::AuditResult& result,
                     const analysis::AuditPlan& plan, const std::vector<std::string>& names,
                     std::vector<std::string>* hints) {
  if (!result.are_most_rows_extra()) return;
  hints->push_back(
      absl::StrCat("Most rows are no record of this trace. Of the values in these "
                   "rows the trace has: ",
                   KnownShares(result, plan.key), "."));
  const std::string elsewhere = ElsewhereText(result, plan);
  if (!elsewhere.empty()) hints->push_back(elsewhere + " Is --fields the wrong way round?");
  hints->push_back(absl::StrCat(
      "Where a share is small, the field has another name (--fields), or the pipeline alters it "
      "(leave it out of ",
      task.arguments.key_flag, "), or it is another trace."));
  std::string both = analysis::NamesOfBothSides(names);
  both[0] = absl::ascii_toupper(static_cast<unsigned char>(both[0]));
  hints->push_back(both + ".");
}

// A name without what programs differ in: traceId, trace-id and Trace_ID are one.
std::string PlainName(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) plain.push_back(absl::ascii_tolower(c));
  }
  return plain;
}

// "trace_id=traceId,latency_ms=log.latencyMs": names that are alike for fields that no row has.
std::string LikelyNames(const AuditTask& task, const analysis::AuditFields& not_found,
                        const std::vector<std::string>& names) {
  std::string likely;
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    if (!not_found[Index(field.value)] || task.arguments.fields[Index(field.value)]) continue;
    for (const std::string& name : names) {
      const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
      const std::string plain = PlainName(field.name);
      if (PlainName(name) != plain && PlainName(last) != plain) continue;
      absl::StrAppend(&likely, likely.empty() ? "" : ",", std::string(field.name), "=", name);
      break;
    }
  }
  return likely;
}

// Names that --fields gives and no row has.
void HintAtMappedNames(const AuditTask& task, const analysis::AuditFields& not_found,
                       const std::vector<std::string>& names, std::vector<std::string>* hints) {
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::optional<std::string>& name = task.arguments.fields[Index(field.value)];
    if (!not_found[Index(field.value)] || !name) continue;
    hints->push_back(absl::StrCat("No row has '", Shown(*name), "', which --fields gives for ",
                                  std::string(field.name), analysis::GuessName(*name, names)));
  }
}

// A key of one field that was not asked for.
void HintAtWeakKey(const AuditTask& task, const analysis::AuditFields& key,
                   std::vector<std::string>* hints) {
  if (task.arguments.key.any() || key.count() > 1) return;
  hints->push_back(absl::StrCat(
      "The key is ", analysis::ListFields(key),
      " alone, which several records may have: if one of these is lost, or altered, another may be "
      "reported. Map more fields with --fields."));
}

std::vector<std::string> HintsOf(const AuditReport& report, const AuditTask& task,
                                 const analysis::AuditPlan& plan,
                                 const std::vector<std::string>& names) {
  const analysis::AuditResult& result = report.result;
  std::vector<std::string> hints;
  if (result.rows == 0) hints.emplace_back("The output is empty: it has no row.");
  if (!report.is_complete && result.count(analysis::Finding::kExtra) > 0) {
    hints.emplace_back(
        "The trace is incomplete or damaged: rows of the records that cannot be read are extra.");
  }
  HintAtExtraRows(task, result, plan, names, &hints);
  HintAtMappedNames(task, result.not_found, names, &hints);
  const std::string likely = LikelyNames(task, result.not_found, names);
  if (!likely.empty()) {
    hints.push_back(
        absl::StrCat("Names that are alike are not compared; try --fields ", Shown(likely), "."));
  }
  HintAtWeakKey(task, plan.key, &hints);
  return hints;
}

void SetUnusedNames(const analysis::AuditPlan& plan, const std::vector<std::string>& names,
                    AuditReport* report) {
  for (const std::string& name : names) {
    const auto& columns = plan.columns;
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
      report->unused_names.push_back(name);
    }
  }
}

void BeginInput(AuditTask& task) {
  task.progress.Begin(task.input_name,
                      [&reader = task.input.reader()] { return AmountOf(reader); });
}

void BeginOutputs(AuditTask& task) {
  task.progress.Begin(task.outputs_name, [&outputs = task.outputs] {
    AmountRead amount;
    for (const auto& output : outputs) amount += output->amount();
    return amount;
  });
}

// Which records there are, for the audit to expect them.
ExitCode Expect(AuditTask& task, analysis::Audit& audit) {
  const traces::Reader& reader = task.input.reader();
  BeginInput(task);
  if (reader.summary() != nullptr) {
    audit.Reserve(std::min<std::size_t>(reader.summary()->records, kReservedRecordsMax));
  }
  LineValues line_values;
  return task.input.ForEach([&](const AuditRecord& given) {
    const AuditValues values = line_values.Of(given.line);
    const bool is_wanted =
        std::all_of(task.arguments.keep.begin(), task.arguments.keep.end(),
                    [&](const analysis::KeepRule& rule) { return rule.Holds(values); });
    audit.Expect(values, given.time, is_wanted, given.due_milliseconds);
    return true;
  });
}

}  // namespace

absl::Status CheckCanReadTwice(const traces::Reader& reader) {
  if (reader.can_seek()) return absl::OkStatus();
  return absl::InvalidArgumentError("the trace is read twice: give a file, not a pipe");
}

absl::StatusOr<AuditOutcome> RunAudit(AuditTask task) {
  if (task.outputs.size() > analysis::RowPlace::kOutputsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", analysis::RowPlace::kOutputsMax, " outputs"));
  }
  const std::vector<std::string> names = NamesOf(task.outputs);
  const absl::StatusOr<analysis::AuditPlan> plan = PlanOf(task, names);
  if (!plan.ok()) return plan.status();

  AuditOutcome outcome;
  AuditReport& report = outcome.report;
  report.options = {.plan = *plan,
                    .order_by = task.arguments.order_by,
                    .whole = task.arguments.whole,
                    .arrivals = task.arrivals,
                    .examples_max = task.arguments.examples_max};
  report.trace_file = task.trace_file;
  for (const auto& output : task.outputs) report.outputs.push_back(output->name());
  analysis::Audit audit(report.options);
  const ExitCode read = Expect(task, audit);
  if (read == kExitDone || read == kExitIncomplete) {
    BeginOutputs(task);
    const absl::Status taken = RowTaker(task, audit).TakeAll(*plan);
    BeginInput(task);  // once more
    if (!taken.ok()) return taken;
    report.result = audit.Finish();
    report.is_complete = read == kExitDone;
    const std::vector<std::string> all_names = NamesOf(task.outputs);  // also of later rows
    SetUnusedNames(*plan, all_names, &report);
    report.hints = HintsOf(report, task, *plan, all_names);
    outcome.exit_code = report.is_ok() ? read : kExitNo;
  }
  const ExitCode read_again = read == kExitDone || read == kExitIncomplete
                                  ? ReadExamples(report.result, task.input, &report.records)
                                  : read;
  if (read_again == kExitDone || read_again == kExitIncomplete) return outcome;
  outcome.has_report = false;
  outcome.exit_code = read_again;
  return outcome;
}

}  // namespace groundhog::cli
