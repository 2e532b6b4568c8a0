// A clock that moves only when SleepUntil is called or a test advances it, as for a slow sink.
#ifndef GROUNDHOG_TESTS_REPLAY_FAKE_CLOCK_H_
#define GROUNDHOG_TESTS_REPLAY_FAKE_CLOCK_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "replay/clock.h"

namespace groundhog::replay {

class FakeClock : public Clock {
 public:
  // Somewhere in the life of a machine, at an odd nanosecond; and the date then.
  static constexpr SteadyTime kStart{std::chrono::nanoseconds(987'654'321'012'345'677)};
  static constexpr std::int64_t kWallStart = 1'790'000'000'123'456'789;

  SteadyTime Now() override { return now_; }
  std::int64_t WallUnixNanoseconds() override { return kWallStart + (now_ - kStart).count(); }
  void SleepUntil(SteadyTime time) override {
    const SteadyTime end = time + oversleep_;
    now_ = std::max(now_, wake_at_ > now_ ? std::min(end, wake_at_) : end);
  }

  void Advance(std::chrono::nanoseconds time) { now_ += time; }
  // Every sleep ends this much too late.
  void set_oversleep(std::chrono::nanoseconds time) { oversleep_ = time; }
  // A command will come at this time: a sleep ends early then.
  void set_wake_at(SteadyTime time) { wake_at_ = time; }

 private:
  SteadyTime now_ = kStart;
  std::chrono::nanoseconds oversleep_{0};
  SteadyTime wake_at_ = SteadyTime::max();
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_TESTS_REPLAY_FAKE_CLOCK_H_
