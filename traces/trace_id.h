// trace_id: the 128-bit W3C trace id of a request, derived instead of stored.
//
//   XXH3_128bits_withSeed("KIND:NAME" followed by the ordinal as 8 little-endian bytes, key)
//
// KIND is host, journey, surge or users and NAME the name of the entity that began the request, so
// that the id depends on no numbering. The key is that of RequestKeys. An all-zero hash, which W3C
// forbids, becomes 1. FORMAT.md has test vectors. Not cryptographic.
#ifndef GROUNDHOG_TRACES_TRACE_ID_H_
#define GROUNDHOG_TRACES_TRACE_ID_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/entity.h"
#include "traces/catalogue.h"
#include "traces/hash128.h"
#include "traces/record.h"

namespace groundhog::traces {

using TraceId = Hash128;

// "journey:checkout": what ids are derived from.
std::string KindAndName(const EntityEntry& entity);

// The keys of requests: what trace ids, order numbers and the digest have as the key of a record.
// Immutable; thread-safe.
class RequestKeys {
 public:
  // Of the entities of one catalogue, which need not outlive it.
  explicit RequestKeys(const Catalogue& catalogue);

  // Of the requests of `source`, an entity of the catalogue, in a chunk with this key.
  std::uint64_t Of(sim::EntityId source, std::uint64_t chunk_key) const {
    return chunk_key + deltas_[sim::Index(source)];
  }

 private:
  std::vector<std::uint64_t> deltas_;  // by entity
};

// Derives trace ids for the entities of one catalogue. Copies the names, so the catalogue need not
// outlive it. Not thread-safe: it writes the ordinal into a buffer kept per entity.
class TraceIdDeriver {
 public:
  // `trace_key` is that of a chunk.
  TraceIdDeriver(const Catalogue& catalogue, std::uint64_t trace_key);

  // `request.source` must be an entity of the catalogue. About 10 ns.
  TraceId Derive(const RequestId& request);

  // The same as 32 lower-case hex digits, valid until the next call. Caches some requests, because
  // records of the same request come close together.
  std::string_view DeriveHex(const RequestId& request);

  void set_trace_key(std::uint64_t trace_key);
  std::uint64_t trace_key() const { return trace_key_; }

 private:
  static constexpr sim::EntityId kNobody{0xFFFF'FFFF};
  struct Known {
    RequestId request{.source = kNobody};
    std::array<char, kHash128Digits> digits{};
  };

  std::uint64_t trace_key_;
  RequestKeys keys_;
  std::vector<std::string> inputs_;  // by entity: "KIND:NAME" and 8 bytes for the ordinal
  std::array<Known, 64> known_;      // by ordinal modulo its size
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_TRACE_ID_H_
