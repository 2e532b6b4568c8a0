#include "traces/file_ends.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
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

// Hands the footer of an input that can seek, and its offset, to `work`.
absl::Status WithFooter(
    FileInput& input, EntryBuffer* buffer,
    absl::FunctionRef<absl::Status(std::uint64_t, schema::Footer::Reader)> work) {
  const std::uint64_t size = *input.size_bytes();
  if (size < kTrailerBytes) return absl::DataLossError("the trailer is missing");
  const absl::StatusOr<std::uint64_t> offset = ReadTrailer(input, size - kTrailerBytes, buffer);
  if (!offset.ok()) return offset.status();
  const absl::StatusOr<EntryRead> read = ReadEntry(input, *offset, buffer);
  if (!read.ok()) return read.status();
  if (*read != EntryRead::kWhole) return absl::DataLossError("the footer is missing");
  return WithEntry(*buffer, [&](schema::Entry::Reader entry) -> absl::Status {
    if (!entry.isFooter()) return absl::DataLossError("the footer is missing");
    return work(*offset, entry.getFooter());
  });
}

// Hands the appendix at `offset` to `work`.
absl::Status WithAppendix(FileInput& input, std::uint64_t offset, EntryBuffer* buffer,
                          absl::FunctionRef<absl::Status(schema::Entry::Reader)> work) {
  const absl::StatusOr<EntryRead> read = ReadEntry(input, offset, buffer);
  if (!read.ok()) return read.status();
  if (*read != EntryRead::kWhole) return absl::DataLossError("the appendix is missing");
  return WithEntry(*buffer, [&](schema::Entry::Reader entry) -> absl::Status {
    if (!entry.isAppendix()) return absl::DataLossError("the appendix is missing");
    return work(entry);
  });
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
    return ReadHeader(entry.getHeader(), &beginning.header.contents);
  });
  if (absl::IsDataLoss(s)) return Foreign(std::string(s.message()));
  if (!s.ok()) return s;
  beginning.header.checksum = ChecksumIn(buffer->bytes());
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

absl::StatusOr<FileEnd> ReadFileEnd(FileInput& input, const FileHeader& header,
                                    EntryBuffer* buffer) {
  absl::StatusOr<FileEnd> end = absl::DataLossError("the footer is missing");
  absl::Status s = WithFooter(
      input, buffer, [&](std::uint64_t offset, schema::Footer::Reader footer) -> absl::Status {
        end = ReadFooter(header, offset, footer);
        return end.status();
      });
  if (!s.ok()) return s;
  if (end->appendix_offset > end->footer_offset) {
    return absl::DataLossError("the appendix is missing");
  }
  s = CheckIndex(end->summary, end->appendix_offset);
  if (!s.ok()) return s;
  return end;
}

absl::StatusOr<FileHeader> ReadRepeatedHeader(FileInput& input, EntryBuffer* buffer) {
  FileHeader header;
  std::uint64_t appendix = 0;
  absl::Status s = WithFooter(
      input, buffer, [&](std::uint64_t offset, schema::Footer::Reader footer) -> absl::Status {
        if (footer.hasHeader()) return ReadHeader(footer.getHeader(), &header.contents);
        header.checksum = footer.getHeaderChecksum();
        appendix = footer.getAppendixOffset();
        if (appendix >= offset) return absl::DataLossError("the appendix is missing");
        return absl::OkStatus();
      });
  if (!s.ok() || header.contents.format_version != 0) {
    if (!s.ok()) return s;
    return header;
  }
  s = WithAppendix(input, appendix, buffer, [&](schema::Entry::Reader entry) {
    return ReadHeader(entry.getAppendix().getHeader(), &header.contents);
  });
  if (!s.ok()) return s;
  return header;
}

absl::Status ReadAppendix(FileInput& input, std::uint64_t offset, const HeaderContents& header,
                          EntryBuffer* buffer) {
  return WithAppendix(input, offset, buffer,
                      [&](schema::Entry::Reader entry) { return CheckAppendix(entry, header); });
}

absl::Status CheckAppendix(schema::Entry::Reader entry, const HeaderContents& header) {
  HeaderContents repeated;
  absl::Status s = ReadHeader(entry.getAppendix().getHeader(), &repeated);
  // Also for a newer version: the header of this file says another one.
  if (!s.ok()) return absl::DataLossError(s.message());
  if (repeated != header) return absl::DataLossError("the appendix repeats another header");
  return absl::OkStatus();
}

absl::Status ReadAnyHeader(schema::Entry::Reader entry, FileHeader* header) {
  if (entry.isHeader()) return ReadHeader(entry.getHeader(), &header->contents);
  if (entry.isAppendix()) {
    header->checksum = entry.getAppendix().getHeaderChecksum();
    return ReadHeader(entry.getAppendix().getHeader(), &header->contents);
  }
  if (entry.isFooter() && entry.getFooter().hasHeader()) {
    return ReadHeader(entry.getFooter().getHeader(), &header->contents);
  }
  return absl::NotFoundError("an entry without a header");
}

absl::StatusOr<FileEnd> ReadFooter(const FileHeader& header, std::uint64_t offset,
                                   schema::Footer::Reader footer) {
  FileEnd end{.footer_offset = offset, .appendix_offset = offset};
  bool is_of_header = true;
  if (header.contents.format_version < kAppendixFormatVersion) {
    HeaderContents repeated;
    absl::Status s = ReadHeader(footer.getHeader(), &repeated);
    if (!s.ok()) return absl::DataLossError(s.message());
    is_of_header = repeated == header.contents;
  } else {
    is_of_header = footer.getHeaderChecksum() == header.checksum;
    end.appendix_offset = footer.getAppendixOffset();
  }
  if (!is_of_header) return absl::DataLossError("the footer repeats another header");
  if (absl::Status s = ReadSummary(footer, header.contents, &end.summary); !s.ok()) return s;
  return end;
}

absl::Status CheckIndex(const Summary& summary, std::uint64_t chunks_end) {
  // The index is in order, so the last of its offsets is the largest.
  if (summary.index.empty() || summary.index.back().offset < chunks_end) return absl::OkStatus();
  return absl::DataLossError("the index points behind the chunks");
}

}  // namespace groundhog::traces
