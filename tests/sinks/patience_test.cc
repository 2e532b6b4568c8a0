#include "sinks/patience.h"

#include <gtest/gtest.h>

namespace groundhog::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class PatienceTest : public testing::Test {
 protected:
  static Patience::Clock::time_point Now() { return now_; }

  Patience Of(std::chrono::nanoseconds timeout) {
    return Patience(timeout, [this] { return is_stopped_; }, Now);
  }
  // Looks every 100 ms, as sinks do, until `time` has passed.
  static void Wait(Patience& patience, std::chrono::nanoseconds time) {
    for (; time > Patience::kSlice; time -= Patience::kSlice) {
      now_ += Patience::kSlice;
      patience.Waited();
    }
    now_ += time;
  }

  static inline Patience::Clock::time_point now_{seconds(1'000)};
  bool is_stopped_ = false;
};

TEST_F(PatienceTest, IsExhaustedWhenTheTimeoutHasPassed) {
  Patience patience = Of(seconds(30));
  Wait(patience, seconds(30) - milliseconds(1));
  EXPECT_FALSE(patience.IsExhausted());
  now_ += milliseconds(1);
  EXPECT_TRUE(patience.IsExhausted());
}

TEST_F(PatienceTest, ProgressStartsTheTimeoutAgain) {
  Patience patience = Of(seconds(30));
  Wait(patience, seconds(29));
  patience.Restart();
  Wait(patience, seconds(29));
  EXPECT_FALSE(patience.IsExhausted());
  EXPECT_EQ(patience.Waited(), seconds(29));
}

TEST_F(PatienceTest, ASuspendedProcessHasWaitedASecond) {
  Patience patience = Of(seconds(30));
  Wait(patience, seconds(10));
  patience.Waited();
  now_ += minutes(60);
  EXPECT_EQ(patience.Waited(), seconds(11));
  Wait(patience, seconds(18));
  EXPECT_FALSE(patience.IsExhausted());
  Wait(patience, seconds(1));
  EXPECT_TRUE(patience.IsExhausted());
}

TEST_F(PatienceTest, ASuspensionAfterProgressCountsASecondToo) {
  Patience patience = Of(seconds(30));
  patience.Restart();
  now_ += minutes(60);
  EXPECT_EQ(patience.Waited(), seconds(1));
}

TEST_F(PatienceTest, AfterAStopTheGraceIsTheShorterOfFiveSecondsAndTheTimeout) {
  Patience patience = Of(seconds(30));
  Patience short_one = Of(seconds(2));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(patience.IsGraceOver()) << i;
    EXPECT_FALSE(short_one.IsGraceOver()) << i;
    now_ += Patience::kSlice;
  }
  EXPECT_TRUE(short_one.IsGraceOver());
  EXPECT_FALSE(patience.IsGraceOver());
  Wait(patience, seconds(3));
  EXPECT_TRUE(patience.IsGraceOver());
}

TEST_F(PatienceTest, AnotherTimeoutStartsAgainWithTheSameStop) {
  Patience patience = Of(seconds(30));
  Wait(patience, seconds(20));
  Patience other = patience.WithTimeout(seconds(1));
  EXPECT_EQ(other.Waited(), seconds(0));
  EXPECT_EQ(other.timeout(), seconds(1));
  EXPECT_FALSE(other.IsStopRequested());
  is_stopped_ = true;
  EXPECT_TRUE(other.IsStopRequested());
  now_ += seconds(1);
  EXPECT_TRUE(other.IsExhausted());
}

TEST_F(PatienceTest, WithoutAStopNoneIsRequested) {
  EXPECT_FALSE(Patience(seconds(1), nullptr).IsStopRequested());
}

}  // namespace
}  // namespace groundhog::sinks
