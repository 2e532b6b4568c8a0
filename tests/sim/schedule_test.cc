#include "sim/schedule.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace groundhog::sim {
namespace {

EventOrder Order(std::int64_t time, std::uint32_t target, std::uint64_t sequence) {
  return {VirtualTime(time), EntityId{target}, EntityId{target}, sequence};
}

TEST(Schedule, LanesAndQueueLeaveInOneOrder) {
  Schedule<int> schedule;
  const std::size_t lane = schedule.AddLane();
  schedule.PushToLane(lane, Order(10, 1, 0), 1);
  schedule.PushToLane(lane, Order(30, 1, 1), 3);
  schedule.Push(Order(20, 1, 2), 2);
  for (int expected = 1; expected <= 3; ++expected) {
    EXPECT_EQ(schedule.Pop().payload, expected);
  }
  EXPECT_EQ(schedule.next_time(), VirtualTime::Max());
}

TEST(Schedule, TiesAcrossLanesAndQueueLeaveInTargetOrder) {
  for (int rotation = 0; rotation < 3; ++rotation) {
    Schedule<std::uint32_t> schedule;
    const std::size_t lanes[] = {schedule.AddLane(), schedule.AddLane()};
    for (std::uint32_t i = 0; i < 3; ++i) {
      const std::uint32_t target = (i + static_cast<std::uint32_t>(rotation)) % 3;
      if (i < 2) {
        schedule.PushToLane(lanes[i], Order(5, target, 0), target);
      } else {
        schedule.Push(Order(5, target, 0), target);
      }
    }
    for (std::uint32_t target = 0; target < 3; ++target) {
      EXPECT_EQ(schedule.Pop().payload, target) << "rotation " << rotation;
    }
  }
}

// Against a sorted set of everything pending; a small range of times makes many ties.
TEST(Schedule, ManyRandomOperationsAgreeWithASortedModel) {
  const std::vector<std::int64_t> delays = {3, 7, 40};
  Schedule<int> schedule;
  for (std::size_t i = 0; i < delays.size(); ++i) schedule.AddLane();
  std::set<EventOrder> model;
  std::uint64_t state = 42;
  const auto below = [&state](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  EventOrder now = Order(0, 0, 0);
  std::uint64_t sequence = 0;
  for (int step = 0; step < 100'000; ++step) {
    if (model.empty() || below(100) < 52) {
      const std::size_t kind = below(delays.size() + 1);
      EventOrder order = {now.time, now.target, now.target, ++sequence};
      if (kind < delays.size()) {
        order.time = now.time + Duration(delays[kind]);
        schedule.PushToLane(kind, order, step);
      } else {
        order.time = now.time + Duration(static_cast<std::int64_t>(1 + below(20)));
        order.target = EntityId{static_cast<std::uint32_t>(below(5))};
        schedule.Push(order, step);
      }
      model.insert(order);
    } else {
      ASSERT_EQ(schedule.next_time(), model.begin()->time);
      const EventOrder popped = schedule.Pop().order;
      ASSERT_EQ(popped, *model.begin()) << "step " << step;
      model.erase(model.begin());
      now = popped;
    }
  }
}

TEST(ScheduleDeathTest, AnEventBeforeThoseOfItsLaneStopsTheRun) {
  Schedule<int> schedule;
  const std::size_t lane = schedule.AddLane();
  schedule.PushToLane(lane, Order(10, 1, 0), 1);
  EXPECT_DEATH(schedule.PushToLane(lane, Order(9, 1, 1), 2), "events of a lane");
}

}  // namespace
}  // namespace groundhog::sim
