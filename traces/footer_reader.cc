#include "traces/footer_reader.h"

#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "traces/file_ends.h"
#include "traces/format.h"

namespace groundhog::traces {

absl::Status FooterReader::Read(
    const FileHeader& header, std::optional<std::uint64_t> records,
    const std::optional<std::pair<std::uint64_t, std::uint64_t>>& appendix) {
  const std::uint64_t chunks_end = appendix ? appendix->first : footer_offset_;
  if (absl::Status s = ReadFooter(header, records, chunks_end); !s.ok()) return s;
  if (absl::Status s = ReadTrailer(); !s.ok() || is_cut_short_) return s;
  return CheckNothingFollows();
}

absl::Status FooterReader::ReadFooter(const FileHeader& header,
                                      std::optional<std::uint64_t> records,
                                      std::uint64_t chunks_end) {
  absl::Status s = WithEntry(footer_, [&](schema::Entry::Reader entry) -> absl::Status {
    absl::StatusOr<FileEnd> end = traces::ReadFooter(header, footer_offset_, entry.getFooter());
    if (!end.ok()) return end.status();
    end_ = *std::move(end);
    return absl::OkStatus();
  });
  if (!s.ok()) return s;
  has_summary_ = true;
  if (records && end_.summary.records != *records) {
    return absl::DataLossError(absl::StrCat("the footer counts ", end_.summary.records,
                                            " records, the chunks have ", *records));
  }
  // Where bytes were lost or put in, no chunk is where the index says.
  if (records) s = CheckIndex(end_.summary, chunks_end);
  has_summary_ = s.ok();
  if (s.ok()) next_offset_ = footer_offset_ + footer_.bytes().size();
  return s;
}

absl::Status FooterReader::ReadTrailer() {
  EntryBuffer buffer;
  const absl::StatusOr<EntryRead> read = ReadEntry(input_, next_offset_, &buffer);
  if (!read.ok()) return read.status();
  is_cut_short_ = *read != EntryRead::kWhole;
  if (is_cut_short_) return absl::OkStatus();
  absl::Status s = WithEntry(buffer, [&](schema::Entry::Reader entry) -> absl::Status {
    if (!entry.isTrailer() || buffer.bytes().size() != kTrailerBytes ||
        entry.getTrailer().getFooterOffset() != footer_offset_ ||
        entry.getTrailer().getFooterBytes() != next_offset_ - footer_offset_) {
      return absl::DataLossError("the trailer after the footer does not point to it");
    }
    return absl::OkStatus();
  });
  if (s.ok()) next_offset_ += kTrailerBytes;
  return s;
}

absl::Status FooterReader::CheckNothingFollows() {
  unsigned char extra = 0;
  const absl::StatusOr<std::size_t> more = input_.ReadAt(next_offset_, {&extra, 1});
  if (!more.ok()) return more.status();
  if (*more != 0) return absl::DataLossError("something follows the trailer");
  return absl::OkStatus();
}

}  // namespace groundhog::traces
