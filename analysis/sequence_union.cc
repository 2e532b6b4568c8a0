#include "analysis/sequence_union.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <set>
#include <utility>

namespace groundhog::analysis {
namespace {

using Item = std::uint32_t;
using Part = std::uint32_t;

// How often it may be looked up which parts have an item where: of each item of the parts, for each
// part, which is more than items take that are all different; and anyhow.
constexpr std::size_t kLookUpsPerItemAndPart = 8;
constexpr std::size_t kLookUpsPerItem = 128;
constexpr std::size_t kLookUpsMin = 1'000'000;
// The states from which there is no way are remembered up to here.
constexpr std::size_t kDeadBytesMax = std::size_t{8} << 20;

// How good it is to take an item next, of those that are at the head of a part. To take it means to
// take it from all parts that have it at their head.
enum Merit : std::uint8_t {
  // All parts that have it still have it at their head: no sequence is shorter than one that begins
  // with it.
  kCertain,
  // All parts that have it most often have it at their head: the sequence becomes no longer than
  // what the parts have of each item at most.
  kFitting,
  // One more than that.
  kExtra,
  kNone,  // at no head
};

// What is left of the parts, and what was taken of them.
class Remainder {
 public:
  Remainder(std::span<const std::vector<Item>> parts, Item items);

  bool is_empty() const { return std::ranges::all_of(by_merit_, &std::set<Item>::empty); }
  const std::set<Item>& Heads(Merit merit) const { return by_merit_[merit]; }
  void Take(Item item);
  const std::vector<Item>& taken() const { return taken_; }
  // Puts back what was taken last, so that `size` items stay taken.
  void PutBack(std::size_t size);
  // How much of each part is taken: two states are equal if these are.
  const std::vector<std::uint32_t>& positions() const { return at_; }
  // How much time all this has taken: how often it was looked up what a part has of an item.
  std::size_t look_ups() const { return look_ups_; }

 private:
  static constexpr Item kEnd = std::numeric_limits<Item>::max();

  // A part that has an item.
  struct Holder {
    Part part = 0;
    std::uint32_t left = 0;  // how often, from its head on
  };

  Item HeadOf(Part part) const {
    return at_[part] < parts_[part].size() ? parts_[part][at_[part]] : kEnd;
  }
  std::span<Holder> HoldersOf(Item item) {
    return std::span(holders_).subspan(first_holder_[item],
                                       first_holder_[item + 1] - first_holder_[item]);
  }
  Merit MeritOf(Item item);
  void Update(Item item);

  std::span<const std::vector<Item>> parts_;
  std::vector<std::uint32_t> at_;            // by part: its head
  std::vector<std::uint32_t> first_holder_;  // by item; one more, as the end of the last
  std::vector<Holder> holders_;              // by item, then part
  std::vector<Merit> merits_;                // by item
  std::array<std::set<Item>, kNone> by_merit_;
  std::vector<Item> taken_;
  std::vector<std::uint32_t> holders_taken_;  // by time: of what taken_ was taken
  std::vector<std::uint32_t> taken_until_;    // by taken_: the end of its part of holders_taken_
  std::size_t look_ups_ = 0;
};

Remainder::Remainder(std::span<const std::vector<Item>> parts, Item items)
    : parts_(parts), at_(parts.size()), first_holder_(items + 1), merits_(items, kNone) {
  std::vector<Part> part_before(items, kEnd);
  for (Part part = 0; part < parts.size(); ++part) {
    for (const Item item : parts[part]) {
      if (std::exchange(part_before[item], part) != part) ++first_holder_[item + 1];
    }
  }
  for (Item item = 0; item < items; ++item) first_holder_[item + 1] += first_holder_[item];
  holders_.resize(first_holder_.back());
  std::vector<std::uint32_t> end(first_holder_.begin(), first_holder_.end() - 1);
  std::ranges::fill(part_before, kEnd);
  for (Part part = 0; part < parts.size(); ++part) {
    for (const Item item : parts[part]) {
      if (std::exchange(part_before[item], part) != part) holders_[end[item]++].part = part;
      ++holders_[end[item] - 1].left;
    }
  }
  for (Part part = 0; part < parts.size(); ++part) {
    if (HeadOf(part) != kEnd) Update(HeadOf(part));
  }
}

Merit Remainder::MeritOf(Item item) {
  std::uint32_t left_max = 0;
  bool is_at_head = false;
  bool is_at_every_head = true;
  bool is_at_every_head_of_most = true;
  const std::span<const Holder> holders = HoldersOf(item);
  look_ups_ += holders.size();
  for (const Holder& holder : holders) {
    if (holder.left == 0) continue;
    const bool has_it_at_head = HeadOf(holder.part) == item;
    is_at_head |= has_it_at_head;
    is_at_every_head &= has_it_at_head;
    if (holder.left > left_max) {
      left_max = holder.left;
      is_at_every_head_of_most = has_it_at_head;
    } else if (holder.left == left_max) {
      is_at_every_head_of_most &= has_it_at_head;
    }
  }
  if (!is_at_head) return kNone;
  if (is_at_every_head) return kCertain;
  return is_at_every_head_of_most ? kFitting : kExtra;
}

void Remainder::Update(Item item) {
  const Merit merit = MeritOf(item);
  const Merit before = std::exchange(merits_[item], merit);
  if (merit == before) return;
  if (before != kNone) by_merit_[before].erase(item);
  if (merit != kNone) by_merit_[merit].insert(item);
}

void Remainder::Take(Item item) {
  const std::size_t first = holders_taken_.size();
  const std::span<Holder> holders = HoldersOf(item);
  for (std::uint32_t i = 0; i < holders.size(); ++i) {
    if (holders[i].left == 0 || HeadOf(holders[i].part) != item) continue;
    --holders[i].left;
    ++at_[holders[i].part];
    holders_taken_.push_back(first_holder_[item] + i);
  }
  taken_.push_back(item);
  taken_until_.push_back(static_cast<std::uint32_t>(holders_taken_.size()));
  Update(item);
  Item updated = item;
  for (std::size_t i = first; i < holders_taken_.size(); ++i) {
    const Item head = HeadOf(holders_[holders_taken_[i]].part);
    if (head != kEnd && head != updated) Update(head);
    updated = head;
  }
}

void Remainder::PutBack(std::size_t size) {
  std::vector<Item> changed;
  while (taken_.size() > size) {
    changed.assign({taken_.back()});
    taken_.pop_back();
    taken_until_.pop_back();
    const std::size_t first = taken_until_.empty() ? 0 : taken_until_.back();
    while (holders_taken_.size() > first) {
      Holder& holder = holders_[holders_taken_.back()];
      holders_taken_.pop_back();
      if (HeadOf(holder.part) != kEnd) changed.push_back(HeadOf(holder.part));
      ++holder.left;
      --at_[holder.part];
    }
    for (const Item item : changed) Update(item);
  }
}

// Tries one item after the other where there is a choice, with more and more extra ones.
class Search {
 public:
  Search(std::span<const std::vector<Item>> parts, Item items) : left_(parts, items) {
    for (const std::vector<Item>& part : parts) {
      look_ups_max_ += (kLookUpsPerItem + kLookUpsPerItemAndPart * parts.size()) * part.size();
    }
  }

