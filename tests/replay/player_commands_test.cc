// A controlled replay on a fake clock: exact to the nanosecond.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/player.h"
#include "tests/replay/controlled_replay.h"

namespace groundhog::replay {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(PlayerCommands, APauseDelaysEverythingByItsLengthAndLosesNothing) {
  Controlled replay;
  const Outcome outcome = replay.PlayScript(
      {{nanoseconds(2'500'000'001), "pause"}, {nanoseconds(7'500'000'008), "resume"}}, At("1x"));
  EXPECT_EQ(replay.Positions(), Range(0, 101));
  EXPECT_EQ(replay.SentAt(2), seconds(2));
  EXPECT_EQ(replay.SentAt(3), seconds(3) + nanoseconds(5'000'000'007));
  EXPECT_EQ(replay.SentAt(100), seconds(100) + nanoseconds(5'000'000'007));
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
  EXPECT_EQ(outcome.report.paused, nanoseconds(5'000'000'007));
  EXPECT_DOUBLE_EQ(*outcome.report.speed_reached, 1.0);
  EXPECT_TRUE(outcome.report.complete);
  EXPECT_EQ(replay.answers[0].substr(0, 8), "ok time=");
}

TEST(PlayerCommands, APauseMakesWhatWasTakenLast) {
  Controlled replay;
  replay.PlayScript({{milliseconds(2'500), "pause"}, {seconds(4), "resume"}}, At("1x"));
  EXPECT_EQ(replay.sink.checkpoints(), std::vector<std::size_t>{3});
}

TEST(PlayerCommands, StepsSendWithoutWaitingAndResumingGoesOnFromThere) {
  Controlled replay;
  const Outcome outcome = replay.PlayScript({{milliseconds(1'500), "pause"},
                                             {seconds(3), "step"},
                                             {seconds(4), "step 3"},
                                             {seconds(9), "resume"}},
                                            At("2x"));
  EXPECT_EQ(replay.Positions(), Range(0, 101));
  EXPECT_EQ(replay.SentAt(3), milliseconds(1'500));
  EXPECT_EQ(replay.SentAt(4), seconds(3));
  for (std::size_t i = 5; i < 8; ++i) EXPECT_EQ(replay.SentAt(i), seconds(4));
  // Record 7 was the last; 8 is one second of virtual time later.
  EXPECT_EQ(replay.SentAt(8), seconds(9) + milliseconds(500));
  EXPECT_NE(replay.answers[2].find("steps=3 time="), std::string::npos) << replay.answers[2];
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
  EXPECT_TRUE(outcome.report.complete);
}

TEST(PlayerCommands, StepsEndWithTheTrace) {
  Controlled replay;
  const Outcome outcome =
      replay.PlayScript({{seconds(99), "pause"}, {seconds(110), "step 5"}}, At("1x"));
  EXPECT_EQ(replay.Positions(), Range(0, 101));
  EXPECT_NE(replay.answers[1].find("steps=1 "), std::string::npos) << replay.answers[1];
  EXPECT_EQ(outcome.ending, Ending::kFinished);
}

TEST(PlayerCommands, AReplayMayStartPaused) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.starts_paused = true;
  replay.PlayScript({{seconds(5), "step"}, {seconds(7), "resume"}}, options);
  EXPECT_EQ(replay.SentAt(0), seconds(5));
  EXPECT_EQ(replay.SentAt(1), seconds(8));
  EXPECT_EQ(replay.Positions(), Range(0, 101));
}

TEST(PlayerCommands, AChangeOfSpeedTakesEffectAtOnceAndExactly) {
  Controlled replay;
  const Outcome outcome = replay.PlayScript(
      {{milliseconds(10'250), "speed 4x"}, {milliseconds(20'250), "slower"}}, At("1x"));
  EXPECT_EQ(replay.SentAt(10), seconds(10));
  // 10.25 s of virtual time are played; the rest of the second takes a quarter.
  EXPECT_EQ(replay.SentAt(11), milliseconds(10'250) + nanoseconds(187'500'000));
  // 50.25 s are played at 20.25 s; then twice real time.
  EXPECT_EQ(replay.SentAt(51), milliseconds(20'250) + milliseconds(375));
  EXPECT_EQ(replay.SentAt(100), milliseconds(20'250) + nanoseconds(24'875'000'000));
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
  EXPECT_EQ(outcome.report.speed_asked, 2.0);
  EXPECT_TRUE(outcome.report.complete);
}

TEST(PlayerCommands, SpeedChangesDuringAPauseHoldWhenItEnds) {
  Controlled replay;
  replay.PlayScript(
      {{milliseconds(500), "pause"}, {seconds(2), "speed 10x"}, {seconds(3), "resume"}}, At("1x"));
  EXPECT_EQ(replay.SentAt(1), seconds(3) + milliseconds(50));
  EXPECT_EQ(replay.SentAt(11), seconds(4) + milliseconds(50));
}

TEST(PlayerCommands, FromMaxToASpeedNothingWaitsForThePast) {
  Controlled replay;
  replay.sink.on_write = [&replay](std::uint64_t) {
    replay.clock.Advance(milliseconds(10));
    return absl::OkStatus();
  };
  replay.PlayScript({{milliseconds(300), "speed 1x"}}, At("max"));
  EXPECT_EQ(replay.SentAt(29), milliseconds(290));
  EXPECT_EQ(replay.SentAt(30), milliseconds(300) + seconds(1));
}

TEST(PlayerCommands, AJumpForwardsSkipsAndBackwardsRepeats) {
  Controlled replay;
  const Outcome outcome = replay.PlayScript({{milliseconds(3'500), "goto 50s"},
                                             {milliseconds(5'750), "goto 2025-01-06T00:01:20Z"},
                                             {milliseconds(7'750), "goto 1m38.5s"},
                                             {milliseconds(8'000), "goto 98s"}},
                                            At("1x"));
  EXPECT_EQ(replay.Positions(),
            (std::vector<std::uint64_t>{0, 1, 2, 3, 50, 51, 52, 80, 81, 82, 98, 99, 100}));
  EXPECT_EQ(replay.SentAt(4), milliseconds(3'500));
  EXPECT_EQ(replay.SentAt(7), milliseconds(5'750));
  EXPECT_EQ(outcome.report.seeks, 4u);
  EXPECT_EQ(outcome.report.records_sent, 13u);
  EXPECT_FALSE(outcome.report.complete);
  EXPECT_EQ(outcome.ending, Ending::kFinished);
  // The time that was jumped over was not played.
  EXPECT_NEAR(*outcome.report.speed_reached, 1.0, 1e-9);
  // Each jump makes the first record after it due at once.
  EXPECT_EQ(replay.sink.checkpoints(), (std::vector<std::size_t>{4, 7, 10, 10}));
}

TEST(PlayerCommands, AJumpBackSendsTheSameLinesAgain) {
  Controlled replay;
  replay.PlayScript({{milliseconds(20'500), "goto 0"}}, At("1x"));
  EXPECT_EQ(replay.Positions(), Joined(Range(0, 21), Range(0, 101)));
  for (std::size_t i = 0; i < 21; ++i) {
    EXPECT_EQ(replay.sink.taken()[i].line, replay.sink.taken()[21 + i].line);
  }
  EXPECT_EQ(replay.SentAt(21 + 100), milliseconds(20'500) + seconds(100));
}

TEST(PlayerCommands, AJumpDuringAPauseStaysPaused) {
  Controlled replay;
  replay.PlayScript({{milliseconds(500), "pause"},
                     {seconds(1), "goto 60s"},
                     {seconds(2), "step"},
                     {seconds(3), "goto 40500ms"},
                     {seconds(5), "resume"}},
                    At("1x"));
  EXPECT_EQ(replay.Positions(), Joined({0, 60}, Range(41, 101)));
  EXPECT_EQ(replay.SentAt(2), seconds(5) + milliseconds(500));
}

TEST(PlayerCommands, NextAndPreviousGoToTheStartsOfIncidents) {
  Controlled replay;
  replay.PlayScript({{seconds(0), "pause"},
                     {seconds(1), "previous"},
                     {seconds(1), "next"},
                     {seconds(1), "next"},
                     {seconds(1), "next"},
                     {seconds(1), "previous"},
                     {seconds(2), "goto 95s"},
                     {seconds(2), "next"},
                     {seconds(2), "previous"},
                     {seconds(3), "quit"}},
                    At("1x"));
  const auto time_and_name = [&](std::size_t i) { return replay.answers[i].substr(20); };
  EXPECT_EQ(replay.answers[1], "error no incident begins earlier in what is played");
  EXPECT_EQ(time_and_name(2), "0:00:10.000000000Z incident=order-outage/1");
  EXPECT_EQ(time_and_name(3), "0:00:12.000000000Z incident=slow");
  EXPECT_EQ(time_and_name(4), "0:00:30.000000000Z incident=order-outage/2");
  EXPECT_EQ(time_and_name(5), "0:00:12.000000000Z incident=slow");
  EXPECT_EQ(replay.answers[7], "error no incident begins later in what is played");
  EXPECT_EQ(time_and_name(8), "0:01:30.000000000Z incident=order-outage/5");
}

TEST(PlayerCommands, PreviousSoonAfterAnIncidentsStartGoesToTheOneBefore) {
  Controlled replay;
  replay.PlayScript({{seconds(0), "goto 30s"},
                     {seconds(2), "previous"},  // 32 s: to 12 s
                     {seconds(2), "goto 30s"},
                     {seconds(6), "previous"},  // 34 s: to 30 s again
                     {seconds(6), "quit"}},
                    At("1x"));
  EXPECT_NE(replay.answers[1].find("incident=slow"), std::string::npos) << replay.answers[1];
  EXPECT_NE(replay.answers[3].find("order-outage/2"), std::string::npos) << replay.answers[3];
}

TEST(PlayerCommands, IncidentsAreFoundAcrossLoops) {
  Controlled replay;
  replay.PlayScript({{seconds(0), "goto 95s"},
                     {seconds(0), "next"},
                     {seconds(1), "pause"},
                     {seconds(1), "previous"},
                     {seconds(1), "previous"},
                     {seconds(1), "quit"}},
                    At("1x"), {.loops = 2});
  // Ten seconds into the second loop, which begins at 101 s.
  EXPECT_NE(replay.answers[1].find("00:01:51.000000000Z incident=order-outage/1"),
            std::string::npos)
      << replay.answers[1];
  EXPECT_NE(replay.answers[3].find("00:01:51."), std::string::npos) << replay.answers[3];
  EXPECT_NE(replay.answers[4].find("00:01:30."), std::string::npos) << replay.answers[4];
}

TEST(PlayerCommands, WhatCannotBeIsRefusedAndChangesNothing) {
  Controlled replay;
  const Outcome outcome = replay.PlayScript({{seconds(1), "step"},
                                             {seconds(1), "goto 101s"},
                                             {seconds(1), "goto yesterday"},
                                             {seconds(1), "goto 2024-12-31T00:00:00Z"},
                                             {seconds(1), "resume"}},
                                            At("1x"));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(replay.answers[i].substr(0, 6), "error ") << i;
  EXPECT_EQ(replay.answers[4].substr(0, 3), "ok ");
  EXPECT_EQ(replay.Positions(), Range(0, 101));
  EXPECT_EQ(replay.SentAt(100), seconds(100));
  EXPECT_TRUE(outcome.report.complete);
}

TEST(PlayerCommands, AForwardsOnlyReplayJumpsForwardsOnly) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.forwards_only = "positions that are committed are not played again";
  replay.PlayScript({{milliseconds(10'500), "goto 5s"}, {milliseconds(10'500), "goto 90s"}},
                    options);
  EXPECT_EQ(replay.answers[0], "error positions that are committed are not played again");
  EXPECT_EQ(replay.Positions(), Joined(Range(0, 11), Range(90, 101)));
}

TEST(PlayerCommands, QuitEndsCleanlyAndIsNotComplete) {
  Controlled replay;
  const Outcome outcome = replay.PlayScript({{milliseconds(10'500), "quit"}}, At("1x"));
  EXPECT_EQ(outcome.ending, Ending::kQuit);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(replay.Positions(), Range(0, 11));
  EXPECT_EQ(replay.sink.taken_at_flush(), 11u);
  EXPECT_FALSE(outcome.report.complete);
  EXPECT_TRUE(outcome.report.payload_hash.has_value());
}

TEST(PlayerCommands, AFailedCheckpointEndsTheReplay) {
  Controlled replay;
  replay.sink.on_checkpoint = [] { return absl::UnavailableError("the broker is gone"); };
  const Outcome outcome = replay.PlayScript({{milliseconds(500), "pause"}}, At("1x"));
  EXPECT_EQ(outcome.ending, Ending::kSinkFailed);
  EXPECT_EQ(replay.answers[0], "error the broker is gone");
}

TEST(PlayerCommands, StatusTellsWhereTheReplayStands) {
  Controlled replay;
  replay.PlayScript({{milliseconds(32'500), "status"},
                     {milliseconds(32'500), "pause"},
                     {seconds(40), "status"},
                     {seconds(40), "quit"}},
                    At("1x"));
  EXPECT_EQ(replay.answers[0].substr(0, replay.answers[0].find(" speed_reached")),
            "ok state=playing time=2025-01-06T00:00:32.500000000Z loop=0 position=33 pace=1x");
  EXPECT_NE(replay.answers[0].find(" records_sent=33 messages_acknowledged=33 messages_failed=0 "
                                   "incident=order-outage/2 "
                                   "left_s=68.500"),
            std::string::npos)
      << replay.answers[0];
  EXPECT_NE(replay.answers[2].find("state=paused time=2025-01-06T00:00:32.500"), std::string::npos);
}

TEST(PlayerCommands, StatusTellsTheRatesSinceTheLastOne) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.progress_interval = seconds(5);
  options.on_progress = [](const Progress&) {};
  replay.PlayScript({{seconds(1), "status"},
                     {seconds(3), "speed 4x"},
                     {milliseconds(3'001), "status"},
                     {seconds(9), "status"},
                     {seconds(9), "quit"}},
                    options);
  EXPECT_NE(replay.answers[0].find(" speed_reached=1 "), std::string::npos) << replay.answers[0];
  // 2 s at 1x and a moment more; then some seconds at 4x.
  EXPECT_NE(replay.answers[2].find(" speed_reached=1.0015 records_per_second=0.9995 "),
            std::string::npos)
      << replay.answers[2];
  EXPECT_NE(replay.answers[3].find(" speed_reached=4 records_per_second="), std::string::npos)
      << replay.answers[3];
}

TEST(PlayerCommands, IdleTimeIsSqueezedToTheLongestWaitAtAnySpeed) {
  std::vector<traces::Record> records;
  for (const std::int64_t at : {30, 31, 90, 91, 400}) {
    records.push_back(traces::SampleRecord(at * kSecond));
  }
  Replay replay(TraceOf(records));
  Script script(replay.clock, {{milliseconds(4'750), "speed 4x"}});
  PlayerOptions options = At("2x");
  options.gap_max = seconds(2);
  options.controls = {&script};
  const Outcome outcome = replay.Play(options);
  std::vector<nanoseconds> at;
  for (const Taken& taken : replay.sink.taken()) at.push_back(SinceStart(taken));
  // 2 s instead of 15, 0.5 as it is, 2 s instead of 29.5; at 4.75 s, half a second of virtual time
  // before the next, twice the speed; then 2 s again.
  EXPECT_EQ(at, (std::vector<nanoseconds>{seconds(2), milliseconds(2'500), milliseconds(4'500),
                                          milliseconds(4'875), milliseconds(6'875)}));
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
}

TEST(PlayerCommands, WithSlipWhatIsHeldBackMovesTheRest) {
  for (const CatchUp catch_up : {CatchUp::kBurst, CatchUp::kSlip}) {
    Controlled replay;
    replay.sink.on_write = [&replay](std::uint64_t number) {
      if (number == 9) replay.clock.Advance(seconds(5) + nanoseconds(7));
      return absl::OkStatus();
    };
    PlayerOptions options = At("1x");
    options.catch_up = catch_up;
    const Outcome outcome = replay.Play(options);
    const bool is_slip = catch_up == CatchUp::kSlip;
    const nanoseconds moved = is_slip ? seconds(5) + nanoseconds(7) : nanoseconds(0);
    EXPECT_EQ(replay.SentAt(10), is_slip ? seconds(10) + moved : seconds(14) + nanoseconds(7));
    EXPECT_EQ(replay.SentAt(100), seconds(100) + moved);
    EXPECT_EQ(outcome.report.slipped, moved);
    EXPECT_EQ(outcome.report.lateness->max, seconds(5) + nanoseconds(7));
    EXPECT_TRUE(outcome.report.complete);
  }
}

TEST(PlayerCommands, AStartDateIsTheAnchorOfEveryMachine) {
  for (const std::int64_t offset_s : {90, -40}) {
    Controlled replay;
    PlayerOptions options = At("1x");
    options.start_unix_nanoseconds = FakeClock::kWallStart + offset_s * kSecond;
    options.timestamps = TimestampMode::kShift;
    const Outcome outcome = replay.Play(options);
    EXPECT_EQ(replay.Positions(), Range(0, 101));
    EXPECT_EQ(replay.SentAt(100), seconds(100 + offset_s));
    // A late replay catches up.
    EXPECT_EQ(replay.SentAt(0), seconds(std::max<std::int64_t>(offset_s, 0)));
    EXPECT_EQ(outcome.report.lateness->max, seconds(std::max<std::int64_t>(-offset_s, 0)));
    EXPECT_EQ(replay.sink.taken()[3].timestamp_unix_milliseconds,
              (FakeClock::kWallStart + (offset_s + 3) * kSecond) / 1'000'000);
  }
}

TEST(PlayerCommands, AtMaxAStartDateIsWaitedFor) {
  Controlled replay;
  PlayerOptions options = At("max");
  options.start_unix_nanoseconds = FakeClock::kWallStart + 3 * kSecond;
  replay.Play(options);
  EXPECT_EQ(replay.SentAt(0), seconds(3));
  EXPECT_EQ(replay.SentAt(100), seconds(3));
}

TEST(PlayerCommands, AResumedReplaysFirstRecordIsDueAtOnce) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.is_resumed = true;
  const Outcome outcome = replay.Play(options, {.start_position = 60});
  EXPECT_EQ(replay.Positions(), Range(60, 101));
  EXPECT_EQ(replay.SentAt(0), seconds(0));
  EXPECT_EQ(replay.SentAt(40), seconds(40));
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
  EXPECT_DOUBLE_EQ(*outcome.report.speed_reached, 1.0);
}

TEST(PlayerCommands, AResumedReplayWithAStartDateIsOnTheClockOfTheOthers) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.is_resumed = true;
  options.timestamps = TimestampMode::kWall;
  options.start_unix_nanoseconds = FakeClock::kWallStart - 70 * kSecond;
  const Outcome outcome = replay.Play(options, {.start_position = 60});
  EXPECT_EQ(replay.Positions(), Range(60, 101));
  EXPECT_EQ(replay.SentAt(0), seconds(0));
  EXPECT_EQ(outcome.report.lateness->max, seconds(10));
  EXPECT_EQ(replay.SentAt(20), seconds(10));
  EXPECT_EQ(replay.sink.taken()[20].timestamp_unix_milliseconds,
            (FakeClock::kWallStart + 10 * kSecond) / 1'000'000);
}

TEST(PlayerCommands, LoopsGoOnWithoutDrift) {
  Controlled replay;
  replay.clock.set_oversleep(std::chrono::microseconds(70));
  const Outcome outcome = replay.Play(At("7/3x"), {.loops = 500});
  ASSERT_EQ(replay.sink.taken().size(), 50'500u);
  const nanoseconds due{(499 * 101 + 100) * kSecond * 3 / 7 + 1};
  EXPECT_GE(replay.SentAt(50'499), due);
  EXPECT_LE(replay.SentAt(50'499), due + std::chrono::microseconds(70));
  EXPECT_LE(outcome.report.lateness->max, std::chrono::microseconds(70));
}

}  // namespace
}  // namespace groundhog::replay
