#include "fuzz/trace_entries.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "traces/byte_order.h"
#include "traces/entry.h"
#include "traces/format.h"

namespace groundhog::fuzz {
namespace {

// Of the trailer's entry. FORMAT.md, "Worked example".
constexpr std::size_t kFooterOffsetAt = 48;
constexpr std::size_t kFooterBytesAt = 56;
// Of any entry, and of the footer's.
constexpr std::size_t kKindAt = 32;
constexpr char kFooterKind = 2;
constexpr std::size_t kHeaderChecksumAt = 88;
constexpr std::size_t kAppendixOffsetAt = 96;

}  // namespace

TraceEntries SplitTrace(std::string_view bytes) {
  TraceEntries trace;
  while (bytes.size() >= traces::kEntryBytesMin) {
    const std::size_t size =
        traces::kFrameBytes + std::size_t{traces::LoadLittleEndian32(bytes.data() + 4)} * 8;
    if (size < traces::kEntryBytesMin || size > bytes.size()) break;
    trace.entries.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  trace.rest = bytes;
  return trace;
}

std::string JoinTrace(const TraceEntries& trace) {
  std::string bytes;
  for (const std::string& entry : trace.entries) bytes += entry;
  return bytes + trace.rest;
}

void SealEntryBytes(std::string* entry) {
  entry->resize(std::max((entry->size() + 7) / 8 * 8, traces::kEntryBytesMin));
  const std::uint64_t words = (entry->size() - traces::kFrameBytes) / 8;
  traces::StoreLittleEndian64(words << 32, entry->data());
  traces::StoreLittleEndian64(traces::kMarker, entry->data() + traces::kMarkerOffset);
  traces::SetChecksum({reinterpret_cast<unsigned char*>(entry->data()), entry->size()});
}

void RepairTrailer(TraceEntries* trace) {
  const std::size_t count = trace->entries.size();
  if (count < 2 || trace->entries.back().size() != traces::kTrailerBytes) return;
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i + 2 < count; ++i) offset += trace->entries[i].size();
  std::string& trailer = trace->entries.back();
  traces::StoreLittleEndian64(offset, trailer.data() + kFooterOffsetAt);
  traces::StoreLittleEndian64(trace->entries[count - 2].size(), trailer.data() + kFooterBytesAt);
  SealEntryBytes(&trailer);
  if (count < 3) return;
  const std::uint64_t appendix = offset - trace->entries[count - 3].size();
  std::string& footer = trace->entries[count - 2];
  if (footer.size() < kAppendixOffsetAt + 8 || footer[kKindAt] != kFooterKind) return;
  const std::uint64_t checksum =
      traces::LoadLittleEndian64(trace->entries.front().data() + traces::kChecksumOffset);
  traces::StoreLittleEndian64(checksum, footer.data() + kHeaderChecksumAt);
  traces::StoreLittleEndian64(appendix, footer.data() + kAppendixOffsetAt);
  SealEntryBytes(&footer);
}

}  // namespace groundhog::fuzz
