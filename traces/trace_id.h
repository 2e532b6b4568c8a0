// trace_id: the 128-bit W3C trace id of a request, derived instead of stored.
//
//   XXH3_128bits_withSeed("KIND:NAME" followed by the ordinal as 8 little-endian bytes, trace_key)
//
// KIND is host, journey, surge or users and NAME the name of the entity that began the request, so
// that the id depends on no numbering. An all-zero hash, which W3C forbids, becomes 1. Test vectors
// stand in FORMAT.md. Not cryptographic.
#ifndef GROUNDHOG_TRACES_TRACE_ID_H_
#define GROUNDHOG_TRACES_TRACE_ID_H_

#include <cstdint>
#include <string>
#include <vector>

#include "traces/catalogue.h"
#include "traces/hash128.h"
#include "traces/record.h"

namespace groundhog::traces {

using TraceId = Hash128;

// Derives trace ids for the entities of one catalogue. Copies the names, so the catalogue need not
// outlive it. Not thread-safe: it writes the ordinal into a buffer kept per entity.
class TraceIdDeriver {
 public:
  TraceIdDeriver(const Catalogue& catalogue, std::uint64_t trace_key);

  // `request.source` must be an entity of the catalogue. About 10 ns.
  TraceId Derive(const RequestId& request);

  void set_trace_key(std::uint64_t trace_key) { trace_key_ = trace_key; }
  std::uint64_t trace_key() const { return trace_key_; }

 private:
  std::uint64_t trace_key_;
  std::vector<std::string> inputs_;  // by entity: "KIND:NAME" and 8 bytes for the ordinal
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_TRACE_ID_H_
