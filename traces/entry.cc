#include "traces/entry.h"

#include <kj/exception.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "text/printable.h"
#include "traces/byte_order.h"
#include "traces/format.h"

namespace groundhog::traces {
namespace {

constexpr std::size_t kReadStepBytes = std::size_t{1} << 20;

// XXH3-64 of the entry with the checksum's own 8 bytes as zero.
std::uint64_t ChecksumOf(std::span<const unsigned char> entry) {
  unsigned char head[kChecksumOffset + 8];
  std::memcpy(head, entry.data(), kChecksumOffset);
  std::memset(head + kChecksumOffset, 0, 8);
  XXH3_state_t* const state = XXH3_createState();
  sim::Check(state != nullptr, "there is memory for a hash state");
  XXH3_64bits_reset(state);
  XXH3_64bits_update(state, head, sizeof head);
  XXH3_64bits_update(state, entry.data() + sizeof head, entry.size() - sizeof head);
  const std::uint64_t checksum = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  return checksum;
}

}  // namespace

schema::Entry::Builder BeginEntry(capnp::MessageBuilder& message) {
  auto entry = message.initRoot<schema::Entry>();
  entry.setMarker(kMarker);
  return entry;
}

void SealEntry(capnp::MessageBuilder& message, std::vector<unsigned char>* out) {
  const auto segments = message.getSegmentsForOutput();
  if (segments.size() > 1) {
    std::size_t words = 8;
    for (const auto& segment : segments) words += segment.size();
    capnp::MallocMessageBuilder flat(static_cast<unsigned>(words));
    flat.setRoot(message.getRoot<schema::Entry>().asReader());
    sim::Check(flat.getSegmentsForOutput().size() == 1, "a copy fits the segment made for it");
    SealEntry(flat, out);
    return;
  }
  const auto segment = segments[0].asBytes();
  sim::Check(kFrameBytes + segment.size() <= kEntryBytesMax, "an entry is at most 64 MiB");
  out->resize(kFrameBytes + segment.size());
  const std::uint64_t frame = std::uint64_t{segment.size() / 8} << 32;  // one segment, its words
  StoreLittleEndian64(frame, out->data());
  std::memcpy(out->data() + kFrameBytes, segment.begin(), segment.size());
  sim::Check(LoadLittleEndian64(out->data() + kMarkerOffset) == kMarker,
             "an entry begins its segment");
  SetChecksum(*out);
}

void SetChecksum(std::span<unsigned char> entry) {
  StoreLittleEndian64(ChecksumOf(entry), entry.data() + kChecksumOffset);
}

std::span<unsigned char> EntryBuffer::Resize(std::size_t bytes) {
  words_.resize(bytes / 8);
  return {reinterpret_cast<unsigned char*>(words_.data()), bytes};
}

std::span<const unsigned char> EntryBuffer::bytes() const {
  return {reinterpret_cast<const unsigned char*>(words_.data()), words_.size() * 8};
}

kj::ArrayPtr<const capnp::word> EntryBuffer::words() const {
  return {reinterpret_cast<const capnp::word*>(words_.data()), words_.size()};
}

absl::StatusOr<EntryRead> ReadEntry(FileInput& input, std::uint64_t offset, EntryBuffer* buffer) {
  std::span<unsigned char> bytes = buffer->Resize(kFrameBytes);
  absl::StatusOr<std::size_t> read = input.ReadAt(offset, bytes);
  if (!read.ok()) return read.status();
  if (*read == 0) return EntryRead::kEndOfInput;
  if (*read < kFrameBytes) return EntryRead::kCutShort;
  const std::uint64_t frame = LoadLittleEndian64(bytes.data());
  const std::size_t size = kFrameBytes + std::size_t{frame >> 32} * 8;
  if ((frame & 0xFFFF'FFFF) != 0 || size < kEntryBytesMin || size > kEntryBytesMax) {
    return absl::DataLossError("no entry begins here");
  }
  if (input.can_seek() && size > *input.size_bytes() - std::min(offset, *input.size_bytes())) {
    return EntryRead::kCutShort;
  }
  for (std::size_t done = kFrameBytes; done < size;) {
    const std::size_t step = input.can_seek() ? size - done : std::min(kReadStepBytes, size - done);
    bytes = buffer->Resize(done + step);
    read = input.ReadAt(offset + done, bytes.subspan(done, step));
    if (!read.ok()) return read.status();
    if (*read < step) return EntryRead::kCutShort;
    done += step;
  }
  return EntryRead::kWhole;
}

bool HasMarker(std::span<const unsigned char> entry) {
  return entry.size() >= kMarkerOffset + 8 &&
         LoadLittleEndian64(entry.data() + kMarkerOffset) == kMarker;
}

std::uint64_t ChecksumIn(std::span<const unsigned char> entry) {
  return LoadLittleEndian64(entry.data() + kChecksumOffset);
}

absl::Status CheckEntry(std::span<const unsigned char> entry) {
  if (!HasMarker(entry)) {
    return absl::DataLossError("no entry begins here");
  }
  if (ChecksumIn(entry) != ChecksumOf(entry)) {
    return absl::DataLossError("the checksum does not match");
  }
  return absl::OkStatus();
}

absl::Status WithEntry(const EntryBuffer& buffer,
                       absl::FunctionRef<absl::Status(schema::Entry::Reader)> work) {
  if (absl::Status s = CheckEntry(buffer.bytes()); !s.ok()) return s;
  try {
    capnp::FlatArrayMessageReader message(buffer.words(), LimitsFor(buffer.bytes().size()));
    return work(message.getRoot<schema::Entry>());
  } catch (const kj::Exception& exception) {
    return absl::DataLossError(
        absl::StrCat("not a sound message: ", text::Printable(exception.getDescription().cStr())));
  }
}

capnp::ReaderOptions LimitsFor(std::size_t bytes) {
  capnp::ReaderOptions options;
  // Reading a sound message passes over it about once; a little more, as some getters are called
  // twice.
  options.traversalLimitInWords = bytes / 8 * 4 + 1024;
  options.nestingLimit = 16;
  return options;
}

}  // namespace groundhog::traces
