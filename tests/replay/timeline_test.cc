// Pauses, changes of pace, jumps and slips, to the nanosecond.
#include "replay/timeline.h"

#include <gtest/gtest.h>

#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr SteadyTime kAnchor{nanoseconds(987'654'321'012'345'677)};
constexpr std::int64_t kSecond = 1'000'000'000;

sim::VirtualTime At(std::int64_t second) { return sim::VirtualTime(second * kSecond); }

Timeline Begun(const char* speed) {
  Timeline timeline(*ParseSpeed(speed), At(0));
  timeline.Begin(kAnchor, {.played = At(0)});
  return timeline;
}

TEST(Timeline, APauseMovesEveryDeadlineByItsLength) {
  Timeline timeline = Begun("7/3x");
  const SteadyTime before = *timeline.DeadlineOf(At(100), 0);
  timeline.Pause(kAnchor + nanoseconds(5'000'000'001));
  EXPECT_TRUE(timeline.is_paused());
  EXPECT_EQ(timeline.PlayedAt(kAnchor + seconds(9)),
            timeline.PlayedAt(kAnchor + nanoseconds(5'000'000'001)));
  timeline.Pause(kAnchor + seconds(6));  // it is paused already
  timeline.Resume(kAnchor + nanoseconds(12'000'000'008));
  EXPECT_EQ(*timeline.DeadlineOf(At(100), 0), before + nanoseconds(7'000'000'007));
  EXPECT_EQ(timeline.PausedUntil(kAnchor + seconds(50)), nanoseconds(7'000'000'007));
  timeline.Resume(kAnchor + seconds(60));  // it goes on already
  EXPECT_EQ(*timeline.DeadlineOf(At(100), 0), before + nanoseconds(7'000'000'007));
}

TEST(Timeline, AChangeOfSpeedKeepsWhatIsDueNow) {
  Timeline timeline = Begun("60x");
  const SteadyTime now = kAnchor + seconds(10);
  timeline.ChangePace(*ParseSpeed("3x"), now, {.played = At(590)});
  timeline.Settle({.played = At(603)});
  EXPECT_EQ(timeline.PlayedAt(now), At(600));
  EXPECT_EQ(timeline.DeadlineOf(At(600), 0), now);
  EXPECT_EQ(timeline.DeadlineOf(At(606), 0), now + seconds(2));
  EXPECT_EQ(timeline.slipped(), nanoseconds(0));
}

TEST(Timeline, AChangeOfSpeedGoesOnFromWhatHasBeenPlayed) {
  Timeline timeline = Begun("1000000x");
  const SteadyTime now = kAnchor + seconds(2);  // 2,000,000 s are due
  timeline.ChangePace(*ParseSpeed("60x"), now, {.played = At(3'599)});
  timeline.Settle({.played = At(3'600)});
  EXPECT_EQ(timeline.PlayedAt(now), At(3'600));
  EXPECT_EQ(timeline.DeadlineOf(At(3'600), 0), now);
  EXPECT_EQ(timeline.DeadlineOf(At(3'660), 0), now + seconds(1));
  // The next one had been due after 3.6 ms.
  EXPECT_EQ(timeline.slipped(), seconds(2) - nanoseconds(3'600'000));
  // Once for each change.
  timeline.Settle({.played = At(60)});
  EXPECT_EQ(timeline.PlayedAt(now), At(3'600));
}

TEST(Timeline, ChangesBeforeItIsKnownWhatComesNextSettleTogether) {
  Timeline timeline = Begun("1x");
  timeline.ChangePace(*ParseSpeed("1000x"), kAnchor + seconds(100), {.played = At(90)});
  timeline.ChangePace(*ParseSpeed("60x"), kAnchor + seconds(101), {.played = At(90)});
  timeline.Settle({.played = At(150)});
  EXPECT_EQ(timeline.DeadlineOf(At(150), 0), kAnchor + seconds(101));
  EXPECT_EQ(timeline.DeadlineOf(At(210), 0), kAnchor + seconds(102));
}

TEST(Timeline, WhileItWaitsForItsBeginNothingMovesThat) {
  Timeline timeline(*ParseSpeed("10x"), At(0));
  const SteadyTime begin = kAnchor + seconds(100);
  timeline.Begin(begin, {.played = At(0)});
  timeline.ChangePace(*ParseSpeed("max"), kAnchor + seconds(1), {.played = At(0)});
  timeline.ChangePace(*ParseSpeed("60x"), kAnchor + seconds(2), {.played = At(0)});
  timeline.Settle({.played = At(0)});
  EXPECT_EQ(timeline.PlayedAt(kAnchor + seconds(50)), At(0));
  EXPECT_EQ(timeline.DeadlineOf(At(60), 0), begin + seconds(1));
  timeline.Pause(kAnchor + seconds(3));
  timeline.Resume(kAnchor + seconds(13));
  EXPECT_EQ(timeline.DeadlineOf(At(60), 0), begin + seconds(1));
  EXPECT_EQ(timeline.PausedUntil(kAnchor + seconds(50)), nanoseconds(0));
  timeline.MoveTo({.played = At(3'600)}, kAnchor + seconds(14));
  EXPECT_EQ(timeline.DeadlineOf(At(3'660), 0), begin + seconds(1));
  // A pause that outlasts it moves it.
  timeline.Pause(kAnchor + seconds(20));
  timeline.Resume(begin + seconds(7));
  EXPECT_EQ(timeline.DeadlineOf(At(3'660), 0), begin + seconds(8));
  EXPECT_EQ(timeline.PausedUntil(begin + seconds(50)), seconds(7));
}

TEST(Timeline, ManyChangesOfSpeedDoNotDrift) {
  traces::TestRandom random(3);
  const char* const speeds[] = {"1x", "0.37x", "7/3x", "1440x", "60x"};
  Timeline timeline = Begun("1x");
  SteadyTime now = kAnchor;
  for (int i = 0; i < 100'000; ++i) {
    const sim::VirtualTime before = *timeline.PlayedAt(now);
    timeline.ChangePace(*ParseSpeed(speeds[random.Below(5)]), now, {});
    ASSERT_EQ(timeline.PlayedAt(now), before);
    ASSERT_LE(*timeline.DeadlineOf(before, 0), now);
    now += nanoseconds(random.Below(2 * kSecond));
    // No record is due before the time that has been played.
    const sim::VirtualTime played = *timeline.PlayedAt(now);
    ASSERT_LE(*timeline.DeadlineOf(played, 0), now);
    ASSERT_GT(*timeline.DeadlineOf(played + sim::Nanoseconds(1), 0), now);
  }
}

TEST(Timeline, FromMaxToASpeedTheReplayGoesOnWhereItStands) {
  Timeline timeline = Begun("max");
  const SteadyTime now = kAnchor + seconds(1);
  EXPECT_EQ(timeline.PlayedAt(now), std::nullopt);
  timeline.ChangePace(*ParseSpeed("2x"), now, {.played = At(500)});
  EXPECT_EQ(timeline.DeadlineOf(At(504), 0), now + seconds(2));
}

TEST(Timeline, ARateCountsFromWhereItBegan) {
  Timeline timeline = Begun("1x");
  const SteadyTime now = kAnchor + seconds(1);
  timeline.ChangePace({.kind = PaceKind::kRate, .ratio = *ParseRecordRate("4/s")}, now,
                      {.number = 100});
  EXPECT_EQ(timeline.DeadlineOf(At(0), 100), now);
  EXPECT_EQ(timeline.DeadlineOf(At(0), 108), now + seconds(2));
}

TEST(Timeline, AJumpMakesItsPlaceDueNowOrWhenAPauseEnds) {
  Timeline timeline = Begun("60x");
  timeline.MoveTo({.played = At(3'600)}, kAnchor + seconds(1));
  EXPECT_EQ(timeline.DeadlineOf(At(3'660), 0), kAnchor + seconds(2));
  timeline.Pause(kAnchor + seconds(5));
  timeline.MoveTo({.played = At(60)}, kAnchor + seconds(7));
  timeline.ChangePace(*ParseSpeed("30x"), kAnchor + seconds(8), {});
  EXPECT_EQ(timeline.PlayedAt(kAnchor + seconds(9)), At(60));
  timeline.Resume(kAnchor + seconds(10));
  EXPECT_EQ(timeline.DeadlineOf(At(60), 0), kAnchor + seconds(10));
  EXPECT_EQ(timeline.DeadlineOf(At(120), 0), kAnchor + seconds(12));
}

TEST(Timeline, ASlipIsKept) {
  Timeline timeline = Begun("60x");
  timeline.Slip(nanoseconds(1'234'567));
  timeline.Slip(nanoseconds(1));
  EXPECT_EQ(timeline.DeadlineOf(At(60), 0), kAnchor + seconds(1) + nanoseconds(1'234'568));
  EXPECT_EQ(timeline.slipped(), nanoseconds(1'234'568));
}

TEST(Timeline, AnAnchorMayLieAheadOrBehind) {
  Timeline timeline(*ParseSpeed("10x"), At(0));
  timeline.Begin(kAnchor + seconds(100), {.played = At(20)});
  EXPECT_EQ(timeline.PlayedAt(kAnchor), At(20));  // time stands still until then
  EXPECT_EQ(timeline.DeadlineOf(At(30), 0), kAnchor + seconds(101));
}

}  // namespace
}  // namespace groundhog::replay
