// The constants of the trace file's format. FORMAT.md gives their meaning and reasons.
#ifndef GROUNDHOG_TRACES_FORMAT_H_
#define GROUNDHOG_TRACES_FORMAT_H_

#include <cstddef>
#include <cstdint>

#include "sim/time.h"

namespace groundhog::traces {

// What is written, and the newest and the oldest that are read.
inline constexpr std::uint32_t kFormatVersion = 4;
inline constexpr std::uint32_t kFormatVersionMin = 2;
// Since this version there is an appendix, headers may be packed, and the index is a table of
// columns.
inline constexpr std::uint32_t kAppendixFormatVersion = 4;
// Before version 4: of traces whose entities have key deltas, and of no others.
inline constexpr std::uint32_t kKeyedFormatVersion = 3;

// The bytes 89 'G' 'H' 'O' 'G' 0d 0a 1a, as a little-endian number.
inline constexpr std::uint64_t kMarker = 0x1a0a0d474f484789;

// Every entry is one framed message of one segment: 8 bytes of frame, the root pointer, then the
// Entry struct, which begins with marker and checksum.
inline constexpr std::size_t kFrameBytes = 8;
inline constexpr std::size_t kMarkerOffset = 16;
inline constexpr std::size_t kChecksumOffset = 24;
inline constexpr std::size_t kEntryBytesMin = 48;
inline constexpr std::size_t kEntryBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kTrailerBytes = 64;
// Bounds the header's entry, unpacked, so that an entry that repeats it stays within
// kEntryBytesMax.
inline constexpr std::size_t kHeaderBytesMax = std::size_t{48} << 20;

// A chunk ends before a record that would exceed one of these.
inline constexpr std::uint32_t kChunkRecordsDefault = 8'192;
inline constexpr std::uint32_t kChunkRecordsMax = 65'536;
// From this part of its limit on a chunk ends with a minute.
constexpr std::uint32_t EnoughRecords(std::uint32_t limit) {
  return static_cast<std::uint32_t>(std::uint64_t{limit} * 13 / 16);
}
inline constexpr std::size_t kChunkPlainBytesMax = std::size_t{2} << 20;
inline constexpr sim::Duration kChunkTimeMax = sim::Minutes(10);
// What a record counts towards kChunkPlainBytesMax, plus 8 bytes for each stored slot; no record
// takes more bytes of the columns.
inline constexpr std::size_t kRecordPlainBytes = 96;
// No reader unpacks more than this for one chunk: the bound above and the columns' own overhead.
inline constexpr std::size_t kColumnsBytesMax = std::size_t{4} << 20;

// Groups of shapes with columns of their own for times and durations: the most that a reader takes,
// and the least records for which a writer adds one.
inline constexpr std::size_t kGroupsMax = 8;
inline constexpr std::uint32_t kRecordsPerGroupMin = 1'024;
inline constexpr std::uint32_t kGroupsWritten = 4;

inline constexpr std::size_t kIndexEntriesMax = 65'536;
inline constexpr std::size_t kOccurrencesMax = 65'536;

// No reader unpacks more than this for a rollup (rollup.h has its other bounds).
inline constexpr std::size_t kRollupBytesMax = std::size_t{8} << 20;

// Records in a block of the digest.
inline constexpr std::uint64_t kDigestBlockRecords = 65'536;

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_FORMAT_H_
