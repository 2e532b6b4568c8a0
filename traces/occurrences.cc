#include "traces/occurrences.h"

#include <cstdint>
#include <limits>
#include <optional>
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

// A random fault's occurrence; nullopt beyond its last.
std::optional<Occurrence> Listed(const FaultEntry& fault, FaultId id, std::uint32_t number) {
  if (number > fault.times.size()) return std::nullopt;
  const FaultTime& time = fault.times[number - 1];
  return Occurrence{.fault = id, .number = number, .start = time.start, .end = time.end};
}

std::optional<Occurrence> First(const FaultEntry& fault, FaultId id) {
  if (fault.is_random) return Listed(fault, id, 1);
  return Occurrence{.fault = id,
                    .number = 1,
                    .start = fault.first_start,
                    .end = AddSaturating(fault.first_start, fault.duration)};
}

std::optional<Occurrence> After(const Occurrence& before, const FaultEntry& fault) {
  if (before.number == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const std::uint32_t number = before.number + 1;
  if (fault.is_random) return Listed(fault, before.fault, number);
  if (fault.period == sim::Duration()) return std::nullopt;
  const sim::VirtualTime start = AddSaturating(before.start, fault.period);
  return Occurrence{.fault = before.fault,
                    .number = number,
                    .start = start,
                    .end = AddSaturating(start, fault.duration)};
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
  const auto push_if_before_end = [&](std::optional<Occurrence> occurrence) {
    if (occurrence && occurrence->start < end) next.push(*occurrence);
  };
  for (std::size_t i = 0; i < catalogue.faults.size(); ++i) {
    push_if_before_end(First(catalogue.faults[i], FaultId{static_cast<std::uint16_t>(i)}));
  }
  std::vector<Occurrence> occurrences;
  while (!next.empty() && occurrences.size() < count_max) {
    const Occurrence occurrence = next.top();
    next.pop();
    occurrences.push_back(occurrence);
    push_if_before_end(After(occurrence, catalogue.faults[Index(occurrence.fault)]));
  }
  return occurrences;
}

}  // namespace groundhog::traces
