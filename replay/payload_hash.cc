#include "replay/payload_hash.h"

#include <cstddef>
#include <cstdlib>

namespace groundhog::replay {
namespace {

constexpr std::size_t kPieceBytes = 16 << 10;

}  // namespace

PayloadHash::PayloadHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) std::abort();  // out of memory, as everywhere
  XXH3_128bits_reset(state_.get());
}

void PayloadHash::Add(std::string_view line) {
  pending_.append(line);
  pending_.push_back('\n');
  if (pending_.size() >= kPieceBytes) TakePending();
}

void PayloadHash::TakePending() const {
  XXH3_128bits_update(state_.get(), pending_.data(), pending_.size());
  pending_.clear();
}

traces::Hash128 PayloadHash::Digest() const {
  TakePending();
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace groundhog::replay
