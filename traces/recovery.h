// Where a thorough reader goes on after damage: at the next chunk in the order of records, wherever
// it is in the file, and after the last one at the footer. FORMAT.md, "Recovery".
#ifndef GROUNDHOG_TRACES_RECOVERY_H_
#define GROUNDHOG_TRACES_RECOVERY_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "traces/chunk_map.h"
#include "traces/entry_cursor.h"
#include "traces/entry_search.h"
#include "traces/file_ends.h"
#include "traces/file_input.h"

namespace groundhog::traces {

// A header that is not where it should be.
struct FoundHeader {
  FileHeader header;
  std::uint64_t offset = 0;              // of its entry, or of the one that repeats it
  std::uint64_t first_chunk_offset = 0;  // or of what is in its place
};

// Of an input that can seek. Reads nothing before the first damage. The functions that move a
// cursor return whether they did. Input that cannot be read counts as damaged. One thread.
class Recovery {
 public:
  // `input` must outlive this.
  explicit Recovery(FileInput& input) : search_(input) {}

  // See EntrySearch.
  bool has_given_up() const { return search_.has_given_up(); }

  // The first sound header in the file, in an entry of its own or repeated; nullopt: none.
  std::optional<FoundHeader> FindHeader();

  // The footer of a complete trace is at `offset`.
  void KnowFooter(std::uint64_t offset) { footer_ = offset; }
  // A footer was read, so that no other one is needed.
  void PassFooter() { is_past_footer_ = true; }

  // The chunk at `offset` was taken, and `cursor` is past it: moves on if there was damage before.
  void PassChunk(std::uint64_t offset, EntryCursor* cursor);
  // What is at the cursor cannot be taken.
  bool PassDamage(EntryCursor* cursor);
  // The same, but only to a chunk.
  bool PassToChunk(EntryCursor* cursor);
  // The cursor is before a chunk whose records do not follow. May move to where it is, if none that
  // come before them are anywhere.
  bool PassGap(EntryCursor* cursor);
  // Reading goes back: forgets what is damaged.
  void Restart();

 private:
  bool HasMapFrom(std::uint64_t offset);
  bool PassToFooter(EntryCursor* cursor);

  EntrySearch search_;
  std::optional<ChunkMap> map_;     // of what comes after the first damage
  std::uint64_t taken_offset_ = 0;  // of the last chunk that was taken
  std::optional<std::uint64_t> footer_;
  bool is_past_footer_ = false;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_RECOVERY_H_
