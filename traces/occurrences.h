// Occurrences of scheduled faults: a pure function of the catalogue.
#ifndef GROUNDHOG_TRACES_OCCURRENCES_H_
#define GROUNDHOG_TRACES_OCCURRENCES_H_

#include <cstddef>
#include <vector>

#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/summary.h"

namespace groundhog::traces {

// The first `count_max` occurrences that start before `end`, ordered by start, then fault. Number n
// of a fault starts at first_start + (n - 1) * period and lasts for its duration; for a random
// fault it is the nth of its times.
std::vector<Occurrence> OccurrencesBefore(const Catalogue& catalogue, sim::VirtualTime end,
                                          std::size_t count_max);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_OCCURRENCES_H_
