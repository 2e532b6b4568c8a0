// The player, with a fake clock and a sink that records its calls.
#include "replay/player.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "tests/replay/replay_fixture.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class EverySpeed : public testing::TestWithParam<const char*> {};

TEST_P(EverySpeed, EachRecordGoesAtItsDeadlineToTheNanosecond) {
  // Four weeks at 60x and more; as long as the test can wait for the slower ones.
  const Pace pace = *ParseSpeed(GetParam());
  const std::int64_t span =
      std::min<std::int64_t>(static_cast<std::int64_t>(20'000 * pace.ratio.ToDouble()),
                             28 * 24 * 3'600) *
      kSecond;
  traces::SampleTrace trace =
      TraceOf(traces::SampleRecords(1'000, kSecond + 12'345, span / 1'000 - 77));
  trace.info.duration = sim::Hours(24 * 30);
  Replay replay(trace);
  const Outcome outcome = replay.Play({.pace = pace});
  ASSERT_EQ(replay.sink.taken().size(), trace.records.size());
  Pacer pacer(pace, {});
  pacer.AnchorAt(FakeClock::kStart);
  for (std::size_t i = 0; i < trace.records.size(); ++i) {
    ASSERT_EQ(replay.sink.taken()[i].at, *pacer.DeadlineOf(trace.records[i].time, i)) << i;
  }
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
}

INSTANTIATE_TEST_SUITE_P(Player, EverySpeed,
                         testing::Values("1x", "60x", "1440x", "7/3x", "0.37x", "1.25x"));

TEST(Player, SendsEveryRecordInOrderWithItsPosition) {
  const traces::SampleTrace trace = traces::RandomTrace(5, 5'000);
  Replay replay(trace, {.chunk_records = 100});
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(LinesOf(replay.sink.taken()), replay.Lines());
  for (std::size_t i = 0; i < replay.sink.taken().size(); ++i) {
    ASSERT_EQ(replay.sink.taken()[i].position, i);
  }
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_TRUE(outcome.report.complete);
  EXPECT_EQ(outcome.report.records_read, 5'000u);
  EXPECT_EQ(outcome.report.records_sent, 5'000u);
  EXPECT_EQ(outcome.report.messages.messages_acknowledged, 5'000u);
  EXPECT_EQ(outcome.report.trace_digest, replay.summary().digest);
  EXPECT_EQ(replay.sink.taken_at_flush(), 5'000u);
}

TEST(Player, AHostsClockMovesTimestampsAndNothingElse) {
  traces::SampleTrace trace = TraceOf(traces::SampleRecords(5, 0, kSecond));
  trace.records[1].clock_skew = sim::Hours(1);
  trace.records[2].clock_skew = sim::Hours(-1);
  Replay replay(trace);
  replay.Play(At("1x"), {.selection = {.until = sim::VirtualTime(sim::Seconds(4))}});
  const std::vector<std::string> lines = replay.Lines();
  EXPECT_EQ(LinesOf(replay.sink.taken()), std::vector(lines.begin(), lines.begin() + 4));
  const std::int64_t start = trace.info.start_unix_nanoseconds / 1'000'000;
  constexpr std::array<std::int64_t, 4> kShown = {0, 3'601'000, -3'598'000, 3'000};
  for (std::size_t i = 0; i < kShown.size(); ++i) {
    EXPECT_EQ(SinceStart(replay.sink.taken()[i]), seconds(i));
    EXPECT_EQ(replay.sink.taken()[i].timestamp_unix_milliseconds, start + kShown[i]);
  }
}

TEST(Player, ThePayloadHashIsOfTheLinesInOrder) {
  Replay replay(traces::GoldenTrace());
  const Outcome outcome = replay.Play(At("max"));
  PayloadHash hash;
  for (const std::string& line : replay.Lines()) hash.Add(line);
  EXPECT_EQ(outcome.report.payload_hash, hash.Digest());
}

TEST(Player, AtMaxThereIsNoLatenessAndNoSpeedAsked) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(outcome.report.lateness, std::nullopt);
  EXPECT_EQ(outcome.report.speed_asked, std::nullopt);
  EXPECT_EQ(replay.clock.Now(), FakeClock::kStart);
}

TEST(Player, TellsTheSpeedAskedAndReached) {
  Replay replay(TraceOf(traces::SampleRecords(101, 0, kSecond)));
  const Outcome outcome = replay.Play(At("4x"));
  EXPECT_EQ(outcome.report.speed_asked, 4.0);
  EXPECT_DOUBLE_EQ(*outcome.report.speed_reached, 4.0);
  EXPECT_EQ(outcome.report.duration, seconds(25));
}

TEST(Player, ARateSendsEvenlyWhateverTheTimes) {
  std::vector<traces::Record> records;
  for (const std::int64_t time : {0, 0, 0, 5, 3'000, 3'000, 3'001}) {
    records.push_back(traces::SampleRecord(time * kSecond));
  }
  Replay replay(TraceOf(records));
  const Outcome outcome =
      replay.Play({.pace = {.kind = PaceKind::kRate, .ratio = *ParseRecordRate("4/s")}});
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(SinceStart(replay.sink.taken()[i]), milliseconds(250) * i);
  }
  EXPECT_EQ(outcome.report.speed_asked, std::nullopt);
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
}

TEST(Player, AMaximalRateDelaysButMovesNoDeadline) {
  std::vector<traces::Record> records = traces::SampleRecords(5, 0, 0);  // a burst of five
  records.push_back(traces::SampleRecord(10 * kSecond));
  Replay replay(TraceOf(records));
  const Outcome outcome =
      replay.Play({.pace = *ParseSpeed("1x"), .rate_max = *ParseRecordRate("2/s")});
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(SinceStart(replay.sink.taken()[i]), milliseconds(500) * i);
  }
  EXPECT_EQ(SinceStart(replay.sink.taken()[5]), seconds(10));
  EXPECT_EQ(outcome.report.lateness->max, seconds(2));
}

TEST(Player, AMaximalRateHoldsAtMaxToo) {
  Replay replay(TraceOf(traces::SampleRecords(1'001, 0, 1)));
  const Outcome outcome =
      replay.Play({.pace = *ParseSpeed("max"), .rate_max = *ParseRecordRate("1000/s")});
  EXPECT_EQ(SinceStart(replay.sink.taken().back()), seconds(1));
  EXPECT_EQ(outcome.report.lateness, std::nullopt);
}

TEST(Player, ASinkThatHoldsBackShowsInTheLatenessAndNothingIsLost) {
  Replay replay(TraceOf(traces::SampleRecords(10'000, 0, kSecond)));
  replay.sink.on_write = [&replay](std::uint64_t number) {
    if (number == 5'000) replay.clock.Advance(seconds(2));
    return absl::OkStatus();
  };
  const Outcome outcome = replay.Play(At("1440x"));
  EXPECT_EQ(replay.sink.taken().size(), 10'000u);
  EXPECT_EQ(LinesOf(replay.sink.taken()), replay.Lines());
  // Held back in Write, batched with others, never more than a wake-up apart.
  EXPECT_GE(outcome.report.lateness->max, seconds(2));
  EXPECT_LE(outcome.report.lateness->max, seconds(2) + milliseconds(1));
  // 2 s of 1440 x 1 record/s, which is 29 % of all, were late; the rest were not.
  EXPECT_GE(outcome.report.lateness->p99, milliseconds(1'500));
  EXPECT_LE(outcome.report.lateness->p50, milliseconds(1));
  // It catches up: the end is at the planned time.
  EXPECT_LE(outcome.report.duration, nanoseconds(9'999 * kSecond / 1'440) + milliseconds(1));
  EXPECT_TRUE(outcome.report.complete);
}

TEST(Player, APollThatHoldsBackShowsInTheLatenessAsWell) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  int polls = 0;
  replay.sink.on_poll = [&] {
    if (++polls == 40) replay.clock.Advance(seconds(2));
    return absl::OkStatus();
  };
  const Outcome outcome = replay.Play(At("10x"));
  EXPECT_GE(outcome.report.lateness->max, seconds(1) + milliseconds(900));
  EXPECT_LE(outcome.report.lateness->max, seconds(2));
}

TEST(Player, SleepingTooLongNeverAddsUp) {
  Replay replay(TraceOf(traces::SampleRecords(20'000, 0, 30 * kSecond)));  // a week
  replay.clock.set_oversleep(microseconds(70));
  const Outcome outcome = replay.Play(At("60x"));
  EXPECT_LE(outcome.report.lateness->max, microseconds(71));
  EXPECT_LE(SinceStart(replay.sink.taken().back()),
            nanoseconds(19'999 * kSecond / 2) + microseconds(70));
}

TEST(Player, RecordsDueAtOnceGoAtOnce) {
  std::vector<traces::Record> records = traces::SampleRecords(1'000, kSecond / 1'000, 0);
  Replay replay(TraceOf(records));
  replay.Play(At("1x"));
  for (const Taken& taken : replay.sink.taken()) ASSERT_EQ(SinceStart(taken), milliseconds(1));
}

TEST(Player, RecordsMicrosecondsApartGoInBatchesNeverEarly) {
  Replay replay(TraceOf(traces::SampleRecords(10'000, 0, 5'000)));  // every 5 us: 50 ms in all
  replay.Play(At("1x"));
  std::set<SteadyTime> batches;
  for (std::size_t i = 0; i < 10'000; ++i) {
    const nanoseconds late = SinceStart(replay.sink.taken()[i]) - microseconds(5 * i);
    ASSERT_GE(late, nanoseconds(0));
    ASSERT_LE(late, microseconds(200));
    batches.insert(replay.sink.taken()[i].at);
  }
  EXPECT_LT(batches.size(), 1'000u);
}

TEST(Player, TheSinkIsPolledEveryTenMillisecondsOfASleep) {
  Replay replay(TraceOf(traces::SampleRecords(2, 0, kSecond)));
  SteadyTime last = FakeClock::kStart;
  nanoseconds gap_max{0};
  replay.sink.on_poll = [&] {
    gap_max = std::max(gap_max, replay.clock.Now() - last);
    last = replay.clock.Now();
    return absl::OkStatus();
  };
  replay.Play(At("1x"));
  EXPECT_LE(gap_max, milliseconds(10));
  EXPECT_LE(replay.sink.taken().back().at - last, milliseconds(10));
}

TEST(Player, TheSinkIsPolledBeforeASleep) {
  Replay replay(TraceOf(traces::SampleRecords(2, 0, kSecond)));
  std::optional<SteadyTime> first_poll;
  replay.sink.on_poll = [&] {
    if (!first_poll) first_poll = replay.clock.Now();
    return absl::OkStatus();
  };
  replay.Play(At("1x"));
  EXPECT_EQ(first_poll, FakeClock::kStart);
}

TEST(Player, PlaysAHalfOpenRangeFromT0) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)), {.chunk_records = 7});
  const Outcome outcome = replay.Play(
      At("2x"), {.selection = {.from = sim::VirtualTime(sim::Seconds(20) - sim::Milliseconds(500)),
                               .until = sim::VirtualTime(sim::Seconds(30))}});
  ASSERT_EQ(replay.sink.taken().size(), 10u);
  EXPECT_EQ(replay.sink.taken().front().position, 20u);
  EXPECT_EQ(replay.sink.taken().back().position, 29u);
  // t0 is --from, not the first record's time.
  EXPECT_EQ(SinceStart(replay.sink.taken().front()), milliseconds(250));
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  EXPECT_EQ(outcome.report.records_read, 10u);
  EXPECT_TRUE(outcome.report.complete);
}

TEST(Player, WithoutFromT0IsTheStartAndNotTheFirstRecord) {
  Replay replay(TraceOf(traces::SampleRecords(1, 40 * kSecond, 0)));
  replay.Play(At("2x"));
  EXPECT_EQ(SinceStart(replay.sink.taken().front()), seconds(20));
}

TEST(Player, AnEmptyRangeIsFinishedAtOnce) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  const Outcome outcome =
      replay.Play(At("1x"), {.selection = {.from = sim::VirtualTime(sim::Hours(1))}});
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  EXPECT_TRUE(outcome.report.complete);
  EXPECT_EQ(outcome.report.records_sent, 0u);
  EXPECT_EQ(outcome.report.speed_reached, std::nullopt);
}

TEST(Player, TimestampsAreTheSameInLineAndDelivery) {
  for (const TimestampMode mode :
       {TimestampMode::kOriginal, TimestampMode::kShift, TimestampMode::kWall}) {
    const traces::SampleTrace trace = TraceOf(traces::SampleRecords(50, 0, 333'333'333));
    Replay replay(trace);
    PlayerOptions options = At("3x");
    options.timestamps = mode;
    replay.Play(options);
    traces::JsonRenderer renderer(trace.info, trace.catalogue);
    for (std::size_t i = 0; i < 50; ++i) {
      const Taken& taken = replay.sink.taken()[i];
      EXPECT_EQ(taken.line, renderer.Render(trace.records[i], taken.timestamp_unix_milliseconds));
    }
  }
}

TEST(Player, WallTimestampsAreWhenRecordsAreDueNotWhenTheyGo) {
  Replay replay(TraceOf(traces::SampleRecords(3, 0, kSecond)));
  replay.sink.on_write = [&replay](std::uint64_t number) {
    if (number == 0) replay.clock.Advance(seconds(5));
    return absl::OkStatus();
  };
  PlayerOptions options = At("1x");
  options.timestamps = TimestampMode::kWall;
  replay.Play(options);
  const std::int64_t begin = FakeClock::kWallStart / 1'000'000;
  EXPECT_EQ(replay.sink.taken()[1].timestamp_unix_milliseconds, begin + 1'000);
  EXPECT_EQ(replay.sink.taken()[2].timestamp_unix_milliseconds, begin + 2'000);
}

TEST(Player, AStopEndsReadingFlushesAndReports) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  replay.sink.on_write = [&replay](std::uint64_t number) {
    if (number == 9) replay.stop.Raise();
    return absl::OkStatus();
  };
  const Outcome outcome = replay.Play(At("1x"));
  EXPECT_EQ(outcome.ending, Ending::kInterrupted);
  EXPECT_EQ(outcome.report.records_sent, 10u);
  EXPECT_EQ(outcome.report.messages.messages_acknowledged, 10u);
  EXPECT_TRUE(outcome.report.payload_hash.has_value());
  EXPECT_FALSE(outcome.report.complete);
  EXPECT_EQ(replay.sink.taken_at_flush(), 10u);
}

TEST(Player, AStopWhileTheSinkHoldsBackStillFlushes) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  replay.sink.on_write = [&replay](std::uint64_t number) {
    if (number < 10) return absl::OkStatus();
    replay.stop.Raise();
    return absl::CancelledError("stopped while waiting");
  };
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(outcome.ending, Ending::kInterrupted);
  EXPECT_EQ(outcome.report.records_sent, 10u);
  EXPECT_EQ(outcome.report.records_read, 11u);
  EXPECT_EQ(replay.sink.taken_at_flush(), 10u);
}

TEST(Player, AReaderThatLeftIsNoFailureButNotComplete) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  replay.sink.on_poll = [] { return absl::CancelledError("closed pipe"); };
  const Outcome outcome = replay.Play(At("1x"));
  EXPECT_EQ(outcome.ending, Ending::kReaderGone);
  EXPECT_FALSE(outcome.report.complete);
  EXPECT_EQ(replay.sink.taken_at_flush(), std::nullopt);
}

TEST(Player, AFailedSinkEndsTheReplayAndTakesNoMore) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)));
  replay.sink.acknowledges = false;
  replay.sink.on_write = [](std::uint64_t number) {
    return number < 10 ? absl::OkStatus() : absl::UnavailableError("the broker is gone");
  };
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(outcome.ending, Ending::kSinkFailed);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(outcome.report.records_sent, 10u);
  EXPECT_EQ(outcome.report.payload_hash, std::nullopt);
  EXPECT_FALSE(outcome.report.complete);
  EXPECT_EQ(replay.sink.taken_at_flush(), std::nullopt);
}

TEST(Player, WhatTheFlushLeavesUnacknowledgedIsNotDelivered) {
  Replay replay(TraceOf(traces::SampleRecords(10, 0, kSecond)));
  replay.sink.acknowledges = false;
  replay.sink.on_flush = [] { return absl::UnavailableError("no acknowledgement for 30 s"); };
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(outcome.ending, Ending::kSinkFailed);
  EXPECT_EQ(outcome.report.payload_hash, std::nullopt);
}

TEST(Player, SilenceAfterAFlushIsNotTakenForAnAcknowledgement) {
  Replay replay(TraceOf(traces::SampleRecords(10, 0, kSecond)));
  replay.sink.acknowledges = false;
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(outcome.report.payload_hash, std::nullopt);
  EXPECT_FALSE(outcome.report.complete);
}

TEST(Player, OfAnIncompleteTraceEverythingWholeIsSent) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)), {.chunk_records = 10});
  const std::string bytes = traces::ReadFile(replay.path());
  const std::vector<std::size_t> offsets = traces::EntryOffsets(bytes);
  traces::WriteFile(replay.path(), bytes.substr(0, offsets[6] + 9));  // 5 chunks and a bit
  const Outcome outcome = replay.Play(At("max"));
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(outcome.report.records_sent, 50u);
  EXPECT_EQ(outcome.report.trace_digest, std::nullopt);
  EXPECT_FALSE(outcome.report.complete);
  EXPECT_TRUE(outcome.report.payload_hash.has_value());
}

TEST(Player, ARangeThatEndsBeforeTheCutIsComplete) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)), {.chunk_records = 10});
  const std::string bytes = traces::ReadFile(replay.path());
  traces::WriteFile(replay.path(), bytes.substr(0, traces::EntryOffsets(bytes)[6]));
  const Outcome outcome =
      replay.Play(At("max"), {.selection = {.until = sim::VirtualTime(sim::Seconds(45))}});
  EXPECT_TRUE(outcome.report.complete);
  EXPECT_EQ(outcome.report.records_sent, 45u);
}

TEST(Player, DamageIsPassedOverAndSaidOnce) {
  Replay replay(TraceOf(traces::SampleRecords(100, 0, kSecond)), {.chunk_records = 10});
  std::string bytes = traces::ReadFile(replay.path());
  const std::vector<std::size_t> offsets = traces::EntryOffsets(bytes);
  bytes[offsets[3] + 100] ^= 1;
  bytes[offsets[7] + 100] ^= 1;
  traces::WriteFile(replay.path(), bytes);
  std::vector<std::string> notices;
  PlayerOptions options = At("max");
  options.on_notice = [&notices](std::string_view line) { notices.emplace_back(line); };
  const Outcome outcome = replay.Play(options);
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(outcome.report.records_sent, 80u);
  EXPECT_EQ(notices.size(), 1u);
  EXPECT_FALSE(outcome.report.complete);
}

TEST(Player, TellsItsProgressAtTheInterval) {
  Replay replay(TraceOf(traces::SampleRecords(1'001, 0, kSecond)));
  std::vector<Progress> all;
  PlayerOptions options = At("100x");
  options.progress_interval = seconds(1);
  options.on_progress = [&all](const Progress& progress) { all.push_back(progress); };
  replay.Play(options);
  ASSERT_GE(all.size(), 9u);
  ASSERT_LE(all.size(), 12u);
  for (std::size_t i = 0; i + 2 < all.size(); ++i) {
    EXPECT_NEAR(*all[i].rates.speed, 100, 2);
    EXPECT_NEAR(*all[i].rates.records_per_second, 100, 2);
    EXPECT_EQ(all[i].rates.lateness_p99, nanoseconds(0));
  }
  EXPECT_EQ(all.back().records_sent, 1'001u);
}

}  // namespace
}  // namespace groundhog::replay
