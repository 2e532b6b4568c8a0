#include "traces/entry_cursor.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace groundhog::traces {
namespace {

using testing::HasSubstr;
using State = EntryCursor::State;

constexpr std::uint64_t kEntryBytes = 64;

// Ten records of one second, the seconds counted from `second`.
ChunkHead Head(std::uint64_t first_position, std::int64_t second) {
  ChunkHead head;
  head.place.first_position = first_position;
  head.extent.count = 10;
  head.extent.first_time = sim::VirtualTime(sim::Seconds(second));
  head.extent.last_time = sim::VirtualTime(sim::Seconds(second + 1));
  return head;
}

Record RecordAt(std::int64_t second, std::uint32_t host) {
  Record record;
  record.time = sim::VirtualTime(sim::Seconds(second));
  record.host = sim::EntityId{host};
  return record;
}

std::string Refusal(EntryCursor& cursor, const ChunkHead& head) {
  const absl::Status status = cursor.CheckHead(head);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  return std::string(status.message());
}

TEST(EntryCursor, ChunksFollowEachOther) {
  EntryCursor cursor;
  cursor.MoveTo({.offset = 1'000});
  for (int i = 0; i < 3; ++i) {
    const ChunkHead head = Head(cursor.position(), i);
    EXPECT_TRUE(cursor.CheckHead(head).ok());
    cursor.PassChunk(head, kEntryBytes, nullptr);
  }
  EXPECT_EQ(cursor.offset(), 1'000 + 3 * kEntryBytes);
  EXPECT_EQ(cursor.position(), 30u);
  EXPECT_EQ(cursor.last_time(), sim::VirtualTime(sim::Seconds(3)));
  EXPECT_EQ(cursor.state(), State::kInOrder);
}

TEST(EntryCursor, MissingRecordsAreReportedOnce) {
  EntryCursor cursor;
  const ChunkHead head = Head(20, 0);
  EXPECT_THAT(Refusal(cursor, head), HasSubstr("the records from 0 to 19 should come before"));
  EXPECT_EQ(cursor.state(), State::kAtGap);
  EXPECT_EQ(cursor.offset(), 0u);
  EXPECT_TRUE(cursor.CheckHead(head).ok());
  cursor.PassChunk(head, kEntryBytes, nullptr);
  EXPECT_EQ(cursor.state(), State::kInOrder);
  EXPECT_EQ(cursor.position(), 30u);
}

TEST(EntryCursor, RecordsMayBeMissingAfterDamageOnly) {
  EntryCursor cursor;
  cursor.PassDamage(500);
  EXPECT_EQ(cursor.offset(), 500u);
  EXPECT_TRUE(cursor.CheckHead(Head(20, 0)).ok());
  cursor.PassChunk(Head(20, 0), kEntryBytes, nullptr);
  EXPECT_THAT(Refusal(cursor, Head(40, 1)), HasSubstr("the records from 30 to 39"));
}

TEST(EntryCursor, RecordsNeverComeTwice) {
  EntryCursor cursor;
  cursor.PassChunk(Head(0, 0), kEntryBytes, nullptr);
  cursor.PassDamage(500);
  EXPECT_THAT(Refusal(cursor, Head(9, 1)), HasSubstr("it begins with record 9, not 10"));
}

TEST(EntryCursor, PositionsStayBelowTheLargestNumber) {
  EntryCursor cursor;
  cursor.PassDamage(500);
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_THAT(Refusal(cursor, Head(most - 9, 0)), HasSubstr("positions beyond 2^64"));
  EXPECT_TRUE(cursor.CheckHead(Head(most - 10, 0)).ok());
}

TEST(EntryCursor, TimeNeverRunsBack) {
  EntryCursor cursor;
  cursor.PassChunk(Head(0, 5), kEntryBytes, nullptr);
  EXPECT_THAT(Refusal(cursor, Head(10, 5)), HasSubstr("begins before the previous chunk ends"));
  EXPECT_TRUE(cursor.CheckHead(Head(10, 6)).ok());
}

TEST(EntryCursor, HostsOfOneTimeAscendAcrossChunks) {
  EntryCursor cursor;
  const Record last = RecordAt(1, 7);
  cursor.PassChunk(Head(0, 0), kEntryBytes, &last);
  EXPECT_TRUE(absl::IsDataLoss(cursor.CheckFirst(RecordAt(1, 6))));
  EXPECT_TRUE(cursor.CheckFirst(RecordAt(1, 7)).ok());
  EXPECT_TRUE(cursor.CheckFirst(RecordAt(2, 0)).ok());
}

TEST(EntryCursor, MovingForgetsDamageAndEnd) {
  EntryCursor cursor;
  const Record last = RecordAt(1, 7);
  cursor.PassChunk(Head(0, 0), kEntryBytes, &last);
  cursor.End(600);
  EXPECT_TRUE(cursor.has_ended());
  cursor.MoveTo({.offset = 80, .first_position = 30});
  EXPECT_EQ(cursor.state(), State::kInOrder);
  EXPECT_EQ(cursor.offset(), 80u);
  EXPECT_EQ(cursor.position(), 30u);
  EXPECT_TRUE(cursor.CheckFirst(RecordAt(0, 0)).ok());
}

}  // namespace
}  // namespace groundhog::traces
