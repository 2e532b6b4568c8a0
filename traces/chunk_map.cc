#include "traces/chunk_map.h"

#include <algorithm>

#include "traces/chunk_codec.h"
#include "traces/entry.h"

namespace groundhog::traces {

absl::Status ChunkMap::Make(std::uint64_t begin) {
  chunks_.clear();
  next_ = 0;
  rest_.reset();
  while (true) {
    const absl::StatusOr<std::optional<std::uint64_t>> found = search_.Find(begin);
    if (!found.ok()) return found.status();
    if (!found->has_value()) break;
    begin = **found + search_.entry().bytes().size();
    Take(**found);
    if (chunks_.size() == chunks_max_) {
      rest_ = begin;
      break;
    }
  }
  std::ranges::sort(chunks_);
  return absl::OkStatus();
}

// What is no chunk that can be read has no place in the map.
void ChunkMap::Take(std::uint64_t offset) {
  const absl::Status ignored = WithEntry(search_.entry(), [&](schema::Entry::Reader entry) {
    if (entry.isFooter()) footer_ = offset;
    if (!entry.isChunk()) return absl::OkStatus();
    ChunkHead head;
    absl::Status s = ChunkReader::ReadHead(entry.getChunk(), &head);
    if (s.ok()) chunks_.push_back({.first_position = head.place.first_position, .offset = offset});
    return s;
  });
}

absl::StatusOr<std::optional<std::uint64_t>> ChunkMap::Next(std::uint64_t position) {
  while (true) {
    while (next_ < chunks_.size() && chunks_[next_].first_position < position) ++next_;
    if (next_ < chunks_.size()) return chunks_[next_++].offset;
    if (!rest_) return std::nullopt;
    if (absl::Status s = Make(*rest_); !s.ok()) return s;
  }
}

}  // namespace groundhog::traces
