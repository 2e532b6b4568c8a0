// The speed that a replay has reached: the virtual time that it played a real time. What seeks jump
// over is not played, and a pause takes no time.
#ifndef GROUNDHOG_REPLAY_SPEED_FIGURES_H_
#define GROUNDHOG_REPLAY_SPEED_FIGURES_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "replay/seconds.h"
#include "sim/time.h"

namespace groundhog::replay {

// Not thread-safe; a plain value.
class SpeedFigures {
 public:
  // `first_time`: what is due at the anchor.
  explicit SpeedFigures(sim::VirtualTime first_time) : first_time_(first_time) {}

  // A seek passed over this much virtual time, backwards negative.
  void Jump(sim::Duration by) {
    ++seeks_;
    jumped_ += by;
  }
  std::uint64_t seeks() const { return seeks_; }

  // How much virtual time was played when `time` has come.
  sim::Duration PlayedUntil(sim::VirtualTime time) const { return time - first_time_ - jumped_; }

  // A record was sent so much real time after the start, pauses not counted.
  void Sent(std::chrono::nanoseconds since_start) { since_start_ = since_start; }
  // `last_time`: that of the record sent last, or sought since. nullopt: nothing was sent.
  std::optional<double> Reached(sim::VirtualTime last_time) const {
    if (since_start_ <= std::chrono::nanoseconds(0)) return std::nullopt;
    return Seconds(PlayedUntil(last_time)) / Seconds(since_start_);
  }

 private:
  sim::VirtualTime first_time_;
  sim::Duration jumped_;
  std::uint64_t seeks_ = 0;
  std::chrono::nanoseconds since_start_{0};
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_SPEED_FIGURES_H_