  std::optional<std::vector<Item>> Run() {
    for (std::size_t extra_max = 0; !is_given_up(); ++extra_max) {
      if (TryWith(extra_max)) return left_.taken();
      dead_.clear();
      dead_bytes_ = 0;
    }
    return std::nullopt;
  }

 private:
  using State = std::pair<std::vector<std::uint32_t>, std::size_t>;  // positions, extra items

  // A state in which there was a choice, and what was chosen.
  struct Choice {
    std::size_t taken = 0;
    std::size_t extra = 0;
    Merit merit = kFitting;
    std::optional<Item> item;
  };

  bool is_given_up() const { return left_.look_ups() > look_ups_max_; }

  void TakeCertain() {
    while (!left_.Heads(kCertain).empty() && !is_given_up()) {
      left_.Take(*left_.Heads(kCertain).begin());
    }
  }

  // The next choice in a state; false if there is none.
  bool Advance(std::size_t extra_max, Choice* choice) const {
    while (true) {
      const std::set<Item>& heads = left_.Heads(choice->merit);
      const auto next = choice->item ? heads.upper_bound(*choice->item) : heads.begin();
      if (next != heads.end()) {
        choice->item = *next;
        return true;
      }
      if (choice->merit == kExtra || choice->extra == extra_max) return false;
      choice->merit = kExtra;
      choice->item.reset();
    }
  }

  void RememberDead(std::size_t extra) {
    const std::size_t bytes = left_.positions().size() * sizeof(std::uint32_t) + 100;
    if (dead_bytes_ + bytes > kDeadBytesMax) return;
    dead_bytes_ += bytes;
    dead_.emplace(left_.positions(), extra);
  }

  // Whether there is a sequence with so many extra items; then it is what is taken.
  bool TryWith(std::size_t extra_max) {
    std::vector<Choice> choices;
    std::size_t extra = 0;
    do {
      TakeCertain();
      if (left_.is_empty()) return true;
      if (!dead_.contains(State(left_.positions(), extra))) {
        choices.push_back({.taken = left_.taken().size(), .extra = extra, .item = {}});
      }
      while (!choices.empty()) {
        left_.PutBack(choices.back().taken);
        if (Advance(extra_max, &choices.back())) break;
        RememberDead(choices.back().extra);
        choices.pop_back();
      }
      if (choices.empty()) break;
      extra = choices.back().extra + (choices.back().merit == kExtra ? 1 : 0);
      left_.Take(*choices.back().item);
    } while (!is_given_up());
    left_.PutBack(0);
    return false;
  }

  Remainder left_;
  std::size_t look_ups_max_ = kLookUpsMin;
  std::set<State> dead_;
  std::size_t dead_bytes_ = 0;
};

}  // namespace

std::optional<std::vector<std::uint32_t>> UniteSequences(
    std::span<const std::vector<std::uint32_t>> parts, std::uint32_t items) {
  return Search(parts, items).Run();
}

}  // namespace groundhog::analysis
