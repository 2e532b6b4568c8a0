// The queue of pending events, in the one total order that makes a run repeatable.
//
// Events are ordered by (time, target, sender, sequence). The sender of an event knows all four, so
// the order is the same whether one queue holds all entities or each of several queues holds some.
// There is no global counter.
//
// Inside: a 4-ary heap of 16-byte keys (time, target, slot), four children to a cache line, over a
// slab of the events themselves. Pop leaves the root vacant, because the handler of an event
// usually sends another one, which then sinks from the root: one walk serves both, and it is short
// for the many events of the near future. kernel_benchmark compares it with std::priority_queue.
// Any other structure would give the same order.
//
// Not safe for use by several threads at once. Memory grows to the largest number of pending events
// and is kept for reuse.
#ifndef GROUNDHOG_SIM_EVENT_QUEUE_H_
#define GROUNDHOG_SIM_EVENT_QUEUE_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "sim/check.h"
#include "sim/entity.h"
#include "sim/time.h"

namespace groundhog::sim {

// An event's place in the total order. `sequence` counts what its sender has sent, so that no two
// events are equal.
struct EventOrder {
  VirtualTime time;
  EntityId target{};
  EntityId sender{};
  std::uint64_t sequence = 0;

  constexpr auto operator<=>(const EventOrder&) const = default;
};

// `Payload` is a small plain value: what happens.
template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
class EventQueue {
 public:
  struct Event {
    EventOrder order;
    Payload payload;
  };

  EventQueue() : groups_(2, kEmptyGroup) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // The time of the next event; VirtualTime::Max(), "never", if none is pending.
  VirtualTime next_time() const { return First().time; }

  // The next event's place in the order. At least one event must be pending.
  EventOrder Top() const {
    Check(!empty(), "an event is pending when the queue's top is asked for");
    return OrderOf(First());
  }

  // Adds an event. Its time must not lie before that of the last event popped, and must be before
  // VirtualTime::Max(). Allocates only when more events are pending than ever before.
  void Push(const EventOrder& order, const Payload& payload);

  // Removes the next event and writes it to *event; at least one must be pending. Stops the run if
  // an equal one is pending too.
  void Pop(Event* event);
  Event Pop() {
    Event event;
    Pop(&event);
    return event;
  }

 private:
  static constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;

  // What the heap compares. Unused places hold kNever, so that no group of children has a hole.
  struct Key {
    VirtualTime time;
    std::uint64_t target_and_slot;  // target << 32 | slot

    std::uint32_t slot() const { return static_cast<std::uint32_t>(target_and_slot); }
    EntityId target() const { return EntityId{static_cast<std::uint32_t>(target_and_slot >> 32)}; }
  };
  struct alignas(64) Group {
    std::array<Key, 4> keys;
  };
  struct Slot {
    std::uint64_t sequence;
    EntityId sender;
    std::uint32_t next_free;
    Payload payload;
  };

  static constexpr Key kNever = {VirtualTime::Max(), ~std::uint64_t{0}};
  static constexpr Group kEmptyGroup = {{kNever, kNever, kNever, kNever}};

  // Places count from kRoot, so that the four children of one parent share a group. Events occupy
  // the size_ places from kRoot on, or from the place after it while the root is vacant.
  static constexpr std::size_t kRoot = 3;
  static constexpr std::size_t FirstChild(std::size_t place) { return 4 * place - 8; }
  static constexpr std::size_t Parent(std::size_t place) { return place / 4 + 2; }

  Key& At(std::size_t place) { return groups_[place / 4].keys[place % 4]; }
  const Key& At(std::size_t place) const { return groups_[place / 4].keys[place % 4]; }

  const Key& First() const {
    const Group& below_root = groups_[FirstChild(kRoot) / 4];
    return root_is_vacant_ ? below_root.keys[Least(below_root)] : At(kRoot);
  }

  EventOrder OrderOf(const Key& key) const {
    const Slot& slot = slots_[key.slot()];
    return {key.time, key.target(), slot.sender, slot.sequence};
  }

  // Whether a comes before b. Only ties in time look beyond the two keys.
  bool Before(const Key& a, const Key& b) const {
    if (a.time == b.time) [[unlikely]] {
      return TiedBefore(a, b);
    }
    return a.time < b.time;
  }
  bool TiedBefore(const Key& a, const Key& b) const;

  // The least of the four children in `group`, as an index into it.
  std::size_t Least(const Group& group) const;

