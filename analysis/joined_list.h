// One list of a catalogue, made of the lists of several traces: the same entry is there once.
#ifndef GROUNDHOG_ANALYSIS_JOINED_LIST_H_
#define GROUNDHOG_ANALYSIS_JOINED_LIST_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "traces/catalogue.h"

namespace groundhog::analysis {

// What is equal in entries that are the same one.
inline std::string IdentityOf(const traces::ServiceEntry& entry) { return entry.name; }
inline std::string IdentityOf(const traces::CallPathEntry& entry) { return entry.name; }
inline std::string IdentityOf(const traces::FaultEntry& entry) { return entry.name; }
inline std::string IdentityOf(const std::string& error_code) { return error_code; }
inline std::tuple<traces::EntityKind, std::string, std::uint64_t> IdentityOf(
    const traces::EntityEntry& entry) {
  return {entry.kind, entry.name, entry.key_delta};
}
inline std::pair<std::string, std::vector<traces::SlotKind>> IdentityOf(
    const traces::MessageTemplate& entry) {
  return {entry.text, entry.slots};
}

// Not thread-safe.
template <class Entry>
class JoinedList {
 public:
  // `joint` must outlive this; what it has already stays as it is.
  explicit JoinedList(std::vector<Entry>* joint) : joint_(*joint) {
    for (std::size_t i = 0; i < joint_.size(); ++i) {
      known_.try_emplace(IdentityOf(joint_[i]), static_cast<std::uint32_t>(i));
    }
  }

  // Appends what is new in `own`. Returns the joint indices of its entries; of those that `own`
  // lists twice, that of the first.
  std::vector<std::uint32_t> Add(const std::vector<Entry>& own) {
    std::vector<std::uint32_t> indices;
    indices.reserve(own.size());
    for (const Entry& entry : own) {
      const auto [at, is_new] =
          known_.try_emplace(IdentityOf(entry), static_cast<std::uint32_t>(joint_.size()));
      if (is_new) joint_.push_back(entry);
      indices.push_back(at->second);
    }
    return indices;
  }

 private:
  std::vector<Entry>& joint_;
  std::map<decltype(IdentityOf(std::declval<Entry>())), std::uint32_t> known_;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_JOINED_LIST_H_
