#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/diff_report.h"
#include "cli/shared/colour.h"
#include "cli/shared/shown.h"
#include "formats/words.h"
#include "text/printable.h"
#include "text/table.h"
#include "text/time_text.h"
#include "text/utf8.h"

namespace groundhog::cli {
namespace {

using analysis::Difference;

// The longest name, two blanks, both sides, and three columns between them are 80.
constexpr std::size_t kNameColumns = 13;
constexpr std::size_t kSideColumns = 31;
constexpr std::size_t kStepsMax = 12;
constexpr std::size_t kReachedMax = 20;

std::string Padded(std::string_view text, std::size_t columns) {
  const std::size_t taken = text::Columns(text);
  return absl::StrCat(std::string(text), std::string(taken < columns ? columns - taken : 0, ' '));
}

// Lines of at most so many columns, broken at blanks where there are any.
std::vector<std::string> Lines(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (text::Columns(text) > columns) {
    std::size_t end = 0;
    std::size_t blank = 0;
    for (std::size_t i = 0; i <= columns; ++i) {
      if (text[end] == ' ') blank = end;
      if (i < columns) end += std::max<std::size_t>(1, text::Utf8Length(text.substr(end)));
    }
    lines.emplace_back(text.substr(0, blank == 0 ? end : blank));
    text.remove_prefix(blank == 0 ? end : blank + 1);
  }
  lines.emplace_back(text);
  return lines;
}

// The fields of a record by name, in their order.
class Fields {
 public:
  Fields(const DiffReport& report, const traces::TraceInfo& info,
         const std::optional<analysis::KeptRecord>& kept)
      : is_there_(kept.has_value()) {
    if (!kept) return;
    formats::Words words(info, report.catalogue, text::Printable);
    words.set_trace_key(kept->trace_key);
    fields_.emplace_back("time", TimeText(report, kept->record.time));
    const auto put = [this](std::string_view field, std::string_view value, bool has_value) {
      fields_.emplace_back(field, has_value ? std::string(value) : "");
    };
    words.ForEachField(kept->record, put);
    words.ForEachTruthField(kept->record, put);
  }

  bool is_there() const { return is_there_; }
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }
  // Of field number `i`; empty if it has none.
  std::string_view value(std::size_t i) const {
    return is_there_ ? std::string_view(fields_[i].second) : std::string_view();
  }

