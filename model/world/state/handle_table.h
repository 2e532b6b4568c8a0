// Values in reused places, referred to by handle. A reference also has the value's epoch: once the
// value was freed or reused, or its owner has incremented the epoch, the reference is stale. This
// is how timers and messages that come too late are recognised.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_HANDLE_TABLE_H_
#define GROUNDHOG_MODEL_WORLD_STATE_HANDLE_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "sim/check.h"

namespace groundhog::model {

using Handle = std::uint32_t;
inline constexpr Handle kNoHandle = 0xFFFFFFFFu;

struct ValueReference {
  Handle handle = kNoHandle;
  std::uint32_t epoch = 0;

  constexpr bool operator==(const ValueReference&) const = default;
};

// Memory follows the largest number of values in use. Values never move: they live in blocks that
// are made when they are first needed. T has a member `epoch` and a default that marks a free
// place. Handles must be valid. One thread.
template <class T>
class HandleTable {
 public:
  HandleTable() = default;
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  // A fresh value; earlier references to its place are stale. References to other values stay
  // valid.
  Handle Allocate() {
    if (!free_.empty()) {
      const Handle handle = free_.back();
      free_.pop_back();
      return handle;
    }
    if (size_ % kBlock == 0) AddBlock();
    std::construct_at(&(*this)[size_]);
    return size_++;
  }

  void Free(Handle handle) {
    T& value = (*this)[handle];
    const std::uint32_t epoch = value.epoch + 1;
    std::construct_at(&value);  // in place: to copy a new value takes longer
    value.epoch = epoch;
    free_.push_back(handle);
  }

  T& operator[](Handle handle) { return blocks_[handle / kBlock][handle % kBlock]; }
  const T& operator[](Handle handle) const { return blocks_[handle / kBlock][handle % kBlock]; }

  ValueReference Reference(Handle handle) const { return {handle, (*this)[handle].epoch}; }
  bool IsCurrent(ValueReference reference) const {
    return (*this)[reference.handle].epoch == reference.epoch;
  }

  std::size_t in_use() const { return size_ - free_.size(); }

 private:
  // Large blocks: few pointers lead to all values, and one load finds a value's block. Memory that
  // was never used is not touched.
  static constexpr Handle kBlock = 1u << 16;
  static constexpr std::size_t kBlocksMax = 1024;

  struct Deallocate {
    void operator()(T* block) const { std::allocator<T>().deallocate(block, kBlock); }
  };
  using Block = std::unique_ptr<T, Deallocate>;
  static_assert(std::is_trivially_destructible_v<T>);

  void AddBlock() {
    sim::Check(storage_.size() < kBlocksMax, "fewer than 2^26 values are in use");
    storage_.push_back(Block(std::allocator<T>().allocate(kBlock)));
    blocks_[storage_.size() - 1] = storage_.back().get();
  }

  std::array<T*, kBlocksMax> blocks_{};
  std::vector<Block> storage_;  // owns the blocks
  std::vector<Handle> free_;
  Handle size_ = 0;  // handles are below this
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_HANDLE_TABLE_H_
