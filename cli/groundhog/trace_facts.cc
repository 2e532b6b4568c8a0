#include "cli/groundhog/trace_facts.h"

#include "cli/shared/trace_input.h"
#include "traces/format.h"
#include "traces/occurrences.h"

namespace groundhog::cli {
namespace {

void Count(const std::vector<traces::Record>& records, traces::Summary* summary) {
  if (summary->records == 0) summary->first_time = records.front().time;
  summary->last_time = records.back().time;
  summary->records += records.size();
  ++summary->chunks;
  for (const traces::Record& record : records) {
    ++summary->totals[traces::Index(record.service)].by_level[traces::Index(record.level)];
  }
}

// Where the records that are there end, as a trace that was cut has no other end.
sim::VirtualTime EndOfRecords(const traces::Summary& summary) {
  if (summary.records == 0) return sim::VirtualTime();
  if (summary.last_time == sim::VirtualTime::Max()) return summary.last_time;
  return summary.last_time + sim::Nanoseconds(1);
}

}  // namespace

std::optional<TraceFacts> GatherFacts(traces::Reader& reader, bool is_quiet) {
  TraceFacts facts{.format_version = reader.format_version(),
                   .info = reader.info(),
                   .catalogue = reader.catalogue()};
  const bool is_known = reader.complete();
  if (is_known && !is_quiet) TellHeaderDamage("groundhog", reader);
  traces::Summary counted;
  counted.totals.resize(facts.catalogue.services.size());
  LenientReading reading("groundhog", reader, /*is_quiet=*/is_quiet || is_known);
  std::vector<traces::Record> records;
  while (reading.NextChunk(&records)) {
    facts.compression = reader.compression();
    if (is_known) break;
    Count(records, &counted);
  }
  if (reading.exit_code() == kExitUsage) return std::nullopt;
  facts.is_complete = reader.complete();
  facts.size_bytes = reader.size_bytes().value_or(reader.next_offset());
  if (facts.is_complete) {
    facts.summary = *reader.summary();
    return facts;
  }
  counted.end_time = EndOfRecords(counted);
  counted.occurrences =
      traces::OccurrencesBefore(facts.catalogue, counted.end_time, traces::kOccurrencesMax);
  facts.summary = std::move(counted);
  return facts;
}

sim::Duration DurationOf(const TraceFacts& facts) {
  return facts.is_complete ? facts.summary.end_time.since_start() : facts.info.duration;
}

}  // namespace groundhog::cli
