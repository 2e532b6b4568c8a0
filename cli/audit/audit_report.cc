#include "cli/audit/audit_report.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/audit/value_text.h"
#include "cli/shared/shown.h"
#include "text/json_writer.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "text/table.h"
#include "text/wrap.h"

namespace groundhog::cli {
namespace {

using analysis::AuditExample;
using analysis::Finding;
using Layout = text::JsonWriter::Layout;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kValueColumns = 60;
constexpr std::size_t kRowColumns = 2'000;
constexpr std::size_t kNameColumnsMax = 4'096;  // a path's length

std::string OutputName(const AuditReport& report, std::size_t index) {
  return report.outputs[index] == "-" ? "standard input" : report.outputs[index];
}

bool IsChecked(const AuditReport& report, Finding finding) {
  if (finding == Finding::kReordered) return report.options.order_by.has_value();
  if (finding == Finding::kSplit) return report.options.whole.has_value();
  if (finding == Finding::kLate) {
    return report.result.lateness && report.options.arrivals->late_after.has_value();
  }
  return true;
}

const RecordText* RecordOf(const AuditReport& report, const std::optional<std::size_t>& index) {
  if (!index) return nullptr;
  const auto found = report.records.find(*index);
  return found == report.records.end() ? nullptr : &found->second;
}

// ---- JSON

void PutFields(std::string_view key, const analysis::AuditFields& fields, text::JsonWriter& json) {
  json.Key(key).BeginArray(Layout::kSpaced);
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    if (fields[analysis::Index(field.value)]) json.Value(field.name);
  }
  json.EndArray();
}

void PutCounts(const AuditReport& report, text::JsonWriter& json) {
  const analysis::AuditResult& result = report.result;
  json.Put("records", result.records).Put("rows", result.rows);
  json.Put("as_expected", result.as_expected);
  for (const auto& finding : analysis::kFindingNames.rows()) {
    json.Key(finding.name);
    if (IsChecked(report, finding.value)) {
      json.Value(result.count(finding.value));
    } else {
      json.Null();
    }
  }
  json.Key("lateness_ms");
  if (const auto& lateness = result.lateness) {
    json.BeginObject(Layout::kSpaced);
    json.Put("p50", lateness->p50).Put("p95", lateness->p95).Put("p99", lateness->p99);
    json.Put("max", lateness->max);
    json.EndObject();
  } else {
    json.Null();
  }
  json.Key("altered_in").BeginObject(Layout::kSpaced);
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::uint64_t count = result.altered_in[analysis::Index(field.value)];
    if (count > 0) json.Put(field.name, count);
  }
  json.EndObject();
}

void PutHow(const AuditReport& report, text::JsonWriter& json) {
  const auto name = [](const std::optional<analysis::AuditField>& field) {
    return field ? std::optional<std::string>(analysis::kAuditFieldNames.NameOf(*field))
                 : std::nullopt;
  };
  PutFields("key", report.options.plan.key, json);
  json.Key("compared").BeginObject(Layout::kSpaced);
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::size_t i = analysis::Index(field.value);
    if (report.result.compared[i]) json.Put(field.name, report.options.plan.columns[i]);
  }
  json.EndObject();
  PutFields("not_compared", ~report.result.compared, json);
  PutFields("not_found", report.result.not_found, json);
  json.Key("unused_names").BeginArray(Layout::kSpaced);
  for (const std::string& unused : report.unused_names) json.Value(unused);
  json.EndArray();
  json.Put("order_by", name(report.options.order_by)).Put("whole", name(report.options.whole));
}

void PutRow(const AuditReport& report, const std::optional<analysis::RowPlace>& row,
            text::JsonWriter& json) {
  json.Key("output");
  if (!row) {
    json.Null().Key("line").Null();
    return;
  }
  json.Value(report.outputs[row->output]).Put("line", row->line);
}

// What is compared of a row's values, by the names of fields.
void PutFound(const AuditReport& report, const AuditExample& example, text::JsonWriter& json) {
  json.Key("found");
  if (!example.found) {
    json.Null();
    return;
  }
  json.BeginObject(Layout::kSpaced);
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::size_t i = analysis::Index(field.value);
    if (!report.result.compared[i]) continue;
    const std::string& value = (*example.found)[i];
    json.Put(field.name, value.empty() ? std::nullopt : std::optional<std::string>(value));
  }
  json.EndObject();
}

// Both values of each field that is altered; null where there is none, or it is not known.
void PutAltered(const AuditReport& report, const AuditExample& example, text::JsonWriter& json) {
  const auto value = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  const RecordText* const record = RecordOf(report, example.record);
  json.Key("altered").BeginObject(Layout::kSpaced);
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::size_t i = analysis::Index(field.value);
    if (!example.altered[i]) continue;
    json.Key(field.name).BeginObject(Layout::kSpaced);
    json.Put("expected", record == nullptr ? std::nullopt : value(record->values[i]));
    json.Put("found", example.found ? value((*example.found)[i]) : std::nullopt);
    json.EndObject();
  }
  json.EndObject();
}

