#include "cli/audit/value_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "cli/shared/shown.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "text/table.h"
#include "text/utf8.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kValueColumns = 60;
constexpr std::size_t kBeforeDifference = 20;  // bytes

bool IsInsideOfCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Where both values are shown from: 0, or shortly before the first difference.
std::size_t BeginOf(std::string_view a, std::string_view b) {
  if (std::max(text::Columns(a), text::Columns(b)) <= kValueColumns) return 0;
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto same = static_cast<std::size_t>(in_a - a.begin());
  std::size_t begin = same - std::min(same, kBeforeDifference);
  while (begin > 0 && begin < a.size() && IsInsideOfCharacter(a[begin])) --begin;
  return begin;
}

std::string ValueText(analysis::AuditField field, std::string_view value, std::size_t begin) {
  if (value.empty()) return "nothing";
  const bool is_text = analysis::kAuditFieldNames[field].kind == analysis::ValueKind::kText;
  if (!is_text && text::ParseNumber(value)) return std::string(value);
  return absl::StrCat("\"", begin > 0 ? "..." : "", Shown(value.substr(begin), kValueColumns),
                      "\"");
}

}  // namespace

std::string ChangeText(analysis::AuditField field, std::string_view expected,
                       std::string_view found, std::string_view indent) {
  const std::size_t begin = BeginOf(expected, found);
  const std::string first = absl::StrCat(std::string(analysis::kAuditFieldNames.NameOf(field)),
                                         ": ", ValueText(field, expected, begin));
  const std::string second = absl::StrCat("became ", ValueText(field, found, begin));
  const bool is_one_line = text::Columns(first) + text::Columns(second) + 2 < kColumns;
  return absl::StrCat(first, is_one_line ? " " : absl::StrCat("\n", std::string(indent)), second);
}

std::string RowAsItIs(std::string_view row, std::size_t columns) {
  std::string_view rest = row;
  for (std::size_t i = 0; i < columns && !rest.empty(); ++i) {
    rest.remove_prefix(std::max<std::size_t>(text::Utf8Length(rest), 1));
  }
  return text::Printable(row.substr(0, row.size() - rest.size())) + (rest.empty() ? "" : "...");
}

}  // namespace groundhog::cli
