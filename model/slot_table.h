// Values in reused slots, referred to by handle. A reference remembers the value's epoch as well:
// once the value has moved on (freed, reused, or its owner counted the epoch up) the reference is
// stale, which is how timers and messages that come too late are told apart.
#ifndef GROUNDHOG_MODEL_SLOT_TABLE_H_
#define GROUNDHOG_MODEL_SLOT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace groundhog::model {

using SlotHandle = std::uint32_t;
inline constexpr SlotHandle kNoSlot = 0xFFFFFFFFu;

struct SlotReference {
  SlotHandle handle = kNoSlot;
  std::uint32_t epoch = 0;
};

// Memory follows the number of values in use. T has a member `epoch` and a default that marks a
// free slot. Handles must be valid.
template <class T>
class SlotTable {
 public:
  // A fresh value; earlier references to its slot are stale. May move all values: pointers and
  // C++ references obtained before are invalid.
  SlotHandle Allocate() {
    if (free_.empty()) {
      values_.emplace_back();
      return static_cast<SlotHandle>(values_.size() - 1);
    }
    const SlotHandle handle = free_.back();
    free_.pop_back();
    return handle;
  }

  void Free(SlotHandle handle) {
    const std::uint32_t epoch = values_[handle].epoch + 1;
    values_[handle] = T();
    values_[handle].epoch = epoch;
    free_.push_back(handle);
  }

  T& operator[](SlotHandle handle) { return values_[handle]; }
  const T& operator[](SlotHandle handle) const { return values_[handle]; }

  SlotReference Reference(SlotHandle handle) const { return {handle, values_[handle].epoch}; }
  bool IsCurrent(SlotReference reference) const {
    return values_[reference.handle].epoch == reference.epoch;
  }

  // Handles are below this.
  SlotHandle size() const { return static_cast<SlotHandle>(values_.size()); }
  std::size_t in_use() const { return values_.size() - free_.size(); }

 private:
  std::vector<T> values_;
  std::vector<SlotHandle> free_;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SLOT_TABLE_H_
