// The facts of `groundhog info` about a trace: from header and footer if it has them, otherwise by
// counting otherwise.
#ifndef GROUNDHOG_CLI_GROUNDHOG_TRACE_FACTS_H_
#define GROUNDHOG_CLI_GROUNDHOG_TRACE_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/compression.h"
#include "traces/reader.h"
#include "traces/summary.h"

namespace groundhog::cli {

struct TraceFacts {
  std::uint32_t format_version = 0;
  traces::TraceInfo info;
  traces::Catalogue catalogue;
  bool is_complete = false;
  // The footer's. For an incomplete trace the counts so far, without index and digest, and with the
  // occurrences that began before the last record.
  traces::Summary summary;
  std::uint64_t size_bytes = 0;
  std::optional<traces::Compression> compression;  // nullopt: no chunk
};

// Reads header, footer and one chunk of a complete file of any size; all of a pipe or an incomplete
// trace, in constant memory. Reports damage on stderr unless `is_quiet`. nullopt: the input can't
// be read; the reason is on stderr.
std::optional<TraceFacts> GatherFacts(traces::Reader& reader, bool is_quiet);

// What the trace covers, so that recording as long as this gives the same trace; of an incomplete
// trace what was asked for.
sim::Duration DurationOf(const TraceFacts& facts);

// The keys of `info --json`, which are part of the interface: docs/INFO.md documents them.
std::string FactsAsJson(const TraceFacts& facts);

// A page for a person.
std::string FactsAsPage(const TraceFacts& facts);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_TRACE_FACTS_H_
