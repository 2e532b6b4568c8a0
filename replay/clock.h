// Time as the player sees it, behind one interface, so that pacing is tested with a clock that
// jumps. In replay/, only RealClock (real_clock.h) reads the machine's.
#ifndef GROUNDHOG_REPLAY_CLOCK_H_
#define GROUNDHOG_REPLAY_CLOCK_H_

#include <chrono>
#include <cstdint>

namespace groundhog::replay {

// The scale of Clock::Now: nanoseconds since some moment. Never runs back, and does not move when
// the date is set.
struct SteadyScale {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SteadyScale>;
  static constexpr bool is_steady = true;
};
using SteadyTime = SteadyScale::time_point;

class Clock {
 public:
  virtual ~Clock() = default;

  // For every decision and measurement. Cheap: tens of nanoseconds.
  virtual SteadyTime Now() = 0;

  // For very frequent measurements in which some milliseconds do not matter: may be that much older
  // than Now(), and some microseconds when called without a pause.
  virtual SteadyTime RoughNow() { return Now(); }

  // The date, in nanoseconds since 1970; for timestamps only, as it may jump.
  virtual std::int64_t WallUnixNanoseconds() = 0;

  // Returns at `time` or slightly later; at once when it has passed; early only for a stop or a
  // command (stop_signal.h).
  virtual void SleepUntil(SteadyTime time) = 0;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_CLOCK_H_
