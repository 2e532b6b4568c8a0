// Reads rows that another program wrote: NDJSON (one JSON object a line) or CSV with a header, from
// a file or standard input. Takes them to be hostile: memory is bounded (kRecordBytesMax), and what
// is wrong becomes a status that says in which line.
#ifndef GROUNDHOG_ROWS_ROW_READER_H_
#define GROUNDHOG_ROWS_ROW_READER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rows/record_buffer.h"
#include "rows/row_parser.h"
#include "text/enum_names.h"

namespace groundhog::rows {

enum class RowFormat : std::uint8_t { kNdjson = 0, kCsv = 1 };
inline constexpr text::EnumNames kRowFormatNames(std::to_array<text::EnumName<RowFormat>>(
    {{RowFormat::kNdjson, "ndjson"}, {RowFormat::kCsv, "csv"}}));

// Not thread-safe. InvalidArgument: not such rows. Other errors as FileInput's. All messages name
// the file and, about a row, its line: "out.ndjson:17: not JSON".
class RowReader {
 public:
  // nullopt: NDJSON if the first or second line begins with {, otherwise CSV. The names of the
  // first rows are known after this.
  static absl::StatusOr<std::unique_ptr<RowReader>> Open(const std::string& path,
                                                         std::optional<RowFormat> format);

  // Sets what rows have; see RowParser.
  void Want(const std::vector<std::string>& names) { parser_->Want(names); }

  // The next row, valid until the next call; false at the end. Empty lines are no rows.
  absl::StatusOr<bool> Next(Row* row);

  // The line of the row given last, from 1; in CSV the header is line 1.
  std::uint64_t line() const { return buffer_->line(); }

  // How much of the file was given, and how much it has; nullopt: it is a pipe.
  std::uint64_t given_bytes() const { return buffer_->given_bytes(); }
  std::optional<std::uint64_t> size_bytes() const { return buffer_->size_bytes(); }

  // The row given last as it is in the file, without its line end; valid as long as the row.
  std::string_view text() const { return text_; }

  // As RowParser::names; at first those of the header, or of the first rows, some hundreds.
  const std::vector<std::string>& names() const { return parser_->names(); }

 private:
  explicit RowReader(std::unique_ptr<RecordBuffer> buffer) : buffer_(std::move(buffer)) {}

  absl::Status Begin(std::optional<RowFormat> format);
  absl::Status ReadHeader();
  absl::Status Sample();
  absl::Status AtLine(const absl::Status& status) const;

  std::unique_ptr<RecordBuffer> buffer_;
  std::unique_ptr<RowParser> parser_;
  std::string_view text_;
};

}  // namespace groundhog::rows

#endif  // GROUNDHOG_ROWS_ROW_READER_H_
