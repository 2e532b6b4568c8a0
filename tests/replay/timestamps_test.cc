// The timestamp of a record under each --timestamps.
#include "replay/timestamps.h"

#include <gtest/gtest.h>

#include "tests/replay/fake_clock.h"

namespace groundhog::replay {
namespace {

constexpr std::int64_t kStartUnixNanoseconds = 1'736'121'600'000'000'000;  // 2025-01-06T00:00:00Z
constexpr std::int64_t kStartMilliseconds = 1'736'121'600'000;
constexpr std::int64_t kWallMilliseconds = FakeClock::kWallStart / 1'000'000;

Timestamps Make(TimestampMode mode) {
  Timestamps timestamps({.mode = mode,
                         .start_unix_nanoseconds = kStartUnixNanoseconds,
                         .t0 = sim::VirtualTime(sim::Hours(14))});
  timestamps.AnchorAt(FakeClock::kStart, FakeClock::kWallStart);
  return timestamps;
}

const sim::VirtualTime kT0(sim::Hours(14));

Timestamps::Moment At(sim::VirtualTime time, SteadyTime due, sim::Duration clock_skew = {}) {
  return {.time = time, .clock_skew = clock_skew, .due = due};
}

const sim::VirtualTime kTime = sim::VirtualTime(sim::Hours(14) + sim::Microseconds(90'000'999));
const SteadyTime kDue = FakeClock::kStart + std::chrono::milliseconds(1'500);

TEST(Timestamps, OriginalIsAsRecorded) {
  EXPECT_EQ(Make(TimestampMode::kOriginal).UnixMilliseconds(At(kTime, kDue)),
            kStartMilliseconds + 14 * 3'600'000 + 90'000);
}

TEST(Timestamps, ShiftMovesT0ToNowAndKeepsDistances) {
  const Timestamps timestamps = Make(TimestampMode::kShift);
  EXPECT_EQ(timestamps.UnixMilliseconds(At(kT0, FakeClock::kStart)), kWallMilliseconds);
  // .456789 ms of the date and .999 ms of the record together pass the next millisecond.
  EXPECT_EQ(timestamps.UnixMilliseconds(At(kTime, kDue)), kWallMilliseconds + 90'000 + 1);
}

TEST(Timestamps, WallIsTheDateAtWhichARecordIsDue) {
  EXPECT_EQ(Make(TimestampMode::kWall).UnixMilliseconds(At(kTime, kDue)),
            kWallMilliseconds + 1'500);
}

TEST(Timestamps, AreOffByTheHostsClockInEveryMode) {
  for (const TimestampMode mode :
       {TimestampMode::kOriginal, TimestampMode::kShift, TimestampMode::kWall}) {
    const Timestamps timestamps = Make(mode);
    const std::int64_t right = timestamps.UnixMilliseconds(At(kTime, kDue));
    EXPECT_EQ(timestamps.UnixMilliseconds(At(kTime, kDue, sim::Seconds(-90))), right - 90'000);
    EXPECT_EQ(timestamps.UnixMilliseconds(At(kTime, kDue, sim::Hours(1))), right + 3'600'000);
  }
}

}  // namespace
}  // namespace groundhog::replay
