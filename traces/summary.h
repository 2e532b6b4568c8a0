// What a trace's footer says about the whole: totals, index, occurrences and digest.
#ifndef GROUNDHOG_TRACES_SUMMARY_H_
#define GROUNDHOG_TRACES_SUMMARY_H_

#include <array>
#include <cstdint>
#include <vector>

#include "sim/time.h"
#include "traces/hash128.h"
#include "traces/large_page_allocator.h"
#include "traces/record.h"

namespace groundhog::traces {

// Records by level.
struct LevelCounts {
  std::array<std::uint64_t, kLevelCount> by_level{};
  std::uint64_t total() const { return by_level[0] + by_level[1] + by_level[2]; }
  LevelCounts& operator+=(const LevelCounts& other) {
    for (std::size_t i = 0; i < by_level.size(); ++i) by_level[i] += other.by_level[i];
    return *this;
  }
  bool operator==(const LevelCounts&) const = default;
};

// One occurrence of a fault, with its scheduled times.
struct Occurrence {
  FaultId fault = FaultId::kNone;
  std::uint32_t number = 1;  // from 1
  sim::VirtualTime start;
  sim::VirtualTime end;
  bool operator==(const Occurrence&) const = default;
};

// Describes `chunks` neighbouring chunks: one, until the index is full and is thinned.
struct IndexEntry {
  std::uint64_t offset = 0;     // of the first chunk's entry in the file, in bytes
  sim::VirtualTime first_time;  // of its first record
  // Of the last record of all the chunks. Max(): not known, as in a file of version 2 or 3.
  sim::VirtualTime last_time = sim::VirtualTime::Max();
  std::uint64_t first_position = 0;  // of its first record
  std::uint64_t chunks = 1;
  LevelCounts counts;  // of all the chunks' records
  bool operator==(const IndexEntry&) const = default;
};

// By offset; at most 65,536 entries.
using ChunkIndex = std::vector<IndexEntry, LargePageAllocator<IndexEntry>>;

// What a footer says of the whole trace.
struct SummaryWithoutIndex {
  std::uint64_t records = 0;
  std::uint64_t chunks = 0;
  sim::VirtualTime first_time;  // of the first and last record; 0 when there is none
  sim::VirtualTime last_time;
  sim::VirtualTime end_time;            // the trace covers [0, end_time)
  std::vector<LevelCounts> totals;      // by service
  std::vector<Occurrence> occurrences;  // by start, then fault; the first 65,536
  Hash128 digest;
  bool operator==(const SummaryWithoutIndex&) const = default;
};

struct Summary : SummaryWithoutIndex {
  ChunkIndex index;
  bool operator==(const Summary&) const = default;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_SUMMARY_H_
