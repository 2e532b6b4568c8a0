#include "traces/summary_builder.h"

#include <algorithm>

#include "sim/check.h"
#include "traces/occurrences.h"

namespace groundhog::traces {

SummaryBuilder::SummaryBuilder(const TraceInfo& info, const Catalogue& catalogue)
    : catalogue_(catalogue), digest_(info, catalogue) {
  summary_.totals.resize(catalogue.services.size());
}

void SummaryBuilder::AddRecords(std::span<const Record> records, std::uint64_t trace_key) {
  if (records.empty()) return;
  if (summary_.records == 0) summary_.first_time = records.front().time;
  if (open_.counts.total() == 0) {
    open_.first_time = records.front().time;
    open_.first_position = summary_.records;
  }
  summary_.last_time = records.back().time;
  summary_.records += records.size();
  for (const Record& record : records) {
    ++open_.counts.by_level[Index(record.level)];
    ++summary_.totals[Index(record.service)].by_level[Index(record.level)];
  }
  digest_.Add(records, trace_key);
  rollup_.Add(records);
}

void SummaryBuilder::EndChunk(std::uint64_t offset) {
  sim::Check(open_.counts.total() > 0, "a chunk has records");
  ++summary_.chunks;
  open_.offset = offset;
  open_.last_time = summary_.last_time;
  ChunkIndex& index = summary_.index;
  if (!index.empty() && index.back().chunks < chunks_per_entry_) {
    index.back().chunks += 1;
    index.back().counts += open_.counts;
    index.back().last_time = open_.last_time;
  } else {
    if (index.size() == kIndexEntriesMax) ThinIndex();
    index.push_back(open_);
  }
  open_ = IndexEntry{};
}

// Joins neighbours in pairs. At this point every entry describes the same number of chunks, so the
// thinned index depends only on the number of chunks.
void SummaryBuilder::ThinIndex() {
  ChunkIndex& index = summary_.index;
  for (std::size_t i = 0; i < index.size() / 2; ++i) {
    IndexEntry joined = index[2 * i];
    joined.chunks += index[2 * i + 1].chunks;
    joined.counts += index[2 * i + 1].counts;
    joined.last_time = index[2 * i + 1].last_time;
    index[i] = joined;
  }
  index.resize(index.size() / 2);
  chunks_per_entry_ *= 2;
}

void SummaryBuilder::Finish(sim::VirtualTime end_time) {
  if (summary_.records > 0 && summary_.last_time < sim::VirtualTime::Max()) {
    end_time = std::max(end_time, summary_.last_time + sim::Nanoseconds(1));
  }
  summary_.end_time = end_time;
  summary_.occurrences = OccurrencesBefore(catalogue_, end_time, kOccurrencesMax);
  summary_.digest = digest_.Digest();
  rollup_.Finish();
}

}  // namespace groundhog::traces
