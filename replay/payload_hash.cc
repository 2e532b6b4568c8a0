#include "replay/payload_hash.h"

#include <cstdlib>

namespace groundhog::replay {

PayloadHash::PayloadHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) std::abort();  // out of memory, as everywhere
  XXH3_128bits_reset(state_.get());
}

void PayloadHash::Add(std::string_view line) {
  XXH3_128bits_update(state_.get(), line.data(), line.size());
  XXH3_128bits_update(state_.get(), "\n", 1);
}

traces::Hash128 PayloadHash::Digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace groundhog::replay