void PutExample(const AuditReport& report, const AuditExample& example, text::JsonWriter& json) {
  json.BeginObject(Layout::kLines);
  json.Put("finding", analysis::kFindingNames.NameOf(example.finding));
  const RecordText* const record = RecordOf(report, example.record);
  const auto put_record = [&json](const RecordText* text) {
    json.Put("position", text == nullptr ? std::nullopt : std::optional(text->position));
    json.Key("record");
    text == nullptr ? json.Null() : json.Json(text->line);
  };
  json.Put("time", record == nullptr ? std::nullopt : std::optional<std::string>(record->time));
  json.Put("cause", record == nullptr ? std::nullopt : record->cause);
  put_record(record);
  PutRow(report, example.row, json);
  json.Put("lateness_ms", example.lateness_milliseconds);
  PutAltered(report, example, json);
  PutFound(report, example, json);
  json.Put("row", example.found ? std::optional<std::string>(example.text) : std::nullopt);
  json.Key("other");
  const RecordText* const other = RecordOf(report, example.other_record);
  if (other == nullptr && !example.other_row) {
    json.Null();
  } else {
    json.BeginObject(Layout::kLines);
    put_record(other == nullptr ? record : other);
    PutRow(report, example.other_row, json);
    json.EndObject();
  }
  json.EndObject();
}

// ---- Page

std::string RowText(const AuditReport& report, const analysis::RowPlace& row) {
  return absl::StrCat(Shown(OutputName(report, row.output), kNameColumnsMax), ":", row.line);
}

// "position 17, 2025-01-06T14:03:27.918Z, cause auth-outage/1"
std::string RecordWords(const RecordText& record) {
  return absl::StrCat(
      "position ", record.position, ", ", record.time,
      record.cause ? absl::StrCat(", cause ", Shown(*record.cause, kNameColumnsMax)) : "");
}

void AddWrapped(const std::string& name, const std::string& text, Rows* rows) {
  constexpr std::size_t kLeft = 16;  // the longest name and two blanks
  std::string left = name;
  for (std::string& line : text::Wrap(text, kColumns - kLeft)) {
    rows->push_back({left, std::move(line)});
    left.clear();
  }
}

std::string Milliseconds(std::int64_t count) {
  const std::string digits = text::WithCommas(static_cast<std::uint64_t>(std::abs(count)));
  return absl::StrCat(count < 0 ? "-" : "", digits, " ms");
}

std::string Wrapped(const std::string& text) {
  std::string lines;
  for (const std::string& line : text::Wrap(text, kColumns)) absl::StrAppend(&lines, line, "\n");
  return lines;
}

// It claims no more than was compared.
std::string Verdict(const AuditReport& report) {
  if (!report.result.is_all_well()) return "Not all is as expected.";
  if (!report.is_ok()) return "No record is expected: this says nothing.";
  if (report.result.not_found.none()) return "All is as expected.";
  return absl::StrCat("All that was compared is as expected; not compared: ",
                      analysis::ListFields(report.result.not_found), ".");
}

// "12: level 10, hostname 2"
std::string AlteredText(const analysis::AuditResult& result) {
  std::string text = text::WithCommas(result.count(Finding::kAltered));
  const char* separator = ": ";
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::uint64_t count = result.altered_in[analysis::Index(field.value)];
    if (count == 0) continue;
    absl::StrAppend(&text, separator, std::string(field.name), " ", text::WithCommas(count));
    separator = ", ";
  }
  return text;
}

std::string CountText(const analysis::AuditResult& result, Finding finding) {
  if (finding == Finding::kAltered) return AlteredText(result);
  std::string text = text::WithCommas(result.count(finding));
  if (finding == Finding::kFieldsMissing && result.missing.any()) {
    absl::StrAppend(&text, ": ", analysis::ListFields(result.missing));
  }
  return text;
}

// "p50 12 ms, p95 30 ms, p99 41 ms, max 1,204 ms"
std::string LatenessText(const analysis::LatenessFigures& lateness) {
  return absl::StrCat("p50 ", Milliseconds(lateness.p50), ", p95 ", Milliseconds(lateness.p95),
                      ", p99 ", Milliseconds(lateness.p99), ", max ", Milliseconds(lateness.max));
}

std::string CountsTable(const AuditReport& report) {
  const analysis::AuditResult& result = report.result;
  Rows rows = {{"records", text::WithCommas(result.records)},
               {"rows", text::WithCommas(result.rows)},
               {"as expected", text::WithCommas(result.as_expected)}};
  for (const auto& finding : analysis::kFindingNames.rows()) {
    if (!IsChecked(report, finding.value)) continue;
    if (finding.value == Finding::kFieldsMissing && result.missing.none()) continue;
    std::string name(finding.name);
    std::replace(name.begin(), name.end(), '_', ' ');
    AddWrapped(name, CountText(result, finding.value), &rows);
  }
  if (const auto& lateness = result.lateness) {
    rows.push_back({"lateness", LatenessText(*lateness)});
  }
  return text::Table(rows, 2);
}

