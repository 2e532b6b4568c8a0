#include "analysis/facts.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "traces/format.h"
#include "traces/occurrences.h"

namespace groundhog::analysis {
namespace {

void Count(const std::vector<traces::Record>& records, traces::SummaryWithoutIndex* summary) {
  if (summary->records == 0) summary->first_time = records.front().time;
  summary->last_time = records.back().time;
  summary->records += records.size();
  ++summary->chunks;
  for (const traces::Record& record : records) {
    ++summary->totals[traces::Index(record.service)].by_level[traces::Index(record.level)];
  }
}

// Where the records that are there end, as a trace that was cut has no other end.
sim::VirtualTime EndOfRecords(const traces::SummaryWithoutIndex& summary) {
  if (summary.records == 0) return sim::VirtualTime();
  if (summary.last_time == sim::VirtualTime::Max()) return summary.last_time;
  return summary.last_time + sim::Nanoseconds(1);
}

}  // namespace

Facts GatherFacts(traces::Reader& reader, const ChunkSource& next_chunk) {
  Facts facts{.format_version = reader.format_version(),
              .info = reader.info(),
              .catalogue = reader.catalogue()};
  const bool is_known = reader.complete();
  traces::SummaryWithoutIndex counted;
  counted.totals.resize(facts.catalogue.services.size());
  std::vector<traces::Record> records;
  while (next_chunk(&records)) {
    facts.compression = reader.compression();
    if (is_known) break;
    Count(records, &counted);
  }
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

std::vector<ColumnShare> ColumnShares(const traces::ColumnCosts& costs, std::uint64_t size_bytes) {
  std::vector<ColumnShare> shares;
  std::uint64_t left = size_bytes;
  for (const auto& [name, bytes] : costs.bytes()) {
    const auto whole = static_cast<std::uint64_t>(bytes + 0.5);
    if (whole == 0) continue;
    shares.push_back({name, whole});
    left -= std::min(left, whole);
  }
  std::ranges::stable_sort(shares, std::greater(), &ColumnShare::bytes);
  shares.push_back({"other", left});
  return shares;
}

sim::Duration DurationOf(const Facts& facts) {
  return facts.is_complete ? facts.summary.end_time.since_start() : facts.info.duration;
}

}  // namespace groundhog::analysis
