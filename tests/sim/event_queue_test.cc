#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/random.h"
#include "tests/sim/seed_flag.h"

namespace groundhog::sim {
namespace {

using Queue = EventQueue<int>;

EventOrder Order(std::int64_t time, std::uint32_t target, std::uint32_t sender,
                 std::uint64_t sequence) {
  return {VirtualTime(time), EntityId{target}, EntityId{sender}, sequence};
}

std::vector<int> PopAll(Queue& queue) {
  std::vector<int> payloads;
  while (!queue.empty()) {
    payloads.push_back(queue.Pop().payload);
  }
  return payloads;
}

TEST(EventQueue, EveryPermutationOfSixTiedEventsLeavesInOrder) {
  // All at one time; they differ in target, then sender, then sequence.
  const std::array<EventOrder, 6> sorted = {Order(5, 0, 9, 9), Order(5, 1, 0, 7),
                                            Order(5, 1, 0, 8), Order(5, 1, 2, 0),
                                            Order(5, 2, 0, 0), Order(5, 2, 1, 0)};
  std::array<int, 6> arrival = {0, 1, 2, 3, 4, 5};
  int permutations = 0;
  do {
    Queue queue;
    for (const int index : arrival) {
      queue.Push(sorted[static_cast<std::size_t>(index)], index);
    }
    ASSERT_EQ(PopAll(queue), (std::vector<int>{0, 1, 2, 3, 4, 5}));
    ++permutations;
  } while (std::next_permutation(arrival.begin(), arrival.end()));
  EXPECT_EQ(permutations, 720);
}

TEST(EventQueue, EveryPermutationLeavesInOrderAfterAPop) {
  // As above, but pushed while the root is vacant.
  const std::array<EventOrder, 6> sorted = {Order(5, 0, 9, 9), Order(5, 1, 0, 7),
                                            Order(5, 1, 0, 8), Order(5, 1, 2, 0),
                                            Order(5, 2, 0, 0), Order(5, 2, 1, 0)};
  std::array<int, 6> arrival = {0, 1, 2, 3, 4, 5};
  do {
    Queue queue;
    queue.Push(Order(4, 0, 0, 0), -1);
    for (const int index : arrival) {
      queue.Push(sorted[static_cast<std::size_t>(index)], index);
      if (index == arrival[2]) {
        ASSERT_EQ(queue.Pop().payload, -1);
      }
    }
    ASSERT_EQ(PopAll(queue), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  } while (std::next_permutation(arrival.begin(), arrival.end()));
}

TEST(EventQueue, LargeTargetsOrderAsUnsignedNumbers) {
  Queue queue;
  queue.Push(Order(5, 0xFFFFFFFE, 0, 0), 2);
  queue.Push(Order(5, 0x7FFFFFFF, 0xFFFFFFFF, 0), 1);
  queue.Push(Order(5, 0, 0, 0xFFFFFFFFFFFFFFFF), 0);
  EXPECT_EQ(PopAll(queue), (std::vector<int>{0, 1, 2}));
}

// A random operation's event: many ties in time, target and sender; never two equal events.
EventOrder RandomOrder(const DrawBlock& draws, VirtualTime now, std::uint64_t sequence) {
  return {now + Duration(draws.BelowMultiply(0, 40)), EntityId{draws.BelowMultiply(1, 4)},
          EntityId{draws.BelowMultiply(2, 4)}, sequence};
}

TEST(EventQueue, HundredThousandRandomOperationsAgreeWithASortedList) {
  SCOPED_TRACE(testing::Message() << "repeat with --seed=" << TestSeed());
  const StreamKey key(TestSeed(), "event_queue_test");
  Queue queue;
  std::vector<std::pair<EventOrder, int>> model;  // descending: the next is at the back
  VirtualTime now;
  std::size_t most_pending = 0;
  for (int i = 0; i < 100'000; ++i) {
    const DrawBlock draws = Draw(key, {.ordinal = static_cast<std::uint64_t>(i)});
    // Waves: for 5,000 operations pushes prevail, for the next 5,000 pops do.
    const std::uint32_t push_percent = i / 5'000 % 2 == 0 ? 55 : 45;
    if (model.empty() || draws.BelowMultiply(3, 100) < push_percent) {
      const EventOrder order = RandomOrder(draws, now, static_cast<std::uint64_t>(i));
      queue.Push(order, i);
      const std::pair<EventOrder, int> added = {order, i};
      model.insert(std::lower_bound(model.begin(), model.end(), added, std::greater<>()), added);
    } else {
      const Queue::Event event = queue.Pop();
      ASSERT_EQ(event.order, model.back().first) << "operation " << i;
      ASSERT_EQ(event.payload, model.back().second) << "operation " << i;
      model.pop_back();
      now = event.order.time;
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.next_time(), model.empty() ? VirtualTime::Max() : model.back().first.time);
    if (!model.empty()) {
      ASSERT_EQ(queue.Top(), model.back().first);
    }
    most_pending = std::max(most_pending, model.size());
  }
  EXPECT_GT(most_pending, 300u);
}

TEST(EventQueue, EmptyQueueHasNoNextTime) {
  Queue queue;
  EXPECT_EQ(queue.next_time(), VirtualTime::Max());
  queue.Push(Order(3, 0, 0, 0), 0);
  EXPECT_EQ(queue.next_time(), VirtualTime(3));
  queue.Pop();
  EXPECT_EQ(queue.next_time(), VirtualTime::Max());
}

TEST(EventQueue, AnEventAtThePresentMayBePushed) {
  Queue queue;
  queue.Push(Order(5, 1, 1, 0), 0);
  queue.Pop();
  queue.Push(Order(5, 1, 0, 0), 1);
  EXPECT_EQ(queue.Pop().payload, 1);
}

TEST(EventQueueDeathTest, TimeNeverRunsBack) {
  Queue queue;
  queue.Push(Order(5, 0, 0, 0), 0);
  queue.Pop();
  EXPECT_DEATH(queue.Push(Order(4, 0, 0, 1), 0), "time never runs back");
}

TEST(EventQueueDeathTest, AnEventAtNeverStopsTheRun) {
  Queue queue;
  EXPECT_DEATH(queue.Push({VirtualTime::Max(), EntityId{0}, EntityId{0}, 0}, 0), "has a time");
}

TEST(EventQueueDeathTest, PoppingAnEmptyQueueStopsTheRun) {
  Queue queue;
  EXPECT_DEATH(queue.Pop(), "an event is pending");
}

// Two equal events among others, at any places in the heap.
void RunWithEqualEvents(int others, int first, int second) {
  Queue queue;
  for (int i = 0; i < others; ++i) {
    if (i == first || i == second) {
      queue.Push(Order(50, 1, 1, 1), i);
    }
    queue.Push(Order(i * 37 % 100, 1, 1, static_cast<std::uint64_t>(i + 2)), i);
  }
  PopAll(queue);
}

TEST(EventQueueDeathTest, EqualEventsStopTheRun) {
  for (const int others : {2, 5, 40}) {
    for (const int second : {1, others / 2, others - 1}) {
      if (second == 0) {
        continue;
      }
      EXPECT_DEATH(RunWithEqualEvents(others, 0, second), "no two events have the same time")
          << others << " others, second at " << second;
    }
  }
}

TEST(EventQueue, EqualEventsTestPassesWithoutTheSecond) { RunWithEqualEvents(40, 0, 0); }

}  // namespace
}  // namespace groundhog::sim
