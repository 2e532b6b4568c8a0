// The facts of `groundhog info` about a trace: from header and footer if it has them, otherwise by
// counting.
//
// Not thread-safe where a reader is used; otherwise pure functions.
#ifndef GROUNDHOG_ANALYSIS_FACTS_H_
#define GROUNDHOG_ANALYSIS_FACTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/column_costs.h"
#include "traces/compression.h"
#include "traces/reader.h"
#include "traces/record.h"
#include "traces/summary.h"

namespace groundhog::analysis {

// What a column takes of the file.
struct ColumnShare {
  std::string name;  // as in traces/FORMAT.md, or "other"
  std::uint64_t bytes = 0;
};

struct Facts {
  std::uint32_t format_version = 0;
  traces::TraceInfo info;
  traces::Catalogue catalogue;
  bool is_complete = false;
  // The footer's. For an incomplete trace the counts so far, without digest, and with the
  // occurrences that began before the last record.
  traces::SummaryWithoutIndex summary;
  std::uint64_t size_bytes = 0;
  std::optional<traces::Compression> compression;  // nullopt: no chunk
  std::vector<ColumnShare> columns;                // empty: not asked for
};

// Replaces the records by those of a reader's next chunk. False at the end, and when reading cannot
// go on: the caller decides what becomes of damage.
using ChunkSource = std::function<bool(std::vector<traces::Record>*)>;

// Reads header, footer and one chunk of a complete file of any size; all of a pipe or an incomplete
// trace, in constant memory. `next_chunk` reads from `reader`, of which nothing has been
// read yet. When it stops because of an error, the facts are worth nothing.
Facts GatherFacts(traces::Reader& reader, const ChunkSource& next_chunk);

// All columns of a file of this size that take a byte at least, the largest first, and last what is
// no column's.
std::vector<ColumnShare> ColumnShares(const traces::ColumnCosts& costs, std::uint64_t size_bytes);

// What the trace covers, so that recording as long as this gives the same trace; of an incomplete
// trace what was asked for.
sim::Duration DurationOf(const Facts& facts);

// One JSON object, with a newline at its end. Its keys are part of the interface: docs/INFO.md
// documents them.
std::string FactsAsJson(const Facts& facts);

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_FACTS_H_