  std::uint32_t TakeSlot(const EventOrder& order, const Payload& payload);

  // Puts the key where it belongs: at `place` or above it.
  void Rise(std::size_t place, Key key);
  // Puts the key where it belongs, given that the root is vacant and places from `end` on are
  // unused.
  void Sink(std::size_t end, Key key);
  // Fills the vacant root with the last key.
  void FillRoot();

  std::vector<Group> groups_;
  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  bool root_is_vacant_ = false;
  std::uint32_t first_free_ = kNoSlot;
  VirtualTime last_popped_time_ = VirtualTime(std::numeric_limits<std::int64_t>::min());
};

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
bool EventQueue<Payload>::TiedBefore(const Key& a, const Key& b) const {
  if (a.slot() == kNoSlot || b.slot() == kNoSlot) {
    return b.slot() == kNoSlot && a.slot() != kNoSlot;
  }
  const std::strong_ordering order = OrderOf(a) <=> OrderOf(b);
  // In any correct heap two equal events are compared before either is popped.
  Check(order != 0, "no two events have the same time, target, sender and sequence");
  return order < 0;
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
std::size_t EventQueue<Payload>::Least(const Group& group) const {
  const std::size_t left = Before(group.keys[1], group.keys[0]) ? 1 : 0;
  const std::size_t right = Before(group.keys[3], group.keys[2]) ? 3 : 2;
  // By a mask: compilers turn a conditional into a branch that is mispredicted every third time.
  const std::size_t is_right = Before(group.keys[right], group.keys[left]) ? 1 : 0;
  return left ^ ((left ^ right) & (std::size_t{0} - is_right));
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
std::uint32_t EventQueue<Payload>::TakeSlot(const EventOrder& order, const Payload& payload) {
  std::uint32_t index = first_free_;
  if (index == kNoSlot) {
    Check(slots_.size() < kNoSlot, "fewer than 2^32 - 1 events are pending");
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    first_free_ = slots_[index].next_free;
  }
  // Field by field: copying a whole Slot would read the bytes just written back in wider words.
  Slot& slot = slots_[index];
  slot.sequence = order.sequence;
  slot.sender = order.sender;
  slot.payload = payload;
  return index;
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
void EventQueue<Payload>::Rise(std::size_t place, Key key) {
  while (place != kRoot) {
    const std::size_t parent = Parent(place);
    if (!Before(key, At(parent))) {
      break;
    }
    At(place) = At(parent);
    place = parent;
  }
  At(place) = key;
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
void EventQueue<Payload>::Sink(std::size_t end, Key key) {
  root_is_vacant_ = false;
  std::size_t vacant = kRoot;
  for (std::size_t child = FirstChild(vacant); child < end; child = FirstChild(vacant)) {
    const std::size_t least = child + Least(groups_[child / 4]);
    if (Before(key, At(least))) {
      break;
    }
    At(vacant) = At(least);
    vacant = least;
  }
  At(vacant) = key;
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
void EventQueue<Payload>::FillRoot() {
  const std::size_t last_place = kRoot + size_;
  const Key last = At(last_place);
  At(last_place) = kNever;
  Sink(last_place, last);
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
void EventQueue<Payload>::Push(const EventOrder& order, const Payload& payload) {
  Check(order.time >= last_popped_time_, "time never runs back");
  Check(order.time < VirtualTime::Max(), "an event has a time");
  const std::uint32_t slot = TakeSlot(order, payload);
  const Key key = {order.time, (std::uint64_t{Index(order.target)} << 32) | slot};
  const std::size_t place = kRoot + size_;
  ++size_;
  if (root_is_vacant_) {
    Sink(place + 1, key);
    return;
  }
  if (place / 4 == groups_.size()) {
    groups_.push_back(kEmptyGroup);
  }
  Rise(place, key);
}

template <class Payload>
  requires std::is_trivially_copyable_v<Payload>
void EventQueue<Payload>::Pop(Event* event) {
  Check(!empty(), "an event is pending when one is popped");
  if (root_is_vacant_) {
    FillRoot();
  }
  const Key top = At(kRoot);
  Slot& slot = slots_[top.slot()];
  event->order = {top.time, top.target(), slot.sender, slot.sequence};
  event->payload = slot.payload;
  slot.next_free = first_free_;
  first_free_ = top.slot();
  root_is_vacant_ = true;
  last_popped_time_ = top.time;
  --size_;
}

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_EVENT_QUEUE_H_
