// The schedule: pending events in their total order, with cheap lanes for timers.
//
// Most timers of a simulated system have one of a few constant delays (a call's timeout, a log
// interval) and are cancelled before they fire. Set at ever later times, those of one delay come
// due in the order they were set. So one first-in-first-out lane for each delay keeps them sorted
// at no cost and leaves to the heap the few events whose times are really irregular. The order in
// which events leave is exactly that of one EventQueue holding all of them.
//
// Not safe for use by several threads at once. Memory grows to the largest number pending.
#ifndef GROUNDHOG_SIM_SCHEDULE_H_
#define GROUNDHOG_SIM_SCHEDULE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/check.h"
#include "sim/event_queue.h"
#include "sim/time.h"

namespace groundhog::sim {

template <class Payload>
class Schedule {
 public:
  using Event = typename EventQueue<Payload>::Event;

  // Adds a lane and returns its number. For events of one constant delay.
  std::size_t AddLane() {
    lanes_.emplace_back();
    return lanes_.size() - 1;
  }

  // The time of the next event; VirtualTime::Max() if none is pending.
  VirtualTime next_time() const { return std::min(queue_.next_time(), lane_time_); }

  // Adds an event of any time not before that of the last event popped.
  void Push(const EventOrder& order, const Payload& payload) { queue_.Push(order, payload); }

  // The same for an event that comes after all that are pending in the lane.
  void PushToLane(std::size_t lane, const EventOrder& order, const Payload& payload) {
    Check(order.time >= last_popped_time_, "time never runs back");
    lanes_[lane].Push({order, payload});
    if (order.time < lane_time_) {
      lane_time_ = order.time;
      first_lane_ = lane;
    } else if (order.time == lane_time_) {
      FindFirstLane();
    }
  }

  // Removes and returns the next event; at least one must be pending.
  Event Pop() {
    const VirtualTime queue_time = queue_.next_time();
    const bool is_from_queue =
        queue_time != lane_time_ ? queue_time < lane_time_ : QueueIsFirstOfTied();
    Event event;  // no second one: a copy reads back, in wider words, what was just written
    if (is_from_queue) {
      queue_.Pop(&event);
    } else {
      event = lanes_[first_lane_].front();
      lanes_[first_lane_].DropFront();
      FindFirstLane();
    }
    last_popped_time_ = event.order.time;
    return event;
  }

 private:
  // A ring of events, in the order they were pushed.
  class Lane {
   public:
    // The time of the first event; VirtualTime::Max() if there is none.
    VirtualTime front_time() const { return front_time_; }
    const Event& front() const { return ring_[first_]; }

    void Push(const Event& event) {
      if (size_ == ring_.size()) Grow();
      if (size_ == 0) {
        front_time_ = event.order.time;
      } else {
        Check(ring_[(first_ + size_ - 1) & (ring_.size() - 1)].order < event.order,
              "events of a lane are pushed in their order");
      }
      ring_[(first_ + size_) & (ring_.size() - 1)] = event;
      ++size_;
    }

    void DropFront() {
      first_ = (first_ + 1) & (ring_.size() - 1);
      --size_;
      front_time_ = size_ == 0 ? VirtualTime::Max() : front().order.time;
    }

   private:
    // To the next power of two, oldest event first.
    void Grow() {
      std::vector<Event> larger(std::max<std::size_t>(16, 2 * ring_.size()));
      for (std::size_t i = 0; i < size_; ++i) {
        larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
      }
      ring_.swap(larger);
      first_ = 0;
    }

    std::vector<Event> ring_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    VirtualTime front_time_ = VirtualTime::Max();
  };

  bool QueueIsFirstOfTied() const {
    if (lane_time_ == VirtualTime::Max()) return true;  // nothing is pending: the queue complains
    return queue_.Top() < lanes_[first_lane_].front().order;
  }

  // Few lanes: a walk over them is cheaper than keeping them sorted.
  void FindFirstLane() {
    VirtualTime earliest = VirtualTime::Max();
    std::size_t first = 0;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const VirtualTime time = lanes_[i].front_time();
      if (time > earliest || time == VirtualTime::Max()) continue;
      if (time == earliest && lanes_[first].front().order < lanes_[i].front().order) continue;
      earliest = time;
      first = i;
    }
    lane_time_ = earliest;
    first_lane_ = first;
  }

  EventQueue<Payload> queue_;
  std::vector<Lane> lanes_;
  std::size_t first_lane_ = 0;  // of the earliest event in any lane, at lane_time_
  VirtualTime lane_time_ = VirtualTime::Max();
  VirtualTime last_popped_time_ = VirtualTime(INT64_MIN);
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_SCHEDULE_H_
