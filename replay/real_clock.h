// The machine's clocks: CLOCK_MONOTONIC and CLOCK_REALTIME.
#ifndef GROUNDHOG_REPLAY_REAL_CLOCK_H_
#define GROUNDHOG_REPLAY_REAL_CLOCK_H_

#include <cstdint>

#include "replay/clock.h"
#include "replay/stop_signal.h"

namespace groundhog::replay {

class RealClock : public Clock {
 public:
  // Sleeping ends as soon as `stop` is raised. `stop` outlives the clock.
  explicit RealClock(const StopSignal& stop) : stop_(stop) {}

  SteadyTime Now() override;
  std::int64_t WallUnixNanoseconds() override;
  void SleepUntil(SteadyTime time) override;

 private:
  const StopSignal& stop_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_REAL_CLOCK_H_
