// After any sequence of commands a replay continues from what it has played: after a change to
// speed s it plays at most s times the time that passes, also when the replay was late. Checked
// against a model that knows only the commands and the records sent before each.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "replay/command.h"
#include "replay/controls.h"
#include "replay/player.h"
#include "tests/replay/replay_fixture.h"
#include "text/time_text.h"

namespace groundhog::replay {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t kSpanSeconds = 24 * 3'600;
constexpr std::size_t kCommands = 60;
constexpr long double kNoBound = std::numeric_limits<long double>::infinity();  // at max

struct Given {
  SteadyTime at;
  std::size_t taken;  // records that had been sent
  std::string line;
  std::optional<std::string> answer;  // nullopt: an error
};

// A user who gives random commands.
class Restless : public Controls {
 public:
  Restless(FakeClock& clock, const RecordingSink& sink, std::uint64_t seed)
      : clock_(clock), sink_(sink), random_(seed) {
    Schedule();
  }

  std::optional<Command> Next() override {
    if (clock_.Now() < next_) return std::nullopt;
    Schedule();
    given.push_back({.at = clock_.Now(), .taken = sink_.taken().size(), .line = Line()});
    return *ParseCommand(given.back().line);
  }
  void Answer(const absl::StatusOr<std::string>& answer) override {
    if (answer.ok()) given.back().answer = *answer;
  }

  std::vector<Given> given;

 private:
  void Schedule() {
    next_ = clock_.Now();
    if (!random_.OneIn(4)) next_ += nanoseconds(random_.Below(800'000'000));
    if (given.size() >= kCommands + 2) next_ = SteadyTime::max();
    clock_.set_wake_at(next_);
  }

  std::string Line() {
    if (given.size() == kCommands) return "resume";
    if (given.size() > kCommands) return "speed max";
    constexpr const char* kSpeeds[] = {"60x",   "1000000x", "60x", "7/3x", "500000x",
                                       "1440x", "0.37x",    "max", "60x",  "36000x"};
    switch (random_.Below(12)) {
      case 0:
        return "pause";
      case 1:
      case 2:
        return "resume";
      case 3:
        return absl::StrCat("step ", 1 + random_.Below(9));
      case 4:
        return "faster";
      case 5:
        return "slower";
      case 6:
        return absl::StrCat("goto ", random_.Below(kSpanSeconds), "s");
      default:
        return absl::StrCat("speed ", kSpeeds[random_.Below(std::size(kSpeeds))]);
    }
  }

  FakeClock& clock_;
  const RecordingSink& sink_;
  traces::TestRandom random_;
  SteadyTime next_;
};

// The latest virtual time that may have been played, in nanoseconds.
class Model {
 public:
  explicit Model(long double speed) : speed_(speed) {}

  void PassTo(SteadyTime now) {
    const bool passes = !is_paused_ && speed_ != kNoBound;
    if (passes) bound_ += static_cast<long double>((now - now_).count()) * speed_;
    now_ = now;
  }
  // `next`: the virtual time of the first record not yet sent.
  void Obey(const Given& given, long double next) {
    PassTo(given.at);
    if (!given.answer) return;
    const Command command = *ParseCommand(given.line);
    if (command.kind == CommandKind::kPause) is_paused_ = true;
    if (command.kind == CommandKind::kResume) is_paused_ = false;
    if (command.kind == CommandKind::kGoTo) {
      bound_ = last_ = static_cast<long double>(text::ParseDuration(command.time)->nanoseconds());
    }
    const std::size_t pace = given.answer->find("pace=");
    if (pace == std::string::npos) return;
    const Pace now = *ParseSpeed(given.answer->substr(5, given.answer->find(' ') - 5));
    bound_ = speed_ == kNoBound ? last_ : std::min(bound_, next);
    speed_ = now.kind == PaceKind::kMax ? kNoBound
                                        : static_cast<long double>(now.ratio.numerator()) /
                                              static_cast<long double>(now.ratio.denominator());
  }
  // Reports a record that was sent, at its time or by a step.
  void Play(long double time) {
    if (is_paused_) bound_ = time;
    last_ = time;
  }

  bool is_paused() const { return is_paused_; }
  long double bound() const { return speed_ == kNoBound ? kNoBound : bound_; }
  long double speed() const { return speed_; }