std::string HowTable(const AuditReport& report) {
  Rows rows;
  AddWrapped("key", analysis::ListFields(report.options.plan.key), &rows);
  AddWrapped("compared", analysis::ListFields(report.result.compared), &rows);
  const analysis::AuditFields& left_out = report.options.plan.left_out;
  const analysis::AuditFields not_compared = ~report.result.compared & ~left_out;
  if (not_compared.any()) AddWrapped("not compared", analysis::ListFields(not_compared), &rows);
  if (left_out.any()) AddWrapped("left out", analysis::ListFields(left_out), &rows);
  std::string unused;
  for (const std::string& name : report.unused_names) {
    absl::StrAppend(&unused, unused.empty() ? "" : ", ", Shown(name, kValueColumns));
  }
  if (!unused.empty()) AddWrapped("names unused", unused, &rows);
  const auto add_field = [&rows](const char* name,
                                 const std::optional<analysis::AuditField>& field) {
    if (field) rows.push_back({name, std::string(analysis::kAuditFieldNames.NameOf(*field))});
  };
  add_field("order by", report.options.order_by);
  add_field("whole", report.options.whole);
  return text::Table(rows, 2);
}

// "level: "ERROR" became "INFO""
std::string AlteredLines(const AuditReport& report, const AuditExample& example) {
  const RecordText* const record = RecordOf(report, example.record);
  std::string lines;
  for (const auto& field : analysis::kAuditFieldNames.rows()) {
    const std::size_t i = analysis::Index(field.value);
    if (!example.altered[i] || record == nullptr) continue;
    if (!example.found && !example.absent[i]) continue;
    absl::StrAppend(&lines, "\n  ",
                    ChangeText(field.value, record->values[i],
                               example.absent[i] ? "" : (*example.found)[i], "    "));
  }
  return lines;
}

std::string ExampleText(const AuditReport& report, const AuditExample& example) {
  std::string name(analysis::kFindingNames.NameOf(example.finding));
  std::replace(name.begin(), name.end(), '_', ' ');
  std::string text = absl::StrCat("\n", name);
  if (example.altered.any()) absl::StrAppend(&text, " in ", analysis::ListFields(example.altered));
  if (example.lateness_milliseconds) {
    absl::StrAppend(&text, " by ", Milliseconds(*example.lateness_milliseconds));
  }
  if (example.row) absl::StrAppend(&text, ", ", RowText(report, *example.row));
  if (const RecordText* const record = RecordOf(report, example.record)) {
    absl::StrAppend(&text, "\n  ", RecordWords(*record), "\n  ", text::Printable(record->line));
  }
  absl::StrAppend(&text, AlteredLines(report, example));
  if (example.found && example.altered.none()) {
    absl::StrAppend(&text, "\n  ", RowAsItIs(example.text, kRowColumns));
  }
  const RecordText* const other = RecordOf(report, example.other_record);
  if (example.finding == Finding::kSplit) {
    absl::StrAppend(&text, "\n  belongs to ", RowText(report, *example.other_row));
  } else if (other != nullptr) {
    absl::StrAppend(&text, "\n  comes after ", RowText(report, *example.other_row));
  } else if (example.other_row) {
    absl::StrAppend(&text, "\n  came before in ", RowText(report, *example.other_row));
  }
  if (other != nullptr) {
    absl::StrAppend(&text, "\n  ", RecordWords(*other), "\n  ", text::Printable(other->line));
  }
  return text + "\n";
}

// How to find out more about the first record of an example.
std::string NextCommands(const AuditReport& report) {
  if (report.records.empty()) return "";
  const std::string file = Shown(report.trace_file, kNameColumnsMax);
  return absl::StrCat("\nMore about a record, and about the request that it belongs to:\n  ",
                      "groundhog cat ", file, " --position ",
                      report.records.begin()->second.position, " --truth\n  groundhog tree ", file,
                      " TRACE_ID\n");
}

}  // namespace

std::string AuditAsJson(const AuditReport& report) {
  text::JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("ok", report.is_ok()).Put("complete", report.is_complete);
  PutCounts(report, json);
  PutHow(report, json);
  json.Put("hint",
           report.hints.empty() ? std::nullopt : std::optional(absl::StrJoin(report.hints, " ")));
  json.Key("examples").BeginArray(Layout::kLines);
  for (const AuditExample& example : report.result.examples) PutExample(report, example, json);
  json.EndArray();
  json.EndObject();
  return json.Take() + "\n";
}

std::string AuditAsPage(const AuditReport& report) {
  std::string page = Wrapped(Verdict(report));
  for (const std::string& hint : report.hints) absl::StrAppend(&page, "\n", Wrapped(hint));
  absl::StrAppend(&page, "\n", CountsTable(report), "\n", HowTable(report));
  for (const AuditExample& example : report.result.examples) page += ExampleText(report, example);
  page += NextCommands(report);
  return page;
}

}  // namespace groundhog::cli
