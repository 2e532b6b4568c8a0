// A text file or pipe, record by record: a record is a line, or in CSV several lines when line ends
// are within quotes. Takes the file to be hostile: a record has a length that it must not exceed.
#ifndef GROUNDHOG_ROWS_RECORD_BUFFER_H_
#define GROUNDHOG_ROWS_RECORD_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/file_input.h"

namespace groundhog::rows {

inline constexpr std::size_t kRecordBytesMax = std::size_t{16} << 20;

// Not thread-safe.
class RecordBuffer {
 public:
  // `path` may be "-", standard input. The first bytes are read; those of a byte order mark are
  // passed over. Errors as FileInput's.
  static absl::StatusOr<std::unique_ptr<RecordBuffer>> Open(const std::string& path);

  // What was read and not yet given.
  std::string_view peeked() const { return {bytes_.data() + begin_, end_ - begin_}; }

  // From now on a line end within quotes is a part of its record.
  void KeepQuotedLineEnds() { has_quotes_ = true; }

  // The next record without its line end (LF or CRLF); nullopt at the end. Valid until the next
  // call, with kPaddingBytes (row_parser.h) readable behind it. ResourceExhausted: a record of
  // kRecordBytesMax or more. Errors as FileInput's.
  absl::StatusOr<std::optional<std::string_view>> Next();

  // Whether Next would give a record that has been read already.
  bool HasNext();

  // The line, from 1, that the record given last began at.
  std::uint64_t line() const { return line_; }

  // Remembers the next record, and begins again with it. In between nothing may be read on: only
  // records that HasNext has seen.
  void Mark();
  void Rewind();

  const std::string& name() const { return input_->name(); }

  // How much was given, and of how much; nullopt: of a pipe.
  std::uint64_t given_bytes() const { return offset_ - (end_ - begin_); }
  std::optional<std::uint64_t> size_bytes() const { return input_->size_bytes(); }

 private:
  explicit RecordBuffer(std::unique_ptr<traces::FileInput> input) : input_(std::move(input)) {}

  bool FindEnd();       // sets record_end_ if the record's end has been read
  absl::Status Fill();  // reads on, and passes over what was given

  std::unique_ptr<traces::FileInput> input_;
  std::vector<char> bytes_;
  std::size_t mark_ = 0;  // for Rewind
  std::uint64_t mark_line_ = 1;
  std::size_t begin_ = 0;       // of the next record
  std::size_t scanned_ = 0;     // up to here no end of it was found
  std::size_t end_ = 0;         // of what was read
  std::size_t record_end_ = 0;  // of the next record, of its LF
  bool is_quoted_ = false;      // at scanned_
  bool has_quotes_ = false;
  bool is_at_end_ = false;  // of the file
  std::uint64_t offset_ = 0;
  std::uint64_t line_ = 0;
  std::uint64_t next_line_ = 1;
};

}  // namespace groundhog::rows

#endif  // GROUNDHOG_ROWS_RECORD_BUFFER_H_
