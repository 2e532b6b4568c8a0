#include "model/world/state/host.h"

#include <gtest/gtest.h>

#include <vector>

namespace groundhog::model {
namespace {

TEST(OutstandingCounts, CountsEachHostByItself) {
  OutstandingCounts counts;
  EXPECT_EQ(counts.Of(3), 0u);
  for (const std::uint32_t host : {3u, 1u, 3u, 9u}) counts.Add(host);
  EXPECT_EQ(counts.Of(1), 1u);
  EXPECT_EQ(counts.Of(2), 0u);
  EXPECT_EQ(counts.Of(3), 2u);
  EXPECT_EQ(counts.Of(9), 1u);
  counts.Remove(3);
  counts.Remove(1);
  EXPECT_EQ(counts.Of(3), 1u);
  EXPECT_EQ(counts.Of(1), 0u);
}

TEST(OutstandingCounts, RemovingWhatIsNotThereChangesNothing) {
  OutstandingCounts counts;
  counts.Add(5);
  counts.Remove(4);
  counts.Remove(6);
  EXPECT_EQ(counts.Of(4), 0u);
  EXPECT_EQ(counts.Of(5), 1u);
}

TEST(Turns, GoRoundFromTheFirstChoice) {
  Turns turns;
  std::vector<std::uint32_t> chosen;
  for (int i = 0; i < 5; ++i) chosen.push_back(turns.Next(/*service=*/7, /*first=*/2, /*count=*/3));
  EXPECT_EQ(chosen, (std::vector<std::uint32_t>{2, 0, 1, 2, 0}));
}

TEST(Turns, OfTwoServicesDoNotDisturbEachOther) {
  Turns turns;
  EXPECT_EQ(turns.Next(1, 0, 2), 0u);
  EXPECT_EQ(turns.Next(2, 1, 4), 1u);
  EXPECT_EQ(turns.Next(1, 0, 2), 1u);
  EXPECT_EQ(turns.Next(2, 1, 4), 2u);
}

TEST(Turns, WithFewerToChooseAmongTheNextIsStillOneOfThem) {
  Turns turns;
  EXPECT_EQ(turns.Next(1, 3, 4), 3u);
  EXPECT_EQ(turns.Next(1, 0, 2), 0u);
}

ValueReference Numbered(Handle handle) { return {.handle = handle, .epoch = 0}; }

TEST(WaitingLine, IsFirstInFirstOutWhateverItsLength) {
  WaitingLine line;
  Handle pushed = 0;
  Handle popped = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 30; ++i) line.Push(Numbered(pushed++));
    for (int i = 0; i < 25; ++i) ASSERT_EQ(line.Pop().handle, popped++);
  }
  while (!line.empty()) ASSERT_EQ(line.Pop().handle, popped++);
  EXPECT_EQ(popped, pushed);
}

TEST(WaitingLine, DroppedReferencesLeaveTheOthersInOrder) {
  WaitingLine line;
  for (Handle handle = 0; handle < 10; ++handle) line.Push(Numbered(handle));
  (void)line.Pop();
  line.KeepIf([](ValueReference each) { return each.handle % 2 == 1; });
  EXPECT_EQ(line.size(), 5u);
  for (const Handle handle : {1u, 3u, 5u, 7u, 9u}) EXPECT_EQ(line.Pop().handle, handle);
}

}  // namespace
}  // namespace groundhog::model
