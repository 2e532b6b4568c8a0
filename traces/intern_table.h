// An intern table: gives each distinct 128-bit key a dense index, in the order of first sight.
// Open addressing; iteration is over the keys in that order, never over the hash table, so nothing
// depends on hash order. Not thread-safe.
#ifndef GROUNDHOG_TRACES_INTERN_TABLE_H_
#define GROUNDHOG_TRACES_INTERN_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace groundhog::traces {

struct InternKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const InternKey&) const = default;
};

class InternTable {
 public:
  InternTable() : slots_(kSlotsMin, kEmpty) {}

  // The key's index; a new key gets the next one, size() before the call.
  std::uint32_t Intern(const InternKey& key) {
    if (last_ < keys_.size() && keys_[last_] == key) return last_;
    std::size_t at = Hash(key) & (slots_.size() - 1);
    while (slots_[at] != kEmpty) {
      if (keys_[slots_[at]] == key) return last_ = slots_[at];
      at = (at + 1) & (slots_.size() - 1);
    }
    last_ = static_cast<std::uint32_t>(keys_.size());
    slots_[at] = last_;
    keys_.push_back(key);
    if (keys_.size() * 2 > slots_.size()) Grow();
    return last_;
  }

  // The key's index; nullopt: it is not there.
  std::optional<std::uint32_t> Find(const InternKey& key) const {
    std::size_t at = Hash(key) & (slots_.size() - 1);
    while (slots_[at] != kEmpty) {
      if (keys_[slots_[at]] == key) return slots_[at];
      at = (at + 1) & (slots_.size() - 1);
    }
    return std::nullopt;
  }

  std::size_t size() const { return keys_.size(); }
  const std::vector<InternKey>& keys() const { return keys_; }

  void Clear() {
    keys_.clear();
    last_ = 0;
    std::fill(slots_.begin(), slots_.end(), kEmpty);
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFF'FFFF;
  static constexpr std::size_t kSlotsMin = 64;

  static std::size_t Hash(const InternKey& key) {
    std::uint64_t mixed = (key.high ^ (key.low >> 29)) * 0x9E37'79B9'7F4A'7C15;
    mixed = (mixed ^ (mixed >> 32) ^ key.low) * 0xBF58'476D'1CE4'E5B9;
    return static_cast<std::size_t>(mixed ^ (mixed >> 31));
  }

  void Grow() {
    slots_.assign(slots_.size() * 2, kEmpty);
    for (std::uint32_t i = 0; i < keys_.size(); ++i) {
      std::size_t at = Hash(keys_[i]) & (slots_.size() - 1);
      while (slots_[at] != kEmpty) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i;
    }
  }

  std::vector<InternKey> keys_;
  std::vector<std::uint32_t> slots_;
  std::uint32_t last_ = 0;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_INTERN_TABLE_H_
