// The effect of commands on times: deadlines, the start date, times of day, rates.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/player.h"
#include "tests/replay/controlled_replay.h"

namespace groundhog::replay {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(CommandTimes, SlowingDownGoesOnFromWhatWasPlayed) {
  Controlled replay;
  replay.sink.on_write = [&replay](std::uint64_t) {
    replay.clock.Advance(milliseconds(100));
    return absl::OkStatus();
  };
  // All 101 s are due at once; ten are played when it slows down.
  const Outcome outcome = replay.PlayScript({{milliseconds(1'000), "speed 1x"}}, At("1000000x"));
  EXPECT_EQ(replay.answers[0], "ok pace=1x time=2025-01-06T00:00:09.000000000Z");
  EXPECT_EQ(replay.SentAt(10), seconds(1));
  for (std::size_t i = 11; i < 101; ++i) EXPECT_EQ(replay.SentAt(i), seconds(i - 9));
  // The eleventh had been due after 10 us, and was late by the rest when the speed changed.
  EXPECT_EQ(outcome.report.slipped, seconds(1) - std::chrono::microseconds(10));
  EXPECT_EQ(outcome.report.lateness->max, seconds(1) - std::chrono::microseconds(9));
}

TEST(CommandTimes, FasterAndSlowerAgainEndsWhereItBegan) {
  Controlled replay;
  replay.sink.on_write = [&replay](std::uint64_t number) {
    replay.clock.Advance(milliseconds(number < 50 ? 100 : 0));
    return absl::OkStatus();
  };
  std::vector<std::pair<nanoseconds, std::string>> keys;
  for (int i = 0; i < 11; ++i) keys.push_back({milliseconds(500 + i), "faster"});
  for (int i = 0; i < 11; ++i) keys.push_back({milliseconds(1'000 + i), "slower"});
  replay.PlayScript(std::move(keys), At("1x"));
  // Seven are played by then; the rest goes by the second.
  for (std::size_t i = 8; i < 100; ++i) {
    EXPECT_EQ(replay.SentAt(i + 1) - replay.SentAt(i), seconds(1)) << i;
  }
}

TEST(CommandTimes, WhileItWaitsForItsStartDateNoCommandMovesThat) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.start_unix_nanoseconds = FakeClock::kWallStart + 100 * kSecond;
  const Outcome outcome = replay.PlayScript({{seconds(10), "speed max"},
                                             {seconds(20), "speed 2x"},
                                             {seconds(30), "pause"},
                                             {seconds(40), "resume"},
                                             {seconds(50), "goto 40s"},
                                             {seconds(60), "faster"},
                                             {seconds(60), "status"}},
                                            options);
  EXPECT_EQ(replay.Positions(), Range(40, 101));
  EXPECT_EQ(replay.SentAt(0), seconds(100));
  EXPECT_EQ(replay.SentAt(60), seconds(115));
  EXPECT_EQ(outcome.report.paused, nanoseconds(0));
  EXPECT_EQ(outcome.report.lateness->max, nanoseconds(0));
  EXPECT_NE(replay.answers[6].find("state=waiting time=2025-01-06T00:00:40.000"),
            std::string::npos);
}

TEST(CommandTimes, ATimeOfDayIsThatOfTheDayWhichIsPlayed) {
  std::vector<traces::Record> records;
  for (std::int64_t hour = 0; hour < 72; ++hour) {
    records.push_back(traces::SampleRecord(hour * 3'600 * kSecond));
  }
  traces::SampleTrace trace = TraceOf(std::move(records));
  trace.info.start_unix_nanoseconds += 12 * 3'600 * kSecond;  // noon
  trace.info.duration = sim::Hours(72);
  Replay replay(trace);
  Script script(replay.clock, {{seconds(1), "pause"},
                               {seconds(1), "goto 14:05"},
                               {seconds(1), "goto 02:00"},     // the first is on the next day
                               {seconds(1), "goto 14:05:30"},  // of that one
                               {seconds(1), "goto 2025-01-09T03:00:00Z"},
                               {seconds(1), "goto 14:05"},  // the last was on the day before
                               {seconds(1), "goto 00:00"},
                               {seconds(1), "goto 25:00"},
                               {seconds(1), "goto noon"},
                               {seconds(1), "quit"}});
  PlayerOptions options = At("1x");
  options.controls = {&script};
  replay.Play(options);
  const auto& answers = script.answers;
  EXPECT_EQ(answers[1], "ok time=2025-01-06T14:05:00.000000000Z");
  EXPECT_EQ(answers[2], "ok time=2025-01-07T02:00:00.000000000Z");
  EXPECT_EQ(answers[3], "ok time=2025-01-07T14:05:30.000000000Z");
  EXPECT_EQ(answers[5], "ok time=2025-01-08T14:05:00.000000000Z");
  EXPECT_EQ(answers[6], "ok time=2025-01-08T00:00:00.000000000Z");
  EXPECT_NE(answers[7].find("error '25:00': not a time of day"), std::string::npos) << answers[7];
  EXPECT_EQ(answers[8], "error 'noon': not a time; write 14:05, 14h30m or a date");
}

TEST(CommandTimes, ATimeOfDayThatIsNotPlayedIsRefusedAndLoopsHaveTheirOwn) {
  Controlled replay;
  replay.PlayScript({{seconds(1), "goto 00:02"},  // 19 s into the second loop
                     {seconds(3), "goto 14:05"},
                     {seconds(3), "quit"}},
                    At("1x"), {.loops = 3});
  EXPECT_EQ(replay.answers[0], "ok time=2025-01-06T00:02:00.000000000Z");
  EXPECT_EQ(replay.answers[1].substr(0, 28), "error what is played goes fr");
  EXPECT_EQ(replay.Positions(), (std::vector<std::uint64_t>{0, 1, 120, 121, 122}));
}

TEST(CommandTimes, AStepShowsTheRecordThatItSentLast) {
  Controlled replay;
  std::vector<std::string> shown;
  PlayerOptions options = At("1x");
  options.on_step = [&shown](sim::VirtualTime, std::string_view line) { shown.emplace_back(line); };
  replay.PlayScript({{milliseconds(1'500), "pause"},
                     {seconds(2), "step"},
                     {seconds(2), "step 3"},
                     {seconds(3), "resume"}},
                    options);
  EXPECT_EQ(shown,
            (std::vector<std::string>{replay.sink.taken()[2].line, replay.sink.taken()[5].line}));
}

TEST(CommandTimes, RatesHaveNoPartOfAPauseOrAJump) {
  Controlled replay;
  PlayerOptions options = At("1x");
  options.progress_interval = seconds(1'000);
  replay.PlayScript({{seconds(0), "status"},
                     {milliseconds(2'500), "pause"},
                     {seconds(7), "status"},
                     {seconds(8), "speed 2x"},
                     {seconds(10), "resume"},
                     {milliseconds(10'050), "status"},
                     {seconds(12), "status"},
                     {seconds(14), "goto 90s"},
                     {seconds(16), "status"},
                     {seconds(16), "quit"}},
                    options);
  const auto rates = [&](std::size_t i) {
    const std::string& answer = replay.answers[i];
    const std::size_t begin = answer.find(" speed_reached=");
    if (begin == std::string::npos) return std::string();
    return answer.substr(begin, answer.find(" records_sent") - begin);
  };
  EXPECT_EQ(rates(0), "");
  EXPECT_EQ(rates(2), " speed_reached=0 records_per_second=0");
  EXPECT_EQ(rates(5), "");  // too short a time for a rate
  EXPECT_EQ(rates(6), " speed_reached=2 records_per_second=2 lateness_p99_ms=0.000");
  EXPECT_EQ(rates(8).substr(0, 17), " speed_reached=2 ");
}

TEST(CommandTimes, AfterSlowingDownAWaitIsNoLongerThanTheGapAllowed) {
  for (const char* before : {"1000x", "max"}) {
    std::vector<traces::Record> records;
    for (const std::int64_t at : {0, 1'000, 10'000, 10'001}) {
      records.push_back(traces::SampleRecord(at * kSecond));
    }
    Replay replay(TraceOf(records));
    // At max the sink is slow, so that the command comes before the third record.
    replay.sink.on_write = [&](std::uint64_t number) {
      if (number < 2 && before == std::string("max")) replay.clock.Advance(seconds(1));
      return absl::OkStatus();
    };
    Script script(replay.clock, {{seconds(2), "speed 1x"}});
    PlayerOptions options = At(before);
    options.gap_max = seconds(5);
    options.controls = {&script};
    replay.Play(options);
    EXPECT_EQ(SinceStart(replay.sink.taken()[2]), seconds(7)) << before;
    EXPECT_EQ(SinceStart(replay.sink.taken()[3]), seconds(8)) << before;
  }
}

}  // namespace
}  // namespace groundhog::replay
