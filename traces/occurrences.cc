#include "traces/occurrences.h"

#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>

namespace groundhog::traces {
namespace {

// nullopt beyond the fault's last one.
std::optional<Occurrence> Numbered(const FaultEntry& fault, FaultId id, std::uint32_t number) {
  std::optional<FaultTime> time;
  if (!fault.is_random) {
    time = PeriodicTimes{fault.first_start, fault.duration, fault.period}.Numbered(number);
  } else if (number >= 1 && number <= fault.times.size()) {
    time = fault.times[number - 1];
  }
  if (!time) return std::nullopt;
  return Occurrence{.fault = id, .number = number, .start = time->start, .end = time->end};
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
    push_if_before_end(Numbered(catalogue.faults[i], FaultId{static_cast<std::uint16_t>(i)}, 1));
  }
  std::vector<Occurrence> occurrences;
  while (!next.empty() && occurrences.size() < count_max) {
    const Occurrence occurrence = next.top();
    next.pop();
    occurrences.push_back(occurrence);
    // After the last number there is is number 0, which never comes.
    push_if_before_end(Numbered(catalogue.faults[Index(occurrence.fault)], occurrence.fault,
                                occurrence.number + 1));
  }
  return occurrences;
}

bool HasNumberedOccurrences(const FaultEntry& fault) {
  return fault.is_random || fault.period != sim::Duration();
}

std::string OccurrenceName(const FaultEntry& fault, std::uint32_t occurrence) {
  if (!HasNumberedOccurrences(fault)) return fault.name;
  return fault.name + "/" + std::to_string(occurrence);
}

}  // namespace groundhog::traces
