// Deadlines, exact to the nanosecond: checked against what defines them, not against the formula
// that makes them. A deadline of d nanoseconds after the anchor is right when d is the least whole
// number with d x speed >= virtual time.
#include "replay/pacer.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/replay/fake_clock.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

__extension__ typedef __int128 Wide;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kWeek = 7 * 24 * 3'600 * kSecond;

Pacer PacerOf(const Pace& pace, std::int64_t t0_ns = 0) {
  Pacer pacer(pace, sim::VirtualTime(t0_ns));
  pacer.AnchorAt(FakeClock::kStart);
  return pacer;
}

std::int64_t OffsetOf(const Pacer& pacer, std::int64_t time_ns, std::uint64_t number = 0) {
  return (*pacer.DeadlineOf(sim::VirtualTime(time_ns), number) - FakeClock::kStart).count();
}

// Whether `offset` is the least whole number with offset x numerator >= span x denominator.
void ExpectLeast(std::int64_t offset, Wide span, const Ratio& ratio) {
  const Wide wanted = span * ratio.denominator();
  ASSERT_GE(Wide{offset} * ratio.numerator(), wanted);
  ASSERT_LT((Wide{offset} - 1) * ratio.numerator(), wanted);
}

class EverySpeed : public testing::TestWithParam<const char*> {};

TEST_P(EverySpeed, DeadlinesAreExactOverSixWeeks) {
  const Pace pace = *ParseSpeed(GetParam());
  constexpr std::int64_t kT0 = 3 * 3'600 * kSecond + 7;
  const Pacer pacer = PacerOf(pace, kT0);
  traces::TestRandom random(2025);
  std::int64_t time = kT0;
  while (time < kT0 + 6 * kWeek) {
    ExpectLeast(OffsetOf(pacer, time), time - kT0, pace.ratio);
    time += 1 + static_cast<std::int64_t>(random.Below(60 * kSecond));
  }
}

TEST_P(EverySpeed, DeadlinesNeverRunBack) {
  const Pacer pacer = PacerOf(*ParseSpeed(GetParam()));
  for (const std::int64_t begin : {std::int64_t{0}, kWeek - 500, 52 * kWeek - 500}) {
    std::int64_t before = OffsetOf(pacer, begin);
    for (std::int64_t time = begin + 1; time < begin + 5'000; ++time) {
      const std::int64_t offset = OffsetOf(pacer, time);
      ASSERT_GE(offset, before);
      before = offset;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pacer, EverySpeed,
                         testing::Values("1x", "60x", "1440x", "0.5x", "1.25x", "7/3x", "0.37x",
                                         "1/7x", "86399.999999999x", "0.001x"));

TEST(Pacer, KnownDeadlines) {
  EXPECT_EQ(OffsetOf(PacerOf(*ParseSpeed("1x")), 6 * kWeek + 1), 6 * kWeek + 1);
  EXPECT_EQ(OffsetOf(PacerOf(*ParseSpeed("60x")), 60), 1);
  EXPECT_EQ(OffsetOf(PacerOf(*ParseSpeed("60x")), 61), 2);  // rounded up, never early
  EXPECT_EQ(OffsetOf(PacerOf(*ParseSpeed("1440x")), 24 * 3'600 * kSecond), 60 * kSecond);
  EXPECT_EQ(OffsetOf(PacerOf(*ParseSpeed("7/3x")), 7 * kSecond), 3 * kSecond);
  EXPECT_EQ(OffsetOf(PacerOf(*ParseSpeed("0.37x")), 37 * kSecond), 100 * kSecond);
}

TEST(Pacer, TheAnchorIsWhenT0IsDue) {
  const Pacer pacer = PacerOf(*ParseSpeed("60x"), 5 * kSecond);
  EXPECT_EQ(OffsetOf(pacer, 5 * kSecond), 0);
  EXPECT_EQ(pacer.anchor(), FakeClock::kStart);
}

TEST(Pacer, ADeadlineBeyondTheClockIsItsLast) {
  const Pacer pacer = PacerOf(*ParseSpeed("0.000000001x"));
  EXPECT_EQ(*pacer.DeadlineOf(sim::VirtualTime::Max(), 0), SteadyTime::max());
  const Pacer slow = PacerOf({.kind = PaceKind::kRate, .ratio = *ParseRecordRate("0.000000001/h")});
  EXPECT_EQ(*slow.DeadlineOf({}, std::numeric_limits<std::uint64_t>::max()), SteadyTime::max());
}

TEST(Pacer, TheLongestTraceHasExactDeadlines) {
  const Pace pace = *ParseSpeed("999999999.999999999x");
  const std::int64_t longest = std::numeric_limits<std::int64_t>::max();
  ExpectLeast(OffsetOf(PacerOf(pace), longest), longest, pace.ratio);
}

TEST(Pacer, ARateSpacesRecordsEvenlyWhateverTheirTimes) {
  for (const char* text : {"1/s", "3/s", "7/m", "17000/s", "0.37/s", "999999999/s"}) {
    const Ratio rate = *ParseRecordRate(text);
    const Pacer pacer = PacerOf({.kind = PaceKind::kRate, .ratio = rate});
    traces::TestRandom random(7);
    std::uint64_t number = 0;
    while (number < 100'000'000) {
      const auto time = static_cast<std::int64_t>(random.Below(kWeek));
      ExpectLeast(OffsetOf(pacer, time, number), Wide{number} * kSecond, rate);
      number += 1 + random.Below(10'000);
    }
  }
}

TEST(Pacer, AtMaxNothingHasADeadline) {
  EXPECT_EQ(PacerOf(*ParseSpeed("max")).DeadlineOf(sim::VirtualTime(kWeek), 5), std::nullopt);
}

TEST(RateLimiter, WithoutARateNothingIsHeldBack) {
  RateLimiter limiter(std::nullopt);
  limiter.TakeAt(FakeClock::kStart);
  EXPECT_EQ(limiter.Earliest(), SteadyTime::min());
}

TEST(RateLimiter, ABusyStretchKeepsTheRateExactly) {
  RateLimiter limiter(*ParseRecordRate("3/s"));
  SteadyTime now = FakeClock::kStart;
  for (std::int64_t i = 0; i < 1'000'000; ++i) {
    now = std::max(now, limiter.Earliest());
    ExpectLeast((now - FakeClock::kStart).count(), Wide{i} * kSecond, Ratio(3, 1));
    limiter.TakeAt(now);
  }
}

TEST(RateLimiter, APauseIsNotCaughtUp) {
  RateLimiter limiter(*ParseRecordRate("10/s"));
  const SteadyTime later = FakeClock::kStart + std::chrono::hours(1);
  limiter.TakeAt(FakeClock::kStart);
  limiter.TakeAt(later);
  EXPECT_EQ(limiter.Earliest(), later + std::chrono::milliseconds(100));
}

TEST(RateLimiter, WakingLateDoesNotLowerTheRate) {
  RateLimiter limiter(*ParseRecordRate("1000/s"));
  SteadyTime now = FakeClock::kStart;
  for (int i = 0; i < 10'000; ++i) {
    // Every other record finds its sleep 0.9 ms too long.
    now = std::max(now, limiter.Earliest() + std::chrono::microseconds(i % 2 == 0 ? 900 : 0));
    if (i == 0) now = FakeClock::kStart;
    limiter.TakeAt(now);
  }
  EXPECT_EQ(now - FakeClock::kStart, std::chrono::milliseconds(9'999));
}

}  // namespace
}  // namespace groundhog::replay
