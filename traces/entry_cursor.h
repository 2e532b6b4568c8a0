// Where reading in order is: at which entry, and what must hold of the next chunk so that nothing
// is lost, doubled or out of order.
//
// Plain value; one thread.
#ifndef GROUNDHOG_TRACES_ENTRY_CURSOR_H_
#define GROUNDHOG_TRACES_ENTRY_CURSOR_H_

#include <cstdint>

#include "absl/status/status.h"
#include "sim/entity.h"
#include "sim/time.h"
#include "traces/chunk_codec.h"
#include "traces/record.h"
#include "traces/summary.h"

namespace groundhog::traces {

class EntryCursor {
 public:
  enum class State {
    kInOrder,      // the next chunk must follow the one before
    kAtGap,        // records before this chunk are missing, which was reported: it is taken next
    kAfterDamage,  // the entry before was damaged and passed over: records may be missing
    kEnded,
  };

  State state() const { return state_; }
  bool has_ended() const { return state_ == State::kEnded; }
  // Of the next entry in the file.
  std::uint64_t offset() const { return offset_; }
  // Of the next chunk's first record, if none is missing.
  std::uint64_t position() const { return position_; }
  sim::VirtualTime last_time() const { return last_time_; }

  // To the chunk that an index entry describes.
  void MoveTo(const IndexEntry& entry);
  // To the entry at `offset`, which is the next one in order.
  void GoTo(std::uint64_t offset) { offset_ = offset; }
  // To the entry at `offset`, past one that is damaged.
  void PassDamage(std::uint64_t offset);
  void End(std::uint64_t offset);

  // DataLoss: a chunk with this head cannot be the next one. Missing records are reported once:
  // the state is kAtGap then, in which the same head is in order.
  absl::Status CheckHead(const ChunkHead& head);
  // DataLoss: the chunk's first record cannot follow the last one.
  absl::Status CheckFirst(const Record& first) const;
  // Past a chunk whose entry has so many bytes. `last` is its last record; null: not decoded.
  void PassChunk(const ChunkHead& head, std::uint64_t entry_bytes, const Record* last);

 private:
  State state_ = State::kInOrder;
  std::uint64_t offset_ = 0;
  std::uint64_t position_ = 0;
  sim::VirtualTime last_time_;
  sim::EntityId last_host_{};
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_ENTRY_CURSOR_H_
