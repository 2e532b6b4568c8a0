// Occurrences of scheduled faults, their times and names: pure functions of the catalogue.
#ifndef GROUNDHOG_TRACES_OCCURRENCES_H_
#define GROUNDHOG_TRACES_OCCURRENCES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/summary.h"

namespace groundhog::traces {

// `time` plus a duration that is not negative; Max() where the sum is beyond it.
constexpr sim::VirtualTime AddSaturating(sim::VirtualTime time, sim::Duration duration) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(time.nanoseconds(), duration.nanoseconds(), &sum)) {
    return sim::VirtualTime::Max();
  }
  return sim::VirtualTime(sum);
}

// What comes once, or every so often.
struct PeriodicTimes {
  sim::VirtualTime first_start;
  sim::Duration duration;
  sim::Duration period;  // zero: once

  // Number n, from 1, starts at first_start + (n - 1) * period; nullopt: never.
  constexpr std::optional<FaultTime> Numbered(std::uint32_t number) const {
    if (number == 0 || (number > 1 && period == sim::Duration())) return std::nullopt;
    std::int64_t offset = 0;
    if (__builtin_mul_overflow(period.nanoseconds(), std::int64_t{number} - 1, &offset)) {
      return std::nullopt;
    }
    const sim::VirtualTime start = AddSaturating(first_start, sim::Duration(offset));
    if (start == sim::VirtualTime::Max()) return std::nullopt;
    return FaultTime{.start = start, .end = AddSaturating(start, duration)};
  }
};

// The first `count_max` occurrences that start before `end`, ordered by start, then fault. A random
// fault's are its times.
std::vector<Occurrence> OccurrencesBefore(const Catalogue& catalogue, sim::VirtualTime end,
                                          std::size_t count_max);

// Whether the number of an occurrence is a part of its name: the fault repeats or is random.
bool HasNumberedOccurrences(const FaultEntry& fault);

// "auth-outage", or "auth-outage/2" where they are numbered.
std::string OccurrenceName(const FaultEntry& fault, std::uint32_t occurrence);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_OCCURRENCES_H_
