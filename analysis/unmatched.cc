#include "analysis/unmatched.h"

#include <array>

namespace groundhog::analysis {

void Unmatched::Add(Side side, const KeyedRecord& added) {
  const Place place = PlaceOf(added);
  Heads::iterator head = heads_.try_emplace(place, kNone).first;
  std::uint32_t last = kNone;
  std::size_t length = 0;
  for (std::uint32_t i = head->second; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    if (entry.side != side && HaveSameKind(entry.record, *added.record)) {
      take_(Aligned(side, added, KeyedOf(entry)));
      (last == kNone ? head->second : entries_[last].next) = entry.next;
      Free(i);
      if (head->second == kNone) heads_.erase(head);
      return;
    }
    last = i;
    ++length;
  }
  if (length == kMatchedTogetherMax) {
    SettlePlace(head);
    head = heads_.try_emplace(place, kNone).first;
    last = kNone;
  }
  const std::uint32_t index = Keep(side, added);
  (last == kNone ? head->second : entries_[last].next) = index;
  if (count_ > records_max_) SettleOldest();
}

void Unmatched::SettleBefore(sim::VirtualTime time) {
  while (oldest_ != kNone && entries_[oldest_].record.time < time) SettleOldest();
}

void Unmatched::SettleAll() {
  while (oldest_ != kNone) SettleOldest();
}

std::uint32_t Unmatched::Keep(Side side, const KeyedRecord& kept) {
  std::uint32_t index = free_;
  if (index == kNone) {
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    free_ = entries_[index].next;
  }
  entries_[index] = {.record = *kept.record,
                     .trace_key = kept.trace_key,
                     .next = kNone,
                     .older = newest_,
                     .newer = kNone,
                     .side = side};
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = index;
  newest_ = index;
  ++count_;
  return index;
}

void Unmatched::Free(std::uint32_t index) {
  Entry& entry = entries_[index];
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  entry.next = free_;
  free_ = index;
  --count_;
}

void Unmatched::SettlePlace(Heads::iterator place) {
  std::array<KeyedRecord, kMatchedTogetherMax> a;
  std::array<KeyedRecord, kMatchedTogetherMax> b;
  std::size_t count_a = 0;
  std::size_t count_b = 0;
  for (std::uint32_t i = place->second; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    (entry.side == Side::kA ? a[count_a++] : b[count_b++]) = KeyedOf(entry);
  }
  MatchAtPlace({a.data(), count_a}, {b.data(), count_b}, take_);
  for (std::uint32_t i = place->second; i != kNone;) {
    const std::uint32_t next = entries_[i].next;
    Free(i);
    i = next;
  }
  heads_.erase(place);
}

void Unmatched::SettleOldest() { SettlePlace(heads_.find(PlaceOf(KeyedOf(entries_[oldest_])))); }

}  // namespace groundhog::analysis
