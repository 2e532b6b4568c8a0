#include "traces/file_ends.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

absl::Status Foreign(const std::string& why) { return absl::InvalidArgumentError(why); }

absl::Status CutShort(const FileInput& input) {
  if (!input.can_seek()) return absl::OutOfRangeError("it ends before its header does");
  return absl::OutOfRangeError(
      absl::StrCat("it ends at byte ", *input.size_bytes(), ", before its header does"));
}

// The footer's offset, as the trailer at `offset` states it. The footer must end at the trailer.
absl::StatusOr<std::uint64_t> ReadTrailer(FileInput& input, std::uint64_t offset,
                                          EntryBuffer* buffer) {
  const absl::StatusOr<EntryRead> read = ReadEntry(input, offset, buffer);
  if (!read.ok()) return read.status();
  if (*read != EntryRead::kWhole || buffer->bytes().size() != kTrailerBytes) {
    return absl::DataLossError("the trailer is missing");
  }
  std::uint64_t footer_offset = 0;
  absl::Status s = WithEntry(*buffer, [&](schema::Entry::Reader entry) -> absl::Status {
    if (!entry.isTrailer()) return absl::DataLossError("the trailer is missing");
    footer_offset = entry.getTrailer().getFooterOffset();
    const std::uint64_t footer_bytes = entry.getTrailer().getFooterBytes();
    if (footer_offset >= offset || offset - footer_offset != footer_bytes) {
      return absl::DataLossError("the trailer does not point to the footer");
    }
    return absl::OkStatus();
  });
  if (!s.ok()) return s;
  return footer_offset;
}

}  // namespace

absl::StatusOr<FileBeginning> ReadFileBeginning(FileInput& input, EntryBuffer* buffer) {
  const absl::StatusOr<EntryRead> read = ReadEntry(input, 0, buffer);
  if (!read.ok()) {
    if (!absl::IsDataLoss(read.status())) return read.status();
    return absl::DataLossError("it does not begin as a trace does");
  }
  if (*read == EntryRead::kEndOfInput) return Foreign("it is empty");
  if (*read == EntryRead::kCutShort) return CutShort(input);
  if (absl::Status s = CheckEntry(buffer->bytes()); !s.ok()) return s;
  FileBeginning beginning;
  beginning.bytes = buffer->bytes().size();
  if (beginning.bytes > kHeaderBytesMax) return Foreign("its header is too long");
  absl::Status s = WithEntry(*buffer, [&beginning](schema::Entry::Reader entry) -> absl::Status {
    if (!entry.isHeader()) return Foreign("its first entry is no header");
    return ReadHeader(entry.getHeader(), &beginning.header);
  });
  if (absl::IsDataLoss(s)) return Foreign(std::string(s.message()));
  if (!s.ok()) return s;
  return beginning;
}

bool HasMarkerAtAnEnd(FileInput& input) {
  unsigned char bytes[kTrailerBytes];
  const std::uint64_t size = *input.size_bytes();
  for (const std::uint64_t offset : {std::uint64_t{0}, size - std::min(size, kTrailerBytes)}) {
    const absl::StatusOr<std::size_t> read = input.ReadAt(offset, bytes);
    if (read.ok() && HasMarker({bytes, *read})) return true;
  }
  return false;
}

bool IsGitLfsPointer(FileInput& input) {
  constexpr std::string_view kBeginning = "version https://git-lfs.github.com/spec/";
  std::array<unsigned char, kBeginning.size()> bytes{};
  const absl::StatusOr<std::size_t> read = input.ReadAt(0, bytes);
  return read.ok() && std::equal(bytes.begin(), bytes.end(), kBeginning.begin());
}

absl::StatusOr<FileEnd> ReadFileEnd(FileInput& input, EntryBuffer* buffer) {
  const std::uint64_t size = *input.size_bytes();
  if (size < kTrailerBytes) return absl::DataLossError("the trailer is missing");
  const absl::StatusOr<std::uint64_t> offset = ReadTrailer(input, size - kTrailerBytes, buffer);
  if (!offset.ok()) return offset.status();
  const absl::StatusOr<EntryRead> read = ReadEntry(input, *offset, buffer);
  if (!read.ok()) return read.status();
  if (*read != EntryRead::kWhole) return absl::DataLossError("the footer is missing");
  absl::StatusOr<FileEnd> end = absl::DataLossError("the footer is missing");
  absl::Status s = WithEntry(*buffer, [&end](schema::Entry::Reader entry) -> absl::Status {
    if (entry.isFooter()) end = ReadFooter(entry.getFooter());
    return end.status();
  });
  if (!s.ok()) return s;
  end->footer_offset = *offset;
  return end;
}

absl::StatusOr<FileEnd> ReadFooter(schema::Footer::Reader footer) {
  FileEnd end;
  if (absl::Status s = ReadHeader(footer.getHeader(), &end.header); !s.ok()) return s;
  if (absl::Status s = ReadSummary(footer, end.header.catalogue, &end.summary); !s.ok()) return s;
  return end;
}

absl::StatusOr<Summary> ReadFooterOf(const HeaderContents& header, schema::Footer::Reader footer) {
  absl::StatusOr<FileEnd> end = ReadFooter(footer);
  // Also for a newer version: the header of this file says another one.
  if (!end.ok()) return absl::DataLossError(end.status().message());
  if (end->header != header) return absl::DataLossError("the footer repeats another header");
  return std::move(end->summary);
}

}  // namespace groundhog::traces
