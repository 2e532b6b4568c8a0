// Entries on disk: sealing a message into the bytes of an entry, and opening such bytes again after
// checking frame, marker and checksum. FORMAT.md, "Entries".
#ifndef GROUNDHOG_TRACES_ENTRY_H_
#define GROUNDHOG_TRACES_ENTRY_H_

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/file_input.h"
#include "traces/trace.capnp.h"

namespace groundhog::traces {

// Starts an entry. Must be the first use of `message`, because it fixes the places of marker and
// checksum.
schema::Entry::Builder BeginEntry(capnp::MessageBuilder& message);

// Replaces `out` by the entry's bytes: the framed message of one segment, its checksum set.
void SealEntry(capnp::MessageBuilder& message, std::vector<unsigned char>* out);

// Sets the checksum of an entry, at least kEntryBytesMin long, to that of its bytes.
void SetChecksum(std::span<unsigned char> entry);

// The bytes of one entry as read, aligned for Cap'n Proto.
class EntryBuffer {
 public:
  std::span<unsigned char> Resize(std::size_t bytes);  // a multiple of 8; keeps what fits
  std::span<const unsigned char> bytes() const;
  kj::ArrayPtr<const capnp::word> words() const;

 private:
  std::vector<std::uint64_t> words_;
};

enum class EntryRead { kWhole, kEndOfInput, kCutShort };

// Reads the entry at `offset` into `buffer`; allocates at most the bytes that the input really has,
// rounded up to 1 MiB, and at most kEntryBytesMax. DataLoss without offset: the frame is not that
// of an entry.
absl::StatusOr<EntryRead> ReadEntry(FileInput& input, std::uint64_t offset, EntryBuffer* buffer);

// Whether the bytes are a sound entry: marker and checksum. DataLoss without offset.
absl::Status CheckEntry(std::span<const unsigned char> entry);

// The checksum that an entry states.
std::uint64_t ChecksumIn(std::span<const unsigned char> entry);

// Whether `entry`, of any length, has the marker in its place.
bool HasMarker(std::span<const unsigned char> entry);

// Checks the entry in `buffer` as CheckEntry does, and hands it to `work`. Cap'n Proto's exceptions
// about a hostile message become DataLoss. Otherwise what `work` returns.
absl::Status WithEntry(const EntryBuffer& buffer,
                       absl::FunctionRef<absl::Status(schema::Entry::Reader)> work);

// Limits for reading an entry or a message inside it: a bound on the work that overlapping pointers
// can cause.
capnp::ReaderOptions LimitsFor(std::size_t bytes);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ENTRY_H_
