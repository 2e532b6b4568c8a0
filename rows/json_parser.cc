#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "rows/row_parser.h"
#include "text/json_writer.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "text/utf8.h"

namespace groundhog::rows {
namespace {

static_assert(kPaddingBytes >= simdjson::SIMDJSON_PADDING);

constexpr int kUnwanted = -1;
constexpr std::size_t kDepthMax = 64;

// The whole row is checked to be JSON, also what nobody wants, because half a row is a finding.
class JsonParser : public RowParser {
 public:
  JsonParser() { is_ready_ = parser_.allocate(kSmallRow, kDepthMax) == simdjson::SUCCESS; }

  void Want(const std::vector<std::string>& names) override {
    for (auto& [name, column] : columns_) column.place = kUnwanted;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].empty()) columns_[names[i]].place = static_cast<int>(i);
    }
    texts_.resize(names.size());
    row_of_value_.assign(names.size(), 0);
    rows_ = 0;
  }

  absl::Status Parse(std::string_view text, Row* row) override {
    row->assign(texts_.size(), {});
    if (!is_ready_) return absl::ResourceExhaustedError("there is no memory for it");
    simdjson::dom::element element;
    const simdjson::error_code error =
        parser_.parse(text.data(), text.size(), /*realloc_if_needed=*/false).get(element);
    if (error != simdjson::SUCCESS) return BadJson(error, text);
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError("not a JSON object");
    }
    path_.clear();
    ++rows_;
    doubled_ = kUnwanted;
    Walk(object, row);
    if (doubled_ == kUnwanted) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("the row has two values ",
                                                   text::QuotedName(NameOf(doubled_)),
                                                   "; each value needs a name of its own"));
  }

  const std::vector<std::string>& names() const override { return names_; }

 private:
  static constexpr std::size_t kSmallRow = std::size_t{16} << 10;
  static constexpr std::size_t kShownCharacters = 40;

  static absl::Status BadJson(simdjson::error_code error, std::string_view text) {
    switch (error) {
      case simdjson::DEPTH_ERROR:
        return absl::InvalidArgumentError(absl::StrCat("JSON nested deeper than ", kDepthMax));
      case simdjson::NUMBER_ERROR:
        return absl::InvalidArgumentError(
            absl::StrCat("not JSON: a number that is none, or too large: ", Beginning(text)));
      case simdjson::UTF8_ERROR:
        return absl::InvalidArgumentError("not JSON: not UTF-8");
      case simdjson::MEMALLOC:
        return absl::ResourceExhaustedError("there is no memory for it");
      default:
        return absl::InvalidArgumentError(absl::StrCat(
            "not JSON: cut off, or no object: ", Beginning(text),
            IsObjectOverLines(text) ? "; write one object a line, as jq -c does" : ""));
    }
  }

  // The first line of an object that goes on in the next ones.
  static bool IsObjectOverLines(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first != std::string_view::npos && text[first] == '{' &&
           text.find_first_not_of(" \t", first + 1) == std::string_view::npos;
  }

  // In quotes, with nothing in it that would act on a terminal.
  static std::string Beginning(std::string_view text) {
    std::string shown;
    std::string_view rest = text;
    for (std::size_t i = 0; i < kShownCharacters && !rest.empty(); ++i) {
      rest.remove_prefix(std::max<std::size_t>(text::Utf8Length(rest), 1));
    }
    text::AppendJsonString(text.substr(0, text.size() - rest.size()), &shown);
    return text::Printable(shown) + (rest.empty() ? "" : "...");
  }

  // At most kDepthMax calls deep, which the parser has made sure of.
  void Walk(simdjson::dom::object object, Row* row) {
    const std::size_t prefix = path_.size();
    for (const auto& [key, value] : object) {
      path_.resize(prefix);
      path_.append(key);
      simdjson::dom::object inner;
      if (value.get(inner) == simdjson::SUCCESS) {
        path_.push_back('.');
        Walk(inner, row);
        continue;
      }
      const int column = ColumnOfPath();
      if (column == kUnwanted) continue;
      const auto place = static_cast<std::size_t>(column);
      if (std::exchange(row_of_value_[place], rows_) == rows_) doubled_ = column;
      (*row)[place] = Text(value, column);
    }
  }

  int ColumnOfPath() {
    auto found = columns_.find(path_);
    if (found == columns_.end()) {
      if (names_.size() == kNamesMax) return kUnwanted;
      found = columns_.emplace(path_, Column()).first;
    }
    Column& column = found->second;
    // A name may be wanted before a row has it.
    if (!column.is_seen && names_.size() < kNamesMax) {
      column.is_seen = true;
      names_.push_back(path_);
    }
    return column.place;
  }

  // That of a wanted column.
  std::string_view NameOf(int place) const {
    for (const auto& [name, column] : columns_) {
      if (column.place == place) return name;
    }
    return {};
  }

  std::string_view Text(simdjson::dom::element value, int column) {
    std::string& text = texts_[static_cast<std::size_t>(column)];
    switch (value.type()) {
      case simdjson::dom::element_type::STRING:
        return value.get_string().value_unsafe();
      case simdjson::dom::element_type::INT64:
        text = std::to_string(value.get_int64().value_unsafe());
        return text;
      case simdjson::dom::element_type::UINT64:
        text = std::to_string(value.get_uint64().value_unsafe());
        return text;
      case simdjson::dom::element_type::DOUBLE:
        text = text::FormatNumber(value.get_double().value_unsafe());
        return text;
      case simdjson::dom::element_type::NULL_VALUE:
        return {};
      default:
        text = simdjson::minify(value);
        return text;
    }
  }

  simdjson::dom::parser parser_;
  bool is_ready_ = false;
  struct Column {
    int place = kUnwanted;  // in a Row
    bool is_seen = false;   // it is in names_
  };
  absl::flat_hash_map<std::string, Column> columns_;  // by path
  std::vector<std::string> names_;
  std::vector<std::uint64_t> row_of_value_;  // by place: the last row that had this value
  std::uint64_t rows_ = 0;
  int doubled_ = kUnwanted;  // a place that has two values in the row
  std::string path_;
  std::vector<std::string> texts_;  // by column, of values that are no text
};

}  // namespace

std::unique_ptr<RowParser> MakeJsonParser() { return std::make_unique<JsonParser>(); }

}  // namespace groundhog::rows
