// Checks a catalogue before anything relies on it: names are UTF-8, indices are in range,
// templates' braces and slots agree. The writer checks its input and the reader checks the file, so
// that rendering and decoding need no checks of their own.
#ifndef GROUNDHOG_TRACES_CATALOGUE_CHECK_H_
#define GROUNDHOG_TRACES_CATALOGUE_CHECK_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "traces/catalogue.h"

namespace groundhog::traces {

// Indices have 16 bits; the largest value means "none".
inline constexpr std::size_t kIdCountMax = 65'535;
// Entities have 32-bit indices; this bound is beyond any use and limits what a hostile file can
// cost.
inline constexpr std::size_t kEntityCountMax = 1'000'000;

// Occurrences of all random faults together.
inline constexpr std::size_t kFaultTimesMax = 65'536;

// How many slot values a record with this message stores.
std::size_t StoredSlotCount(const MessageTemplate& message);

// InvalidArgument names the first mistake.
absl::Status CheckCatalogue(const Catalogue& catalogue);

// The same for the header's texts.
absl::Status CheckTraceInfo(const TraceInfo& info);

// Whether every index of `record` points into `catalogue` and its fields agree with one another:
// service is the host's, error_code exactly on ERROR, occurrence exactly with a fault, `also`
// another fault than the first.
absl::Status CheckRecord(const Record& record, const Catalogue& catalogue);

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_CATALOGUE_CHECK_H_
