// The two ends of a trace file: the header at its beginning; the footer, which repeats the header,
// and the trailer at its end. FORMAT.md, "Header", "Footer", "Trailer". Which of the two headers a
// reader trusts is decided in reader.cc.
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

struct FileBeginning {
  HeaderContents header;
  std::uint64_t bytes = 0;  // of the header's entry: where the first chunk begins
};

struct FileEnd {
  HeaderContents header;  // as the footer repeats it
  Summary summary;
  std::uint64_t footer_offset = 0;
};

// Reads the first entry. Error messages do not have the file's name. DataLoss: it is not a sound
// entry, so the file is no trace, or its header is damaged. OutOfRange: the same, and the input
// ends within the entry. InvalidArgument: the entry is sound but is no consistent header, or the
// input is empty. Unimplemented: a newer format. Others: FileInput's.
absl::StatusOr<FileBeginning> ReadFileBeginning(FileInput& input, EntryBuffer* buffer);

// Reads trailer and footer, of an input that can seek. DataLoss, without offset: one of them is
// missing or not sound. Others as above.
absl::StatusOr<FileEnd> ReadFileEnd(FileInput& input, EntryBuffer* buffer);

// Whether the first entry or the last 64 bytes of an input that can seek have the marker in its
// place: no other file has it there. False also when they cannot be read.
bool HasMarkerAtAnEnd(FileInput& input);

// Whether an input that can seek is what Git LFS leaves in place of a file that it has not fetched.
bool IsGitLfsPointer(FileInput& input);

// Reads a footer from a sound entry. DataLoss, without offset: its contents contradict each other.
// Unimplemented: a newer format. May throw kj::Exception.
absl::StatusOr<FileEnd> ReadFooter(schema::Footer::Reader footer);

// The same for a file whose header is known. DataLoss also when the footer repeats another header.
absl::StatusOr<Summary> ReadFooterOf(const HeaderContents& header, schema::Footer::Reader footer);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_FILE_ENDS_H_
