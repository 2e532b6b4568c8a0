#include "analysis/audit_fields.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "analysis/audit_hash.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "text/suggestion.h"
#include "text/time_text.h"
#include "traces/record.h"
#include "traces/text_hash.h"

namespace groundhog::analysis {
namespace {

constexpr std::size_t kNamesShownMax = 20;

std::vector<std::string_view> FieldNames() {
  std::vector<std::string_view> names;
  for (const AuditFieldRow& row : kAuditFieldNames.rows()) names.push_back(row.name);
  return names;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  return absl::StrSplit(std::string(text), separator);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") + 1 - first);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Digits, perhaps with a fraction: a number of units since 1970.
std::optional<std::int64_t> ParseSince1970(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::optional<std::uint64_t> whole = text::ParseWhole(text.substr(0, dot));
  if (!whole || *whole > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  std::int64_t scale = 1;
  if (*whole < 100'000'000'000'000'000) scale = 1'000;
  if (*whole < 100'000'000'000'000) scale = 1'000'000;
  if (*whole < 100'000'000'000) scale = 1'000'000'000;
  std::int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(*whole), scale, &nanoseconds)) {
    return std::nullopt;
  }
  for (std::size_t i = dot + 1; i < text.size(); ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    scale /= 10;  // digits below a nanosecond count as 0
    if (__builtin_add_overflow(nanoseconds, (text[i] - '0') * scale, &nanoseconds)) {
      return std::nullopt;
    }
  }
  return nanoseconds;
}

// RFC 3339 for what is nearly so: an offset of +00 or +0000, or none.
std::string WithOffset(std::string_view text) {
  const std::size_t sign = text.find_last_of("+-");
  const std::size_t time = text.find(':');
  if (time == std::string_view::npos || sign == std::string_view::npos || sign < time) {
    return text::Concat({text, "Z"});
  }
  if (text.size() - sign == 3) return text::Concat({text, ":00"});
  if (text.size() - sign != 5) return std::string(text);
  return text::Concat({text.substr(0, sign + 3), ":", text.substr(sign + 3)});
}

std::optional<double> ParseKind(ValueKind kind, std::string_view text) {
  if (kind == ValueKind::kNumber) return text::ParseNumber(text);
  const std::optional<std::int64_t> instant = ParseInstant(text);
  if (!instant) return std::nullopt;
  return static_cast<double>(*instant);
}

// ": the first rows of the output have no 'traceID'; did you mean 'traceId'?"
std::string NoSuchName(std::string_view name, std::span<const std::string> names) {
  return text::Concat(
      {": the first rows of the output have no ", text::QuotedName(name), GuessName(name, names)});
}

// A word that no record has as its level. ERR, Error and WARNING mean one.
absl::Status NoSuchLevel(std::string_view word) {
  constexpr std::size_t kLetters = 3;
  std::string list;
  std::string guess;
  for (const auto& level : traces::kLevelNames.rows()) {
    list += text::Concat({list.empty() ? "" : ", ", level.name});
    if (absl::StartsWithIgnoreCase(std::string(word),
                                   std::string(level.name.substr(0, kLetters)))) {
      guess = text::Concat({"; did you mean ", level.name, "?"});
    }
  }
  return absl::InvalidArgumentError(
      text::Concat({"levels are ", list, "; ", text::QuotedName(word), " is none", guess}));
}

bool Has(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The key that is used if none is asked for: those of the usual fields that the output has.
AuditFields UsualKey(const AuditFields& compared) {
  AuditFields usual;
  for (const AuditField field :
       {AuditField::kTraceId, AuditField::kService, AuditField::kTimestamp, AuditField::kMessage}) {
    usual.set(Index(field));
  }
  return usual & compared;
}

// A service alone tells nothing.
bool TellsRecords(const AuditFields& key) {
  AuditFields alone;
  alone.set(Index(AuditField::kService));
  return (key & ~alone).any();
}

// Values instead of names: a point in time is nobody's name for a column.
bool AreLikelyValues(std::span<const std::string> names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find(':') != std::string::npos && ParseInstant(name).has_value();
  });
}

// What PlanAudit refuses if there is no key.
absl::Status NothingTellsRecords(const PlanRequest& request, const AuditPlan& plan,
                                 std::span<const std::string> names) {
  for (const AuditFieldRow& row : kAuditFieldNames.rows()) {
    const std::size_t i = Index(row.value);
    if (!request.map[i] || !plan.compared[i] || plan.at_first[i]) continue;
    return absl::InvalidArgumentError(
        text::Concat({"--fields ", row.name, "=", text::ShownName(plan.columns[i]),
                      NoSuchName(plan.columns[i], names), "; and nothing else in them tells which ",
                      "row is which record"}));
  }
  return absl::InvalidArgumentError(text::Concat(
      {"nothing in the output tells which row is which record: ", NamesOfBothSides(names),
       AreLikelyValues(names) ? "; these are values: is the header missing?" : "",
       "; map them, for example --fields trace_id=traceId,message=msg, or set ",
       request.key_flag}));
}

}  // namespace

std::string ListFields(const AuditFields& fields) {
  std::string list;
  for (const AuditFieldRow& row : kAuditFieldNames.rows()) {
    if (fields[Index(row.value)]) list += text::Concat({list.empty() ? "" : ", ", row.name});
  }
  return list;
}

std::optional<std::int64_t> ParseInstant(std::string_view text) {
  if (text.empty() || !IsDigit(text[0])) return std::nullopt;
  if (text.find(':') == std::string_view::npos) {
    if (const auto since = ParseSince1970(text)) return since;
    const std::optional<double> number = text::ParseNumber(text);  // 1.7e+12
    if (!number || *number < 0 || *number >= 9e18) return std::nullopt;
    return ParseSince1970(std::to_string(std::llround(*number)));
  }
  if (const auto exact = text::ParseRfc3339(text); exact.ok()) return *exact;
  const auto nearly = text::ParseRfc3339(WithOffset(text));
  if (!nearly.ok()) return std::nullopt;
  return *nearly;
}

std::uint64_t HashValue(AuditField field, std::string_view text) {
  switch (kAuditFieldNames[field].kind) {
    case ValueKind::kNumber:
      if (const auto number = text::ParseNumber(text)) {
        return HashOfNumber(std::bit_cast<std::uint64_t>(*number + 0.0));  // -0 equals 0
      }
      break;
    case ValueKind::kInstant:
      if (const auto instant = ParseInstant(text)) {
        return HashOfNumber(static_cast<std::uint64_t>(*instant));
      }
      break;
    case ValueKind::kText:
      break;
  }
  return traces::HashText(text);
}

absl::StatusOr<AuditField> ReadField(std::string_view name) {
  const std::optional<AuditField> field = kAuditFieldNames.ValueOf(name);
  if (field) return *field;
  return absl::InvalidArgumentError(text::Concat(
      {"the trace has no field ", text::QuotedName(name), text::GuessOrList(name, FieldNames())}));
}

absl::Status ReadFieldMap(std::string_view text, FieldMap* map) {
  for (const std::string& entry : Split(text, ',')) {
    const std::string_view part = Trimmed(entry);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals + 1 == part.size()) {
      return absl::InvalidArgumentError(text::Concat(
          {text::QuotedName(part), ": write trace_id=traceId, or hostname=- to leave one out"}));
    }
    const absl::StatusOr<AuditField> field = ReadField(Trimmed(part.substr(0, equals)));
    if (!field.ok()) return field.status();
    std::optional<std::string>& name = (*map)[Index(*field)];
    if (name) {
      return absl::InvalidArgumentError(
          text::Concat({kAuditFieldNames.NameOf(*field), " has a name already"}));
    }
    const std::string column(Trimmed(part.substr(equals + 1)));
    for (const auto& other : *map) {
      if (column != "-" && other == column) {
        return absl::InvalidArgumentError(
            text::Concat({"two fields have the name ", text::QuotedName(column)}));
      }
    }
    name = column == "-" ? "" : column;
  }
  return absl::OkStatus();
}

absl::StatusOr<AuditFields> ReadFieldList(std::string_view text) {
  AuditFields fields;
  for (const std::string& name : Split(text, ',')) {
    const absl::StatusOr<AuditField> field = ReadField(Trimmed(name));
    if (!field.ok()) return field.status();
    if (fields[Index(*field)]) {
      return absl::InvalidArgumentError(
          text::Concat({kAuditFieldNames.NameOf(*field), " is given twice; give it once"}));
    }
    fields.set(Index(*field));
  }
  return fields;
}

absl::StatusOr<KeepRule> KeepRule::Parse(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Comparison>, 6> kSigns = {
      {{"!=", Comparison::kNotEqual},
       {"<=", Comparison::kAtMost},
       {">=", Comparison::kAtLeast},
       {"=", Comparison::kEqual},
       {"<", Comparison::kLess},
       {">", Comparison::kGreater}}};
  const std::size_t at = text.find_first_of("!<>=");
  const std::string_view rest = text.substr(std::min(at, text.size()));
  for (const auto& [sign, comparison] : kSigns) {
    if (rest.substr(0, sign.size()) != sign) continue;
    const absl::StatusOr<AuditField> field = ReadField(text.substr(0, at));
    if (!field.ok()) return field.status();
    KeepRule rule(*field, comparison);
    if (absl::Status s = rule.SetValues(rest.substr(sign.size())); !s.ok()) return s;
    return rule;
  }
  return absl::InvalidArgumentError("write level=ERROR, level!=INFO or latency_ms>=100");
}

absl::Status KeepRule::SetValues(std::string_view text) {
  values_ = Split(text, '|');
  const AuditFieldRow& field = kAuditFieldNames[field_];
  const bool is_equality =
      comparison_ == Comparison::kEqual || comparison_ == Comparison::kNotEqual;
  if (!is_equality && field.kind == ValueKind::kText) {
    return absl::InvalidArgumentError(text::Concat({field.name, " is text: use = or !="}));
  }
  for (const std::string& value : values_) {
    if (field_ == AuditField::kLevel && !traces::kLevelNames.ValueOf(value)) {
      return NoSuchLevel(value);
    }
    if (field.kind == ValueKind::kText) continue;
    const std::optional<double> number = ParseKind(field.kind, value);
    if (!number) {
      return absl::InvalidArgumentError(
          text::Concat({field.name, " is a ", field.kind == ValueKind::kNumber ? "number" : "time",
                        ", which ", text::QuotedName(value), " is not"}));
    }
    bound_ = *number;
  }
  if (is_equality || values_.size() == 1) return absl::OkStatus();
  return absl::InvalidArgumentError("only = and != take several values");
}

bool KeepRule::Holds(const AuditValues& record) const {
  const std::string_view value = record[Index(field_)];
  if (comparison_ == Comparison::kEqual || comparison_ == Comparison::kNotEqual) {
    const std::uint64_t hash = HashValue(field_, value);
    const bool is_one = std::any_of(values_.begin(), values_.end(), [&](const std::string& one) {
      return HashValue(field_, one) == hash;
    });
    return is_one == (comparison_ == Comparison::kEqual);
  }
  const std::optional<double> number = ParseKind(kAuditFieldNames[field_].kind, value);
  if (!number) return false;
  switch (comparison_) {
    case Comparison::kAtMost:
      return *number <= bound_;
    case Comparison::kAtLeast:
      return *number >= bound_;
    case Comparison::kLess:
      return *number < bound_;
    default:
      return *number > bound_;
  }
}

std::string NamesOfBothSides(std::span<const std::string> names) {
  std::string text =
      text::Concat({"the trace has ", ListFields(AuditFields().set()), "; the output has "});
  const std::size_t shown = std::min(names.size(), kNamesShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    text += text::Concat({i == 0 ? "" : ", ", text::ShownName(names[i])});
  }
  if (shown < names.size())
    text += text::Concat({" and ", std::to_string(names.size() - shown), " more"});
  return text;
}

std::string GuessName(std::string_view name, std::span<const std::string> names) {
  const std::vector<std::string_view> known(names.begin(), names.end());
  return text::GuessOrList(name, known);
}

absl::StatusOr<AuditPlan> PlanAudit(const PlanRequest& request,
                                    std::span<const std::string> names) {
  const FieldMap& map = request.map;
  AuditPlan plan;
  for (const AuditFieldRow& row : kAuditFieldNames.rows()) {
    const std::size_t i = Index(row.value);
    const std::string name = map[i].value_or(std::string(row.name));
    plan.left_out.set(i, name.empty());
    plan.required.set(i, !name.empty() && (map[i] || request.is_strict));
    // A name that was given to another field does not also mean this one.
    const bool is_taken = !map[i] && std::find(map.begin(), map.end(), name) != map.end();
    if (name.empty() || is_taken) continue;
    plan.columns[i] = name;
    plan.compared.set(i);
    plan.at_first.set(i, names.empty() || Has(names, name));
    if (!request.key[i] || plan.at_first[i]) continue;
    return absl::InvalidArgumentError(
        text::Concat({request.key_flag, " ", row.name, NoSuchName(name, names)}));
  }
  plan.key = request.key.any() ? request.key : UsualKey(plan.at_first);
  if ((plan.key & ~plan.compared).any()) {
    return absl::InvalidArgumentError(text::Concat(
        {request.key_flag, " ", ListFields(plan.key & ~plan.compared), ": it is not compared"}));
  }
  if (!TellsRecords(plan.key)) return NothingTellsRecords(request, plan, names);
  return plan;
}

}  // namespace groundhog::analysis
