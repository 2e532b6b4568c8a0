// The number of a request's order, derived from the request instead of stored:
//
//   (XXH3_64bits("KIND:NAME") + key + ordinal * kOrderStep) modulo 2^56
//
// KIND, NAME and key are those of trace_id.h: the number depends on no numbering, and other sources
// change nothing. Two requests of one source never have the same number, as kOrderStep is odd.
// Two sources of n requests each have one in common with the probability n / 2^55. A number does
// not show its source: the orders of a surge look like all others. Shown as
// 417-2847583-0183745; FORMAT.md has test vectors.
#ifndef GROUNDHOG_TRACES_ORDER_NUMBER_H_
#define GROUNDHOG_TRACES_ORDER_NUMBER_H_

#include <cstdint>
#include <vector>

#include "sim/entity.h"
#include "traces/catalogue.h"
#include "traces/record.h"
#include "traces/trace_id.h"

namespace groundhog::traces {

inline constexpr std::uint64_t kOrderStep = 0x37'79B9'7F4A'7C15;
inline constexpr std::uint64_t kOrderMask = (std::uint64_t{1} << 56) - 1;

// For the entities of one catalogue, which need not outlive it. Immutable; thread-safe.
class OrderNumbers {
 public:
  explicit OrderNumbers(const Catalogue& catalogue);

  // Below 2^56. `request.source` must be an entity of the catalogue; `chunk_key` is its record's.
  std::uint64_t Of(const RequestId& request, std::uint64_t chunk_key) const {
    return (starts_[sim::Index(request.source)] + keys_.Of(request.source, chunk_key) +
            request.ordinal * kOrderStep) &
           kOrderMask;
  }

 private:
  RequestKeys keys_;
  std::vector<std::uint64_t> starts_;  // by entity
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ORDER_NUMBER_H_
