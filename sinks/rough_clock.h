// CLOCK_MONOTONIC for a million readings a second.
#ifndef GROUNDHOG_SINKS_ROUGH_CLOCK_H_
#define GROUNDHOG_SINKS_ROUGH_CLOCK_H_

#include <chrono>
#include <ctime>

namespace groundhog::sinks {

// Not thread-safe.
class RoughClock {
 public:
  // The time on the scale of std::chrono::steady_clock, never running back. Reads it in earnest
  // only every sixteenth time, or when the kernel's tick (some milliseconds) has moved on: so it is
  // some microseconds old at most when asked without a pause, a tick when not, and seldom costs
  // more than a few nanoseconds.
  std::chrono::nanoseconds Now() {
    const std::chrono::nanoseconds tick = Read(CLOCK_MONOTONIC_COARSE);
    if (tick != tick_ || ++readings_ >= kReadings) Refresh(tick);
    return now_;
  }

  // In nanoseconds of a clock of clock_gettime(2).
  static std::chrono::nanoseconds Read(clockid_t id) {
    struct timespec time{};
    ::clock_gettime(id, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

 private:
  static constexpr int kReadings = 16;

  void Refresh(std::chrono::nanoseconds tick) {
    now_ = Read(CLOCK_MONOTONIC);
    tick_ = tick;
    readings_ = 0;
  }

  std::chrono::nanoseconds now_{0};
  std::chrono::nanoseconds tick_{0};
  int readings_ = kReadings;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_ROUGH_CLOCK_H_
