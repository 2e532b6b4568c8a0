#include "rows/row_reader.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::rows {
namespace {

constexpr std::size_t kSampledRows = 500;
constexpr std::string_view kBlanks = " \t\r\n";

// Empty, or its first or second line begins as JSON does: before an object, a program may have
// printed a line that is none.
bool LooksLikeJson(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos || text[first] == '{' || text[first] == '[') return true;
  const std::size_t line_end = text.find('\n', first);
  if (line_end == std::string_view::npos) return false;
  const std::size_t second = text.find_first_not_of(kBlanks, line_end);
  return second != std::string_view::npos && text[second] == '{';
}

bool IsArrayOfObjects(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos || text[first] != '[') return false;
  const std::size_t next = text.find_first_not_of(kBlanks, first + 1);
  return next != std::string_view::npos && (text[next] == '{' || text[next] == ']');
}

struct Packer {
  std::string_view magic;
  std::string_view name;
  std::string_view unpack;  // to standard output
};
constexpr std::array kPackers = {
    Packer{"\x1F\x8B", "gzip", "gzip -dc"}, Packer{"\x28\xB5\x2F\xFD", "zstd", "zstd -dc"},
    Packer{"\xFD"
           "7zXZ",
           "xz", "xz -dc"},
    Packer{"BZh91AY&SY", "bzip2", "bzip2 -dc"}, Packer{"\x04\x22\x4D\x18", "lz4", "lz4 -dc"}};

// Refuses what a packer wrote.
absl::Status CheckIsUnpacked(std::string_view text, const std::string& name) {
  for (const Packer& packer : kPackers) {
    if (!text.starts_with(packer.magic)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": compressed by ", std::string(packer.name),
        "; unpack it first: ", std::string(packer.unpack), " OUT | groundhog audit FILE -"));
  }
  return absl::OkStatus();
}

bool IsBlank(std::string_view record) {
  return record.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowReader>> RowReader::Open(const std::string& path,
                                                           std::optional<RowFormat> format) {
  absl::StatusOr<std::unique_ptr<RecordBuffer>> buffer = RecordBuffer::Open(path);
  if (!buffer.ok()) return buffer.status();
  auto reader = std::unique_ptr<RowReader>(new RowReader(*std::move(buffer)));
  if (absl::Status s = reader->Begin(format); !s.ok()) return s;
  return reader;
}

absl::Status RowReader::Begin(std::optional<RowFormat> format) {
  const std::string_view text = buffer_->peeked();
  if (absl::Status s = CheckIsUnpacked(text, buffer_->name()); !s.ok()) return s;
  if (!format) format = LooksLikeJson(text) ? RowFormat::kNdjson : RowFormat::kCsv;
  if (*format == RowFormat::kNdjson && IsArrayOfObjects(text)) {
    return absl::InvalidArgumentError(absl::StrCat(
        buffer_->name(), ": a JSON array; write one object a line, as jq -c '.[]' does"));
  }
  parser_ = MakeJsonParser();
  if (*format == RowFormat::kCsv) {
    if (absl::Status s = ReadHeader(); !s.ok()) return s;
  }
  return Sample();
}

absl::Status RowReader::ReadHeader() {
  buffer_->KeepQuotedLineEnds();
  const absl::StatusOr<std::optional<std::string_view>> header = buffer_->Next();
  if (!header.ok()) return AtLine(header.status());
  absl::StatusOr<std::unique_ptr<RowParser>> parser = MakeCsvParser(header->value_or(""));
  if (!parser.ok()) return AtLine(parser.status());
  parser_ = *std::move(parser);
  return absl::OkStatus();
}

absl::Status RowReader::Sample() {
  buffer_->Mark();
  Row row;
  for (std::size_t i = 0; i < kSampledRows && buffer_->HasNext(); ++i) {
    const absl::StatusOr<std::optional<std::string_view>> record = buffer_->Next();
    if (!record.ok()) return AtLine(record.status());
    if (IsBlank(**record)) continue;
    if (absl::Status s = parser_->Parse(**record, &row); !s.ok()) return AtLine(s);
  }
  buffer_->Rewind();
  return absl::OkStatus();
}

absl::StatusOr<bool> RowReader::Next(Row* row) {
  while (true) {
    const absl::StatusOr<std::optional<std::string_view>> record = buffer_->Next();
    if (!record.ok()) return AtLine(record.status());
    if (!record->has_value()) return false;
    if (IsBlank(**record)) continue;
    text_ = **record;
    if (absl::Status s = parser_->Parse(text_, row); !s.ok()) return AtLine(s);
    return true;
  }
}

absl::Status RowReader::AtLine(const absl::Status& status) const {
  // What cannot be read names the file already.
  if (!absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status)) return status;
  return absl::Status(status.code(),
                      absl::StrCat(buffer_->name(), ":", buffer_->line(), ": ", status.message()));
}

}  // namespace groundhog::rows
