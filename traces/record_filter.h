// Selects records of a trace by time range, services, levels and requests.
// One piece of code, so that `groundhog cat` and `groundhog-replay` select alike.
#ifndef GROUNDHOG_TRACES_RECORD_FILTER_H_
#define GROUNDHOG_TRACES_RECORD_FILTER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"
#include "traces/trace_id.h"

namespace groundhog::traces {

// An empty list selects everything; conditions of different kinds must all hold.
struct RecordSelection {
  sim::VirtualTime from;                  // inclusive; may be before the start
  std::optional<sim::VirtualTime> until;  // exclusive; nullopt: to the end
  std::vector<ServiceId> services;
  std::vector<Level> levels;
  std::vector<TraceId> trace_ids;

  bool operator==(const RecordSelection&) const = default;
};

// Not thread-safe.
class RecordFilter {
 public:
  // Copies what it needs. The selection's services index `catalogue`'s.
  RecordFilter(const RecordSelection& selection, const TraceInfo& info, const Catalogue& catalogue);

  // For chunks with a key of their own (Reader::trace_key).
  void set_trace_key(std::uint64_t trace_key) { trace_ids_.set_trace_key(trace_key); }

  // Whether a record satisfying CheckRecord is wanted.
  bool Matches(const Record& record);

  // Whether the range has ended: no record of `time` or later is wanted.
  bool IsOverAt(sim::VirtualTime time) const {
    return selection_.until.has_value() && time >= *selection_.until;
  }

 private:
  RecordSelection selection_;
  std::array<bool, kLevelCount> wants_level_{};
  std::vector<bool> wants_service_;
  TraceIdDeriver trace_ids_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_RECORD_FILTER_H_
