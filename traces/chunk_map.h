// Where the chunks of the rest of a damaged file are, in the order of their records: a chunk may be
// in the wrong place, or be there twice, and the footer may not be the last entry.
#ifndef GROUNDHOG_TRACES_CHUNK_MAP_H_
#define GROUNDHOG_TRACES_CHUNK_MAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "traces/entry_search.h"

namespace groundhog::traces {

// How many chunks a map has at most, which bounds its memory to 16 MiB. Of a larger file it has the
// first ones; the next ones follow when these have been read.
inline constexpr std::size_t kMappedChunksMax = std::size_t{1} << 20;

// One thread.
class ChunkMap {
 public:
  // `search` must outlive this.
  explicit ChunkMap(EntrySearch& search, std::size_t chunks_max = kMappedChunksMax)
      : search_(search), chunks_max_(chunks_max) {}

  // Maps the file from byte `begin` on, which reads it. Errors: FileInput's.
  absl::Status Make(std::uint64_t begin);

  // The offset of the first sound chunk that was not given yet and begins with the record at
  // `position` or a later one; nullopt: there is none. Call it with positions that do not run back.
  // Errors: FileInput's.
  absl::StatusOr<std::optional<std::uint64_t>> Next(std::uint64_t position);

  // The last sound entry with a footer that was seen; nullopt: none.
  std::optional<std::uint64_t> footer() const { return footer_; }

 private:
  struct Place {
    std::uint64_t first_position = 0;
    std::uint64_t offset = 0;
    auto operator<=>(const Place&) const = default;
  };

  void Take(std::uint64_t offset);

  EntrySearch& search_;
  const std::size_t chunks_max_;
  std::vector<Place> chunks_;
  std::size_t next_ = 0;               // of chunks_
  std::optional<std::uint64_t> rest_;  // where what is not mapped yet begins
  std::optional<std::uint64_t> footer_;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_CHUNK_MAP_H_
