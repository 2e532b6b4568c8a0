#include "replay/real_clock.h"

#include <time.h>

namespace groundhog::replay {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

RealClock::RealClock(const StopSignal& stop) : stop_(stop) { WakeOn(stop.descriptor()); }

void RealClock::WakeOn(int descriptor) {
  wakers_.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
}

SteadyTime RealClock::Now() { return SteadyTime(sinks::RoughClock::Read(CLOCK_MONOTONIC)); }

SteadyTime RealClock::RoughNow() { return SteadyTime(rough_.Now()); }

std::int64_t RealClock::WallUnixNanoseconds() {
  return sinks::RoughClock::Read(CLOCK_REALTIME).count();
}

// The deadline is absolute and is checked again after every wake-up, so that delays by signals or a
// coarse timer do not add up.
void RealClock::SleepUntil(SteadyTime time) {
  while (!stop_.is_raised()) {
    const SteadyTime now = Now();
    if (time <= now) return;
    const std::int64_t left = (time - now).count();
    const struct timespec timeout = {.tv_sec = left / kNanosecondsPerSecond,
                                     .tv_nsec = left % kNanosecondsPerSecond};
    if (::ppoll(wakers_.data(), wakers_.size(), &timeout, nullptr) > 0) return;
  }
}

}  // namespace groundhog::replay
