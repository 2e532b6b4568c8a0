// The two ends of a trace file: the header at its beginning; the appendix, which repeats the
// header, the footer and the trailer at its end. FORMAT.md, "Header", "Appendix", "Footer",
// "Trailer". Which of the two headers a reader trusts is decided in reader.cc.
#ifndef GROUNDHOG_TRACES_FILE_ENDS_H_
#define GROUNDHOG_TRACES_FILE_ENDS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/entry.h"
#include "traces/file_input.h"
#include "traces/header_codec.h"
#include "traces/summary.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// The file's header, and the checksum of its entry, by which the footer knows it.
struct FileHeader {
  HeaderContents contents;
  std::uint64_t checksum = 0;
};

struct FileBeginning {
  FileHeader header;
  std::uint64_t bytes = 0;  // of the header's entry: where the first chunk begins
};

struct FileEnd {
  Summary summary;
  std::uint64_t footer_offset = 0;
  std::uint64_t appendix_offset = 0;  // of a file of version 2 or 3, which has none: the footer's
};

// Reads the first entry. Error messages do not have the file's name. DataLoss: it is not a sound
// entry, so the file is no trace, or its header is damaged. OutOfRange: the same, and the input
// ends within the entry. InvalidArgument: the entry is sound but is no consistent header, or the
// input is empty. Unimplemented: a newer format. Others: FileInput's.
absl::StatusOr<FileBeginning> ReadFileBeginning(FileInput& input, EntryBuffer* buffer);

// Reads trailer and footer, of an input that can seek and has this header. DataLoss, without
// offset: one of them is missing or not sound, or the footer is that of another header. Others as
// above.
absl::StatusOr<FileEnd> ReadFileEnd(FileInput& input, const FileHeader& header,
                                    EntryBuffer* buffer);

// The header that the file's end repeats, from an input that can seek. Errors as ReadFileEnd's.
absl::StatusOr<FileHeader> ReadRepeatedHeader(FileInput& input, EntryBuffer* buffer);

// Reads the appendix of a file with this header into `buffer`, and checks all of it but its rollup.
// DataLoss, without offset: it is missing or not sound, or repeats another header.
absl::Status ReadAppendix(FileInput& input, std::uint64_t offset, const HeaderContents& header,
                          EntryBuffer* buffer);
// The same of an entry that was read.
absl::Status CheckAppendix(schema::Entry::Reader entry, const HeaderContents& header);

// Whether the first entry or the last 64 bytes of an input that can seek have the marker in its
// place: no other file has it there. False also when they cannot be read.
bool HasMarkerAtAnEnd(FileInput& input);

// Whether an input that can seek is what Git LFS leaves in place of a file that it has not fetched.
bool IsGitLfsPointer(FileInput& input);

// The header that an entry of any kind has. DataLoss or Unimplemented, as ReadHeader's; NotFound:
// it has none. The checksum is set where the entry repeats it.
absl::Status ReadAnyHeader(schema::Entry::Reader entry, FileHeader* header);

// Reads the footer of a file with this header from a sound entry at `offset`. DataLoss, without
// offset: its contents contradict each other, or it is that of another header. May throw
// kj::Exception.
absl::StatusOr<FileEnd> ReadFooter(const FileHeader& header, std::uint64_t offset,
                                   schema::Footer::Reader footer);

// DataLoss, without offset: the index points behind the chunks, which end at `chunks_end`.
absl::Status CheckIndex(const Summary& summary, std::uint64_t chunks_end);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_FILE_ENDS_H_
