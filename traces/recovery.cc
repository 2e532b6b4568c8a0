#include "traces/recovery.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "traces/entry.h"
#include "traces/file_ends.h"
#include "traces/format.h"

namespace groundhog::traces {

std::optional<FoundHeader> Recovery::FindHeader() {
  std::optional<std::uint64_t> first;  // sound entry that is no header
  for (std::uint64_t begin = 0;;) {
    const absl::StatusOr<std::optional<std::uint64_t>> found = search_.Find(begin);
    if (!found.ok() || !found->has_value()) return std::nullopt;
    const std::uint64_t offset = **found;
    begin = offset + search_.entry().bytes().size();
    bool is_header = false;
    FoundHeader result{.offset = offset};
    const absl::Status s =
        WithEntry(search_.entry(), [&](schema::Entry::Reader entry) -> absl::Status {
          is_header = entry.isHeader();
          if (is_header) result.header.checksum = ChecksumIn(search_.entry().bytes());
          return ReadAnyHeader(entry, &result.header);
        });
    if (!is_header && !first) first = offset;
    if (!s.ok()) continue;
    result.first_chunk_offset = first.value_or(begin);
    return result;
  }
}

// Maps the rest of the file, once. Where bytes were lost, the end of the last entry may be the
// beginning of the next one as well, if both are zeros, so the rest begins a little before. Where
// no chunk was taken, the first one may be in the place of a lost header.
bool Recovery::HasMapFrom(std::uint64_t offset) {
  if (map_) return true;
  map_.emplace(search_);
  const std::uint64_t before = offset - std::min(offset, std::uint64_t{kFrameBytes});
  return map_->Make(taken_offset_ == 0 ? 0 : std::max(taken_offset_ + 1, before)).ok();
}

bool Recovery::PassToChunk(EntryCursor* cursor) {
  const std::uint64_t offset = cursor->offset();
  if (!HasMapFrom(offset)) return false;
  absl::StatusOr<std::optional<std::uint64_t>> next = map_->Next(cursor->position());
  if (next.ok() && *next == offset) next = map_->Next(cursor->position());  // it was tried
  if (!next.ok() || !next->has_value()) return false;
  cursor->PassDamage(**next);
  return true;
}

bool Recovery::PassToFooter(EntryCursor* cursor) {
  if (std::exchange(is_past_footer_, true)) return false;
  const std::optional<std::uint64_t> footer = footer_ ? footer_ : map_->footer();
  if (footer) cursor->PassDamage(*footer);
  return footer.has_value();
}

bool Recovery::PassDamage(EntryCursor* cursor) {
  return PassToChunk(cursor) || PassToFooter(cursor);
}

bool Recovery::PassGap(EntryCursor* cursor) {
  if (map_ || !HasMapFrom(cursor->offset())) return false;
  const absl::StatusOr<std::optional<std::uint64_t>> next = map_->Next(cursor->position());
  if (!next.ok() || !next->has_value()) return false;
  cursor->PassDamage(**next);
  return true;
}

void Recovery::PassChunk(std::uint64_t offset, EntryCursor* cursor) {
  taken_offset_ = offset;
  if (!map_) return;
  const absl::StatusOr<std::optional<std::uint64_t>> next = map_->Next(cursor->position());
  if (next.ok() && next->has_value()) {
    cursor->GoTo(**next);
  } else {
    PassToFooter(cursor);
  }
}

void Recovery::Restart() {
  map_.reset();
  taken_offset_ = 0;
  is_past_footer_ = false;
}

}  // namespace groundhog::traces
