// The machine's clock. Bounds are generous, because the machine may be busy: they only distinguish
// sleeping from not sleeping.
#include "replay/real_clock.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <thread>

#include "replay/stop_signal.h"

namespace groundhog::replay {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(RealClock, NeverWakesEarly) {
  const StopSignal stop;
  RealClock clock(stop);
  for (int i = 1; i <= 20; ++i) {
    const SteadyTime due = clock.Now() + std::chrono::microseconds(i * 137);
    clock.SleepUntil(due);
    EXPECT_GE(clock.Now(), due);
  }
}

TEST(RealClock, ARoughTimeLagsLittleAndNeverRunsBack) {
  const StopSignal stop;
  RealClock clock(stop);
  SteadyTime last = SteadyTime::min();
  for (int i = 0; i < 100'000; ++i) {
    const SteadyTime before = clock.Now();
    const SteadyTime rough = clock.RoughNow();
    ASSERT_GE(rough, last);
    ASSERT_LE(rough, clock.Now());
    // A tick is 10 ms at most.
    ASSERT_GE(rough, before - milliseconds(50));
    last = rough;
  }
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_GE(clock.RoughNow(), last + milliseconds(30));  // after a pause it reads the clock again
}

TEST(RealClock, ATimeThatHasPassedIsNoReasonToSleep) {
  const StopSignal stop;
  RealClock clock(stop);
  const SteadyTime begin = clock.Now();
  clock.SleepUntil(begin - hours(1));
  clock.SleepUntil(SteadyTime::min());
  EXPECT_LT(clock.Now() - begin, minutes(1));
}

TEST(RealClock, AStopEndsASleepAndEveryOneAfterIt) {
  StopSignal stop;
  RealClock clock(stop);
  const SteadyTime begin = clock.Now();
  std::thread raiser([&stop] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.Raise();
  });
  clock.SleepUntil(begin + hours(1));
  EXPECT_TRUE(stop.is_raised());
  clock.SleepUntil(begin + hours(1));
  raiser.join();
  EXPECT_LT(clock.Now() - begin, minutes(1));
}

TEST(RealClock, ASignalThatIsNoStopDoesNotShortenASleep) {
  struct sigaction ignore_it{};
  ignore_it.sa_handler = [](int) {};
  sigaction(SIGUSR1, &ignore_it, nullptr);
  const StopSignal stop;
  RealClock clock(stop);
  const pthread_t sleeper = pthread_self();
  std::thread disturber([sleeper] {
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(milliseconds(5));
      pthread_kill(sleeper, SIGUSR1);
    }
  });
  const SteadyTime due = clock.Now() + milliseconds(60);
  clock.SleepUntil(due);
  EXPECT_GE(clock.Now(), due);
  disturber.join();
}

TEST(RealClock, TheDateIsThisCentury) {
  const StopSignal stop;
  RealClock clock(stop);
  EXPECT_GT(clock.WallUnixNanoseconds(), 1'700'000'000'000'000'000);
}

TEST(StopSignal, IsRaisedOnceAndForAll) {
  StopSignal stop;
  EXPECT_FALSE(stop.is_raised());
  stop.Raise();
  stop.Raise();
  EXPECT_TRUE(stop.is_raised());
}

}  // namespace
}  // namespace groundhog::replay
