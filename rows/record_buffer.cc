#include "rows/record_buffer.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rows/row_parser.h"

namespace groundhog::rows {
namespace {

constexpr std::size_t kBytesAtFirst = std::size_t{256} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

absl::StatusOr<std::unique_ptr<RecordBuffer>> RecordBuffer::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<traces::FileInput>> input = traces::FileInput::Open(path, {});
  if (!input.ok()) return input.status();
  auto buffer = std::unique_ptr<RecordBuffer>(new RecordBuffer(*std::move(input)));
  buffer->bytes_.resize(kBytesAtFirst + kPaddingBytes);
  if (absl::Status s = buffer->Fill(); !s.ok()) return s;
  if (buffer->peeked().substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    buffer->begin_ = buffer->scanned_ = kByteOrderMark.size();
  }
  return buffer;
}

bool RecordBuffer::FindEnd() {
  while (scanned_ < end_) {
    const char* const from = bytes_.data() + scanned_;
    const auto* const found = static_cast<const char*>(
        std::memchr(from, '\n', static_cast<std::size_t>(end_ - scanned_)));
    const char* const stop = found != nullptr ? found : bytes_.data() + end_;
    // A quote written twice leaves and enters again, so an odd number of quotes is within them.
    if (has_quotes_ && std::count(from, stop, '"') % 2 != 0) is_quoted_ = !is_quoted_;
    scanned_ = static_cast<std::size_t>(stop - bytes_.data());
    if (found == nullptr) break;
    if (!is_quoted_) {
      record_end_ = scanned_;
      return true;
    }
    ++scanned_;
  }
  record_end_ = end_;
  return is_at_end_ && begin_ < end_;
}

bool RecordBuffer::HasNext() { return FindEnd(); }

absl::StatusOr<std::optional<std::string_view>> RecordBuffer::Next() {
  while (!FindEnd()) {
    if (is_at_end_) return std::nullopt;
    if (absl::Status s = Fill(); !s.ok()) return s;
  }
  const char* const from = bytes_.data() + begin_;
  const char* const stop = bytes_.data() + record_end_;
  line_ = next_line_;
  next_line_ += 1 + (has_quotes_ ? static_cast<std::uint64_t>(std::count(from, stop, '\n')) : 0);
  begin_ = scanned_ = std::min(record_end_ + 1, end_);
  is_quoted_ = false;
  std::string_view record(from, static_cast<std::size_t>(stop - from));
  if (!record.empty() && record.back() == '\r') record.remove_suffix(1);
  return record;
}

void RecordBuffer::Mark() {
  mark_ = begin_;
  mark_line_ = next_line_;
}

void RecordBuffer::Rewind() {
  begin_ = scanned_ = mark_;
  is_quoted_ = false;
  next_line_ = mark_line_;
}

absl::Status RecordBuffer::Fill() {
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ >= kRecordBytesMax) {
    line_ = next_line_;
    return absl::ResourceExhaustedError(
        absl::StrCat("a row of ", kRecordBytesMax >> 20, " MiB or more"));
  }
  if (end_ + kPaddingBytes == bytes_.size()) bytes_.resize(2 * end_ + kPaddingBytes);
  const std::span<unsigned char> free(reinterpret_cast<unsigned char*>(bytes_.data()) + end_,
                                      bytes_.size() - kPaddingBytes - end_);
  const absl::StatusOr<std::size_t> count = input_->ReadAt(offset_, free);
  if (!count.ok()) return count.status();
  is_at_end_ = *count < free.size();
  offset_ += *count;
  end_ += *count;
  return absl::OkStatus();
}

}  // namespace groundhog::rows
