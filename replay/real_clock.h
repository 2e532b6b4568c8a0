// The machine's clocks: CLOCK_MONOTONIC and CLOCK_REALTIME.
#ifndef GROUNDHOG_REPLAY_REAL_CLOCK_H_
#define GROUNDHOG_REPLAY_REAL_CLOCK_H_

#include <poll.h>

#include <cstdint>
#include <vector>

#include "replay/clock.h"
#include "replay/stop_signal.h"
#include "sinks/rough_clock.h"

namespace groundhog::replay {

class RealClock : public Clock {
 public:
  // Sleeping ends as soon as `stop` is raised. `stop` must outlive the clock.
  explicit RealClock(const StopSignal& stop);

  // Sleeping also ends early while `descriptor` is readable: there is a command. It must stay open
  // as long as the clock is used.
  void WakeOn(int descriptor);

  SteadyTime Now() override;
  SteadyTime RoughNow() override;
  std::int64_t WallUnixNanoseconds() override;
  void SleepUntil(SteadyTime time) override;

 private:
  const StopSignal& stop_;
  sinks::RoughClock rough_;
  std::vector<struct pollfd> wakers_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_REAL_CLOCK_H_
