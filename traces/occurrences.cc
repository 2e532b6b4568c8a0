#include "traces/occurrences.h"

#include <cstdint>
#include <limits>
#include <queue>
#include <tuple>

namespace groundhog::traces {
namespace {

sim::VirtualTime AddSaturating(sim::VirtualTime time, sim::Duration duration) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(time.nanoseconds(), duration.nanoseconds(), &sum)) {
    return sim::VirtualTime::Max();
  }
  return sim::VirtualTime(sum);
}

struct LaterStart {
  bool operator()(const Occurrence& a, const Occurrence& b) const {
    return std::tuple(a.start, Index(a.fault)) > std::tuple(b.start, Index(b.fault));
  }
};

}  // namespace

std::vector<Occurrence> OccurrencesBefore(const Catalogue& catalogue, sim::VirtualTime end,
                                          std::size_t count_max) {
  // The next occurrence of each fault.
  std::priority_queue<Occurrence, std::vector<Occurrence>, LaterStart> next;
  for (std::size_t i = 0; i < catalogue.faults.size(); ++i) {
    const FaultEntry& fault = catalogue.faults[i];
    if (fault.first_start >= end) continue;
    next.push({.fault = FaultId{static_cast<std::uint16_t>(i)},
               .number = 1,
               .start = fault.first_start,
               .end = AddSaturating(fault.first_start, fault.duration)});
  }
  std::vector<Occurrence> occurrences;
  while (!next.empty() && occurrences.size() < count_max) {
    Occurrence occurrence = next.top();
    next.pop();
    occurrences.push_back(occurrence);
    const FaultEntry& fault = catalogue.faults[Index(occurrence.fault)];
    if (fault.period == sim::Duration() ||
        occurrence.number == std::numeric_limits<std::uint32_t>::max()) {
      continue;
    }
    occurrence.start = AddSaturating(occurrence.start, fault.period);
    occurrence.end = AddSaturating(occurrence.start, fault.duration);
    ++occurrence.number;
    if (occurrence.start < end) next.push(occurrence);
  }
  return occurrences;
}

}  // namespace groundhog::traces
