// Gathers a trace's summary and its rollup while it is written or verified. Memory does not grow
// with the trace: the index is thinned when it is full.
#ifndef GROUNDHOG_TRACES_SUMMARY_BUILDER_H_
#define GROUNDHOG_TRACES_SUMMARY_BUILDER_H_

#include <cstdint>
#include <span>

#include "traces/catalogue.h"
#include "traces/digest.h"
#include "traces/format.h"
#include "traces/record.h"
#include "traces/rollup_builder.h"
#include "traces/summary.h"

namespace groundhog::traces {

// Not thread-safe.
class SummaryBuilder {
 public:
  // `catalogue` must outlive the builder.
  SummaryBuilder(const TraceInfo& info, const Catalogue& catalogue);

  // Takes records of the open chunk, in order.
  void AddRecords(std::span<const Record> records, std::uint64_t trace_key);

  // Ends the chunk of the records added since the last call; its entry lies at `offset`.
  void EndChunk(std::uint64_t offset);

  // Totals and index so far; the rest only after Finish.
  const Summary& summary() const { return summary_; }

  // After Finish; null if the records have too many keys for one.
  const Rollup* rollup() const { return rollup_.rollup(); }

  // Sets end_time (at least `end_time`, and later than the last record), then occurrences,
  // digest and rollup.
  void Finish(sim::VirtualTime end_time);

 private:
  void ThinIndex();

  const Catalogue& catalogue_;
  Summary summary_;
  DigestBuilder digest_;
  RollupBuilder rollup_;
  IndexEntry open_;                     // of the open chunk
  std::uint64_t chunks_per_entry_ = 1;  // a power of two, doubled whenever the index is thinned
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_SUMMARY_BUILDER_H_
