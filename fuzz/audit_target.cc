// What a pipeline put out, as `groundhog audit` reads it: the input is OUTPUT, held against a few
// records. A first line "#FIELDS|KEY|KEEP|ORDER_BY|WHOLE" gives what the options of these names
// say.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analysis/audit.h"
#include "analysis/audit_fields.h"
#include "fuzz/heap_bound.h"
#include "fuzz/memory_file.h"
#include "fuzz/require.h"
#include "rows/row_parser.h"
#include "rows/row_reader.h"
#include "sim/time.h"

namespace groundhog::fuzz {
namespace {

using analysis::AuditField;
using analysis::Finding;

// By AuditField. Two records are equal; an error and a message with what CSV and JSON have to
// quote.
constexpr std::array<analysis::AuditValues, 6> kRecords = {{
    {"web", "INFO", "Served 3 items", "2025-01-06T06:00:00.250Z", "12",
     "5708550ac6ed6e153ab5cd0b6b8e33ea", "", "", "web-1"},
    {"web", "INFO", "Served 3 items", "2025-01-06T06:00:00.250Z", "12",
     "5708550ac6ed6e153ab5cd0b6b8e33ea", "", "", "web-1"},
    {"web", "WARN", "Said \"hello, world\"\n", "2025-01-06T06:00:01.000Z", "0",
     "a0f2a97b16d8c272c6c49019ef255450", "db", "", "web-2"},
    {"db", "ERROR", "Gave up after 500 ms", "2025-01-06T06:00:01.500Z", "500",
     "a0f2a97b16d8c272c6c49019ef255450", "", "ERR_504", "db-1"},
    {"db", "INFO", "Read 7 rows", "2025-01-06T06:00:02.000Z", "1",
     "d46d2949c50a6c9910d03ed70f370b8d", "", "", "db-1"},
    {"web", "INFO", "café ☕", "2025-01-06T06:00:02.001Z", "250",
     "9c0a7bd0509f47c2c92ac0435e7c5101", "", "", "web-1"},
}};

struct Options {
  analysis::FieldMap fields;
  analysis::AuditFields key;
  std::vector<analysis::KeepRule> keep;
  std::optional<AuditField> order_by = AuditField::kService;
  std::optional<AuditField> whole;
};

// About an option, in whose words anything may be.
void RequireRefusal(const absl::Status& status) {
  Require(absl::IsInvalidArgument(status), "an option is taken or refused", status.ToString());
}

// About the output.
void RequireComplaint(const absl::Status& status) {
  Require(absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status),
          "a complaint is about the input", status.ToString());
  Require(IsOneLine(std::string(status.message())), "a complaint is one line", status.ToString());
}

// The text up to `end`, which is taken off with it.
std::string_view TakeUntil(char end, std::string_view* text) {
  const std::size_t length = std::min(text->find(end), text->size());
  const std::string_view part = text->substr(0, length);
  text->remove_prefix(std::min(length + 1, text->size()));
  return part;
}

void TakeField(std::string_view name, std::optional<AuditField>* field) {
  const absl::StatusOr<AuditField> found = analysis::ReadField(name);
  if (found.ok()) {
    *field = *found;
  } else {
    RequireRefusal(found.status());
  }
}

Options TakeOptions(std::string_view* text) {
  Options options;
  if (!text->starts_with('#')) return options;
  text->remove_prefix(1);
  std::string_view line = TakeUntil('\n', text);
  if (const auto read = analysis::ReadFieldMap(TakeUntil('|', &line), &options.fields);
      !read.ok()) {
    RequireRefusal(read);
  }
  const absl::StatusOr<analysis::AuditFields> key = analysis::ReadFieldList(TakeUntil('|', &line));
  if (key.ok()) {
    options.key = *key;
  } else {
    RequireRefusal(key.status());
  }
  absl::StatusOr<analysis::KeepRule> keep = analysis::KeepRule::Parse(TakeUntil('|', &line));
  if (keep.ok()) {
    options.keep.push_back(*std::move(keep));
  } else {
    RequireRefusal(keep.status());
  }
  TakeField(TakeUntil('|', &line), &options.order_by);
  TakeField(line, &options.whole);
  return options;
}

// Gives all rows to `audit`; how many there are.
absl::StatusOr<std::uint64_t> TakeRows(rows::RowReader& output, const analysis::AuditPlan& plan,
                                       analysis::Audit& audit) {
  output.Want({plan.columns.begin(), plan.columns.end()});
  rows::Row row;
  std::uint64_t count = 0;
  std::uint64_t last_line = 0;
  while (true) {
    const absl::StatusOr<bool> has_row = output.Next(&row);
    if (!has_row.ok()) return has_row.status();
    if (!*has_row) return count;
    Require(row.size() == analysis::kAuditFieldCount, "a row has a value for each wanted name");
    Require(output.line() > last_line, "rows are in the order of their lines");
    last_line = output.line();
    analysis::AuditValues values;
    std::copy(row.begin(), row.end(), values.begin());
    audit.Take(values, {.output = 0, .line = static_cast<std::uint32_t>(last_line)}, 0,
               output.text());
    ++count;
  }
}

void RequireSums(const analysis::AuditResult& result, std::uint64_t rows) {
  Require(result.rows == rows, "each row is counted once");
  Require(result.as_expected <= rows && result.records <= kRecords.size(), "counts have bounds");
  const std::uint64_t others = result.count(Finding::kExtra) + result.count(Finding::kDoubled) +
                               result.count(Finding::kAltered) +
                               result.count(Finding::kWronglyKept);
  Require(result.as_expected + others == rows,
          "each row is as expected, altered, doubled, wrongly kept or extra");
  Require(result.count(Finding::kMissing) <= result.records, "what is missing was to be there");
}

void Run(const std::string& path, const Options& options) {
  const auto output = rows::RowReader::Open(path, std::nullopt);
  if (!output.ok()) return RequireComplaint(output.status());
  const absl::StatusOr<analysis::AuditPlan> plan =
      analysis::PlanAudit({.map = options.fields, .key = options.key}, (*output)->names());
  if (!plan.ok()) return RequireComplaint(plan.status());
  analysis::Audit audit({.plan = *plan, .order_by = options.order_by, .whole = options.whole});
  std::int64_t second = 0;
  for (const analysis::AuditValues& values : kRecords) {
    const bool is_wanted = std::all_of(options.keep.begin(), options.keep.end(),
                                       [&](const auto& rule) { return rule.Holds(values); });
    audit.Expect(values, sim::VirtualTime(sim::Seconds(++second)), is_wanted);
  }
  const absl::StatusOr<std::uint64_t> rows = TakeRows(**output, *plan, audit);
  if (!rows.ok()) return RequireComplaint(rows.status());
  RequireSums(audit.Finish(), *rows);
}

}  // namespace
}  // namespace groundhog::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace groundhog::fuzz;
  static MemoryFile file;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const HeapBound bound;
  const Options options = TakeOptions(&text);
  file.Set(text);
  Run(file.path(), options);
  return 0;
}
