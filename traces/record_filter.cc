#include "traces/record_filter.h"

#include <algorithm>

namespace groundhog::traces {

RecordFilter::RecordFilter(const RecordSelection& selection, const TraceInfo& info,
                           const Catalogue& catalogue)
    : selection_(selection),
      wants_service_(catalogue.services.size(), selection.services.empty()),
      trace_ids_(catalogue, info.trace_key) {
  wants_level_.fill(selection.levels.empty());
  for (const Level level : selection.levels) wants_level_[Index(level)] = true;
  for (const ServiceId service : selection.services) wants_service_[Index(service)] = true;
}

// The cheapest test first: only the last one costs more than a comparison.
bool RecordFilter::Matches(const Record& record) {
  if (!wants_level_[Index(record.level)] || !wants_service_[Index(record.service)]) return false;
  if (record.time < selection_.from || IsOverAt(record.time)) return false;
  if (selection_.trace_ids.empty()) return true;
  const TraceId id = trace_ids_.Derive(record.request);
  return std::find(selection_.trace_ids.begin(), selection_.trace_ids.end(), id) !=
         selection_.trace_ids.end();
}

}  // namespace groundhog::traces
