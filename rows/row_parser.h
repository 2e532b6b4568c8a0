// A row that another program wrote, as values by name. What is made of JSON and of CSV alike.
#ifndef GROUNDHOG_ROWS_ROW_PARSER_H_
#define GROUNDHOG_ROWS_ROW_PARSER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace groundhog::rows {

// The values of the wanted names, in their order. Empty: the row has no such name, or its value is
// null or empty text, which many programs write for the same thing.
using Row = std::vector<std::string_view>;

// So many bytes after the text of a row must be readable, whatever they are.
inline constexpr std::size_t kPaddingBytes = 64;

// So many names are kept for names().
inline constexpr std::size_t kNamesMax = 100;

// Not thread-safe.
class RowParser {
 public:
  virtual ~RowParser() = default;

  // Sets what Parse looks for; an empty name is looked for nowhere. In JSON, a.b is the member b of
  // the object a, or a member that has this name itself.
  virtual void Want(const std::vector<std::string>& names) = 0;

  // Sets `row` to the values of the text, valid until the next call and as long as the text.
  // Numbers and other values are text, as JSON writes them. InvalidArgument says what is wrong.
  virtual absl::Status Parse(std::string_view text, Row* row) = 0;

  // The names of values that were seen, in order of appearance.
  virtual const std::vector<std::string>& names() const = 0;
};

// For rows that are JSON objects, each followed by kPaddingBytes.
std::unique_ptr<RowParser> MakeJsonParser();

// For rows of CSV (RFC 4180) below this header. InvalidArgument: it is no header.
absl::StatusOr<std::unique_ptr<RowParser>> MakeCsvParser(std::string_view header);

}  // namespace groundhog::rows

#endif  // GROUNDHOG_ROWS_ROW_PARSER_H_
