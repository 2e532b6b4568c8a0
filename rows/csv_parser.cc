#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "rows/row_parser.h"
#include "text/printable.h"

namespace groundhog::rows {
namespace {

constexpr std::size_t kCellsMax = 10'000;
constexpr std::string_view kOtherSeparators = ";\t|";

// Cells of one record, RFC 4180: a cell that begins with a quote ends with one, and a quote in it
// is written twice.
class Cells {
 public:
  explicit Cells(std::string_view text) : rest_(text) {}

  // The next cell; it is a view into the text or, if quotes had to be undoubled, into `own`.
  // nullopt after the last one.
  std::optional<std::string_view> Next(std::string* own) {
    if (is_over_) return std::nullopt;
    if (!rest_.empty() && rest_.front() == '"') return Quoted(own);
    const std::size_t comma = rest_.find(',');
    const std::string_view cell = rest_.substr(0, comma);
    // Lines are put together by counting quotes.
    if (cell.find('"') != std::string_view::npos) return Broken();
    Skip(cell.size());
    return cell;
  }

  bool is_sound() const { return is_sound_; }

 private:
  std::string_view Quoted(std::string* own) {
    own->clear();
    for (std::size_t from = 1;;) {
      const std::size_t quote = rest_.find('"', from);
      if (quote == std::string_view::npos) return Broken();
      own->append(rest_.substr(from, quote - from));
      if (quote + 1 < rest_.size() && rest_[quote + 1] == '"') {
        own->push_back('"');
        from = quote + 2;
        continue;
      }
      if (quote + 1 < rest_.size() && rest_[quote + 1] != ',') return Broken();
      Skip(quote + 1);
      return *own;
    }
  }

  // Goes on after a cell of `size` bytes and the comma behind it.
  void Skip(std::size_t size) {
    is_over_ = size == rest_.size();
    rest_.remove_prefix(is_over_ ? size : size + 1);
  }

  std::string_view Broken() {
    is_over_ = true;
    is_sound_ = false;
    return {};
  }

  std::string_view rest_;
  bool is_over_ = false;
  bool is_sound_ = true;
};

// A line of logfmt begins with level=INFO or the like.
bool LooksLikeLogfmt(std::string_view line) {
  const std::size_t name = line.find_first_of("= \",");
  return name != std::string_view::npos && name > 0 && line[name] == '=';
}

// Two columns of one name would be told apart by nobody. Columns without a name are not looked for.
absl::Status CheckNames(const std::vector<std::string>& names) {
  absl::flat_hash_set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty() || seen.insert(name).second) continue;
    return absl::InvalidArgumentError(absl::StrCat("the header has two columns ",
                                                   text::QuotedName(name),
                                                   "; each column needs a name of its own"));
  }
  return absl::OkStatus();
}

absl::Status BadQuotes() {
  return absl::InvalidArgumentError(
      "not CSV: quotes that do not enclose a whole cell (a quote in it is written twice)");
}

class CsvParser : public RowParser {
 public:
  explicit CsvParser(std::vector<std::string> names)
      : all_names_(std::move(names)),
        names_(all_names_.begin(), all_names_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                            all_names_.size(), kNamesMax))) {}

  void Want(const std::vector<std::string>& names) override {
    wanted_ = names.size();
    columns_.assign(all_names_.size(), std::nullopt);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = std::find(all_names_.begin(), all_names_.end(), names[i]);
      if (names[i].empty() || found == all_names_.end()) continue;
      columns_[static_cast<std::size_t>(found - all_names_.begin())] = i;
    }
    texts_.resize(all_names_.size());
  }

  absl::Status Parse(std::string_view text, Row* row) override {
    row->assign(wanted_, {});
    Cells cells(text);
    std::size_t count = 0;
    std::string unwanted;
    for (; count <= all_names_.size(); ++count) {
      const bool is_wanted = count < columns_.size() && columns_[count].has_value();
      const auto cell = cells.Next(is_wanted ? &texts_[count] : &unwanted);
      if (!cell) break;
      if (is_wanted) (*row)[*columns_[count]] = *cell;
    }
    if (!cells.is_sound()) return BadQuotes();
    if (count == all_names_.size()) return absl::OkStatus();
    const bool has_more = count > all_names_.size();
    return absl::InvalidArgumentError(
        absl::StrCat(has_more ? "more" : "fewer", " cells than the header's ", all_names_.size(),
                     all_names_.size() == 1 ? ": neither NDJSON nor CSV with a header?" : ""));
  }

  const std::vector<std::string>& names() const override { return names_; }

 private:
  std::vector<std::string> all_names_;
  std::vector<std::string> names_;
  std::size_t wanted_ = 0;
  std::vector<std::optional<std::size_t>> columns_;  // by cell: its place in a Row
  std::vector<std::string> texts_;                   // by cell, where quotes were undoubled
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowParser>> MakeCsvParser(std::string_view header) {
  if (LooksLikeLogfmt(header)) {
    return absl::InvalidArgumentError(
        "neither NDJSON nor CSV: a line of name=value, as logfmt has it; write one JSON object a "
        "line, or CSV with a header");
  }
  Cells cells(header);
  std::vector<std::string> names;
  std::string own;
  while (const auto cell = cells.Next(&own)) {
    if (names.size() == kCellsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("a header of more than ", kCellsMax, " cells"));
    }
    absl::StripAsciiWhitespace(&names.emplace_back(*cell));
  }
  if (!cells.is_sound()) return BadQuotes();
  if (names.size() == 1 && names[0].find_first_of(kOtherSeparators) != std::string::npos) {
    return absl::InvalidArgumentError(
        "not CSV: a header without commas; cells have to be separated by commas, not by "
        "semicolons, tabs or bars");
  }
  if (absl::Status s = CheckNames(names); !s.ok()) return s;
  auto parser = std::make_unique<CsvParser>(std::move(names));
  parser->Want({});
  return parser;
}

}  // namespace groundhog::rows