 private:
  SteadyTime now_ = FakeClock::kStart;
  long double bound_ = 0;
  long double last_ = 0;  // what was played last
  long double speed_;
  bool is_paused_ = false;
};

struct Slowness {
  nanoseconds usual{0};
  bool stalls = false;  // and now and then for seconds
};

class ChangesOfSpeed : public testing::TestWithParam<std::uint64_t> {
 protected:
  // A day of bursts and silences, in small chunks, so that commands also come between two chunks.
  ChangesOfSpeed() {
    traces::TestRandom random(GetParam());
    std::vector<traces::Record> records;
    for (std::int64_t at = 0; at < kSpanSeconds * kSecond;) {
      records.push_back(traces::SampleRecord(at));
      const std::int64_t gap = random.OneIn(50) ? 900 * kSecond : 20 * kSecond;
      at += random.OneIn(5) ? 0 : static_cast<std::int64_t>(random.Below(gap));
    }
    times_.reserve(records.size());
    for (const traces::Record& record : records) times_.push_back(record.time.nanoseconds());
    traces::SampleTrace trace = TraceOf(std::move(records));
    trace.info.duration = sim::Seconds(kSpanSeconds);
    replay_.emplace(trace, traces::WriterOptions{.chunk_records = 7});
  }

  // Plays at 60x, and returns the commands that the replay got.
  std::vector<Given> Play(const Slowness& slowness, PlayerOptions options) {
    traces::TestRandom random(GetParam() + 1);
    replay_->sink.on_write = [&](std::uint64_t) {
      replay_->clock.Advance(nanoseconds(random.Below(2 * slowness.usual.count() + 1)));
      if (slowness.stalls && random.OneIn(500)) replay_->clock.Advance(seconds(3));
      return absl::OkStatus();
    };
    Restless restless(replay_->clock, replay_->sink, GetParam() + 2);
    options.pace = *ParseSpeed("60x");
    options.controls = {&restless};
    outcome_ = replay_->Play(options);
    EXPECT_EQ(outcome_.ending, Ending::kFinished);
    return restless.given;
  }

  long double TimeOf(const Taken& taken) const {
    return static_cast<long double>(times_.at(taken.position));
  }

  // `late_max`: how long after the model's time a record may be sent; nullopt: no bound.
  void Check(const std::vector<Given>& given, std::optional<nanoseconds> late_max) {
    Model model(60);
    const std::vector<Taken>& taken = replay_->sink.taken();
    std::size_t next_command = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      for (; next_command < given.size() && given[next_command].taken <= i; ++next_command) {
        model.Obey(given[next_command], NextAfter(given, next_command, i));
      }
      const long double time = TimeOf(taken[i]);
      model.PassTo(taken[i].at);
      if (!model.is_paused()) {
        ASSERT_LE(time, model.bound() + 1) << i << " after " << given[next_command - 1].line;
        if (late_max && model.speed() != kNoBound) {
          const long double late = (model.bound() - time) / model.speed();
          ASSERT_LE(late, static_cast<long double>(late_max->count())) << i;
        }
      }
      model.Play(time);
    }
    for (; next_command < given.size(); ++next_command) {
      EXPECT_EQ(given[next_command].taken, taken.size());  // after all was sent
    }
  }

  // The time of the first record not yet sent when a command came: that of the record sent next,
  // unless a jump came between; then the jump gives the bound.
  long double NextAfter(const std::vector<Given>& given, std::size_t command, std::size_t i) const {
    for (std::size_t later = command + 1; later < given.size() && given[later].taken <= i;
         ++later) {
      if (given[later].line.starts_with("goto") && given[later].answer) return kNoBound;
    }
    return TimeOf(replay_->sink.taken()[i]);
  }

  std::vector<std::int64_t> times_;
  std::optional<Replay> replay_;
  Outcome outcome_;
};

TEST_P(ChangesOfSpeed, NothingIsPlayedBeforeItsTimeHoweverLateTheReplayIs) {
  Check(Play({.usual = milliseconds(1), .stalls = true}, {}), std::nullopt);
}

TEST_P(ChangesOfSpeed, NorWithSlipOrUnderAMaximalRate) {
  PlayerOptions options;
  options.catch_up = CatchUp::kSlip;
  options.rate_max = *ParseRecordRate("700/s");
  Check(Play({.usual = microseconds(500), .stalls = true}, options), std::nullopt);
}

TEST_P(ChangesOfSpeed, IntoASinkThatKeepsUpEverythingGoesOnTime) {
  // A sleep is never shorter than 0.2 ms, so a change during it moves times by at most as much.
  Check(Play({}, {}), milliseconds(1));
  EXPECT_LE(outcome_.report.lateness->max, microseconds(200));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChangesOfSpeed, testing::Range<std::uint64_t>(0, 40));

}  // namespace
}  // namespace groundhog::replay