 private:
  bool is_there_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

// What a person does not need where it is equal in both, or only one has the record: other fields
// say it in words.
bool IsDetail(std::string_view field) {
  constexpr std::string_view kDetails[] = {"timestamp", "duration_ns", "span", "parent_span",
                                           "template",  "slots",       "hops"};
  return std::ranges::find(kDetails, field) != std::ranges::end(kDetails);
}

// "level          ERROR                           | INFO", or as many lines as the values need.
std::string FieldLines(std::string_view name, std::string_view a, std::string_view b, char mark,
                       const Painter& painter) {
  const Colour of_a = mark == ' ' ? Colour::kNone : Colour::kRed;
  const Colour of_b = mark == ' ' ? Colour::kNone : Colour::kGreen;
  const std::vector<std::string> lines_a = Lines(a, kSideColumns);
  const std::vector<std::string> lines_b = Lines(b, kSideColumns);
  std::string text;
  for (std::size_t i = 0; i < std::max(lines_a.size(), lines_b.size()); ++i) {
    const std::string left = i < lines_a.size() ? lines_a[i] : "";
    const std::string right = i < lines_b.size() ? lines_b[i] : "";
    absl::StrAppend(&text, Padded(i == 0 ? name : "", kNameColumns), "  ");
    if (i == 0 || !right.empty()) {
      absl::StrAppend(&text, painter.Paint(of_a, Padded(left, kSideColumns)), " ",
                      std::string(1, i == 0 ? mark : ' '), right.empty() ? "" : " ",
                      painter.Paint(of_b, right), "\n");
    } else {
      absl::StrAppend(&text, painter.Paint(of_a, left), "\n");
    }
  }
  return text;
}

// Both records, field by field: '|' between values that differ, '<' or '>' where only one has any.
std::string SideBySide(const DiffReport& report, const Difference& difference,
                       const Painter& painter) {
  const Fields a(report, report.info_a, difference.a);
  const Fields b(report, report.info_b, difference.b);
  const auto title = [](const char* side, bool is_there) {
    return is_there ? side : absl::StrCat(side, " has no such record");
  };
  std::string text =
      painter.Paint(Colour::kBold, absl::StrCat(std::string(kNameColumns + 2, ' '),
                                                Padded(title("A", a.is_there()), kSideColumns + 3),
                                                title("B", b.is_there()))) +
      "\n";
  const auto& names = a.is_there() ? a.all() : b.all();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view of_a = a.value(i);
    const std::string_view of_b = b.value(i);
    const bool is_alone = !a.is_there() || !b.is_there();
    if ((of_a.empty() && of_b.empty()) || names[i].first == "trace_id") continue;
    if ((is_alone || of_a == of_b) && IsDetail(names[i].first)) continue;
    const char mark = of_a == of_b ? ' ' : of_b.empty() ? '<' : of_a.empty() ? '>' : '|';
    text += FieldLines(names[i].first, of_a, of_b, mark, painter);
  }
  return text;
}

// "+12.345 s", "+2h 03m 04s"
std::string AfterText(sim::Duration after) {
  const sim::Duration shown = after < sim::Minutes(1)
                                  ? sim::Milliseconds(after.nanoseconds() / 1'000'000)
                                  : sim::Seconds(after / sim::Seconds(1));
  return absl::StrCat("+", text::FormatDuration(shown));
}

// "ERROR 250 ms ERR_504"; "-" where the trace has no such record.
std::string StepText(const DiffReport& report, const std::optional<analysis::KeptRecord>& kept) {
  if (!kept) return "-";
  const traces::Record& record = kept->record;
  std::string text = absl::StrCat(std::string(traces::kLevelNames.NameOf(record.level)), " ",
                                  static_cast<std::int64_t>(record.duration.milliseconds()), " ms");
  if (record.error_code != traces::ErrorCodeId::kNone) {
    absl::StrAppend(&text, " ", report.catalogue.error_codes[traces::Index(record.error_code)]);
  }
  return Shown(text, 22);
}

std::string HostName(const DiffReport& report, const Difference& difference) {
  const sim::EntityId host = difference.earlier().record.host;
  return Shown(report.catalogue.entities[sim::Index(host)].name, 20);
}

// Step by step through the request, as far as it differs.
std::string ChainPart(const DiffReport& report, const Painter& painter) {
  const std::vector<Difference> chain = report.diff.chain();
  if (chain.size() < 2) return "";
  const sim::VirtualTime start = chain.front().earlier().record.time;
  std::vector<std::vector<std::string>> rows = {{"", "", "A", "B"}};
  const std::size_t shown = std::min(chain.size(), kStepsMax);
  for (std::size_t i = 0; i < shown; ++i) {
    rows.push_back({AfterText(chain[i].earlier().record.time - start), HostName(report, chain[i]),
                    StepText(report, chain[i].a), StepText(report, chain[i].b)});
  }
  return absl::StrCat("\n", painter.Paint(Colour::kBold, "What follows in this request:"), "\n",
                      text::Table(rows, 4), MoreText(chain.size(), shown));
}

// "auth-outage/1 at auth-service, 2 calls away"
std::string CauseText(const DiffReport& report, const Difference& difference) {
  const traces::Truth* truth = nullptr;
  for (const auto* kept : {&difference.a, &difference.b}) {
    if (*kept && (*kept)->record.truth.fault != traces::FaultId::kNone) {
      truth = &(*kept)->record.truth;
      break;
    }
  }
  if (truth == nullptr) return "-";
  std::string text = *CauseName(report, {truth->fault, truth->occurrence});
  if (truth->root != traces::ServiceId::kNone && truth->hops > 0) {
    absl::StrAppend(&text, ", ", int{truth->hops}, truth->hops == 1 ? " call" : " calls",
                    " away from ", report.catalogue.services[traces::Index(truth->root)].name);
  }
  return Shown(text, 44);
}

std::string ReachedPart(const DiffReport& report, const Painter& painter) {
  const std::vector<Difference> reached = report.diff.first_by_service();
  if (reached.size() < 2) return "";
  const sim::VirtualTime start = reached.front().earlier().record.time;
  std::vector<std::vector<std::string>> rows = {{"", "service", "cause"}};
  const std::size_t shown = std::min(reached.size(), kReachedMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const traces::Record& record = reached[i].earlier().record;
    const std::string& service = report.catalogue.services[traces::Index(record.service)].name;
    rows.push_back(
        {AfterText(record.time - start), Shown(service, 24), CauseText(report, reached[i])});
  }
  return absl::StrCat("\n", painter.Paint(Colour::kBold, "When it reaches each service:"), "\n",
                      text::Table(rows, 3), MoreText(reached.size(), shown));
}

}  // namespace

std::string FirstPart(const DiffReport& report) {
  const Difference* const first = report.diff.first();
  if (first == nullptr) return "";
  const Painter painter(report.is_coloured);
  const std::string title =
      absl::StrCat("The first difference, in trace ", Describe(report, *first).trace_id, ":");
  return absl::StrCat("\n", painter.Paint(Colour::kBold, title), "\n",
                      SideBySide(report, *first, painter), ChainPart(report, painter),
                      ReachedPart(report, painter));
}

}  // namespace groundhog::cli
