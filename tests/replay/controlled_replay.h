// A controlled replay on a fake clock, for all tests of commands.
#ifndef GROUNDHOG_TESTS_REPLAY_CONTROLLED_REPLAY_H_
#define GROUNDHOG_TESTS_REPLAY_CONTROLLED_REPLAY_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/command.h"
#include "replay/controls.h"
#include "replay/player.h"
#include "tests/replay/replay_fixture.h"

namespace groundhog::replay {

// Gives each command at its time after the anchor.
class Script : public Controls {
 public:
  Script(FakeClock& clock, std::vector<std::pair<std::chrono::nanoseconds, std::string>> lines)
      : clock_(clock), lines_(std::move(lines)) {
    Wake();
  }

  std::optional<Command> Next() override {
    if (next_ == lines_.size() || clock_.Now() < FakeClock::kStart + lines_[next_].first) {
      return std::nullopt;
    }
    const absl::StatusOr<Command> command = ParseCommand(lines_[next_++].second);
    EXPECT_TRUE(command.ok()) << command.status();
    Wake();
    return *command;
  }
  void Answer(const absl::StatusOr<std::string>& answer) override {
    answers.push_back(answer.ok() ? "ok " + *answer
                                  : "error " + std::string(answer.status().message()));
  }

  std::vector<std::string> answers;

 private:
  void Wake() {
    clock_.set_wake_at(next_ < lines_.size() ? FakeClock::kStart + lines_[next_].first
                                             : SteadyTime::max());
  }

  FakeClock& clock_;
  std::vector<std::pair<std::chrono::nanoseconds, std::string>> lines_;
  std::size_t next_ = 0;
};

// 101 records, one a second; incidents at 10, 12, 30, 50, 70 and 90 s.
inline traces::SampleTrace Seconds101() {
  traces::SampleTrace trace = TraceOf(traces::SampleRecords(101, 0, kSecond));
  trace.info.duration = sim::Seconds(101);
  return trace;
}

// A controlled replay of Seconds101 in chunks of seven.
class Controlled : public Replay {
 public:
  Controlled() : Replay(Seconds101(), {.chunk_records = 7}) {}

  Outcome PlayScript(std::vector<std::pair<std::chrono::nanoseconds, std::string>> lines,
                     PlayerOptions options, const PlaylistOptions& playlist_options = {}) {
    Script script(clock, std::move(lines));
    options.controls = {&script};
    Outcome outcome = Play(options, playlist_options);
    answers = std::move(script.answers);
    return outcome;
  }

  std::vector<std::uint64_t> Positions() const {
    std::vector<std::uint64_t> positions;
    for (const Taken& taken : sink.taken()) positions.push_back(taken.position);
    return positions;
  }
  std::chrono::nanoseconds SentAt(std::size_t index) const {
    return SinceStart(sink.taken().at(index));
  }

  std::vector<std::string> answers;
};

inline std::vector<std::uint64_t> Range(std::uint64_t begin, std::uint64_t end) {
  std::vector<std::uint64_t> range;
  for (std::uint64_t i = begin; i < end; ++i) range.push_back(i);
  return range;
}

inline std::vector<std::uint64_t> Joined(std::vector<std::uint64_t> first,
                                         const std::vector<std::uint64_t>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace groundhog::replay

#endif  // GROUNDHOG_TESTS_REPLAY_CONTROLLED_REPLAY_H_
