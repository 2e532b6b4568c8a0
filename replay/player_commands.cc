// What the player does when it is told to, and what it tells of itself.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "replay/player.h"
#include "replay/seconds.h"
#include "text/time_text.h"

namespace groundhog::replay {
namespace {

// So soon after an incident's start "previous" means the one before it.
constexpr std::chrono::nanoseconds kPreviousSlack = std::chrono::seconds(3);

constexpr std::int64_t kSpeedTermMax = 999'999'999;  // as ParseSpeed

}  // namespace

void Player::TakeCommands() {
  for (Controls* const controls : options_.controls) {
    while (steps_left_ == 0 && !IsOver()) {
      const std::optional<Command> command = controls->Next();
      if (!command) break;
      const Answer answer = Obey(*command);
      if (steps_left_ != 0) {
        step_asker_ = controls;  // answered when the records have gone
      } else {
        controls->Answer(answer);
      }
      if (command->kind != CommandKind::kStatus) TellProgress();
    }
  }
}

Player::Answer Player::Obey(const Command& command) {
  switch (command.kind) {
    case CommandKind::kPause:
      return Pause();
    case CommandKind::kResume:
      return Resume();
    case CommandKind::kTogglePause:
      return timeline_.is_paused() ? Resume() : Pause();
    case CommandKind::kStep:
      return Step(command.count);
    case CommandKind::kSpeed:
      return ChangePace(command.pace);
    case CommandKind::kFaster:
      return ChangeSpeedBy(Ratio(2, 1));
    case CommandKind::kSlower:
      return ChangeSpeedBy(Ratio(1, 2));
    case CommandKind::kNextIncident:
      return GoToNextIncident();
    case CommandKind::kPreviousIncident:
      return GoToPreviousIncident();
    case CommandKind::kGoTo: {
      const absl::StatusOr<sim::VirtualTime> time = TimeOf(command.time);
      if (time.ok()) return GoTo(*time);
      return absl::InvalidArgumentError(
          absl::StrCat("'", command.time, "': ", time.status().message()));
    }
    case CommandKind::kStatus:
      Measure(kRatesIntervalMin);
      return StatusText(CurrentProgress(), reader_.info().start_unix_nanoseconds);
    case CommandKind::kQuit:
      has_quit_ = true;
      return TimeText(Now());
  }
  return absl::InternalError("no such command");
}

void Player::Halt() {
  timeline_.Pause(now_);
  rates_ = {.speed = 0, .records_per_second = 0};
}

Player::Answer Player::Pause() {
  Halt();
  sink_status_ = sink_.Checkpoint();
  now_ = clock_.Now();
  if (!sink_status_.ok()) return sink_status_;
  return TimeText(Now());
}

Player::Answer Player::Resume() {
  if (timeline_.is_paused()) {
    timeline_.Resume(now_);
    rates_ = {};
    BeginInterval();
  }
  return TimeText(Now());
}

Player::Answer Player::Step(std::uint64_t count) {
  if (!timeline_.is_paused()) {
    return absl::FailedPreconditionError("the replay is not paused; pause it to step");
  }
  steps_left_ = count;
  steps_done_ = 0;
  return TimeText(Now());
}

// Answers a step when its records have gone, or no more will.
void Player::EndStep() {
  steps_left_ = 0;
  if (step_asker_ == nullptr) return;
  Controls* const asker = std::exchange(step_asker_, nullptr);
  if (sink_status_.ok()) {
    asker->Answer(absl::StrCat("steps=", steps_done_, " ", TimeText(Now())));
  } else {
    asker->Answer(sink_status_);
  }
  TellProgress();
}

// Behind what was played last.
Timeline::Place Player::Here() const {
  return {.played = last_time_ - last_squeezed_,
          .number = next_ ? next_->number : playlist_.records_matched()};
}

Player::Answer Player::ChangePace(const Pace& pace) {
  if (timeline_.pace().kind == PaceKind::kSpeed) speed_before_ = timeline_.pace().ratio;
  timeline_.ChangePace(pace, now_, Here());
  if (next_) timeline_.Settle(PlaceOf(*next_));
  SqueezeGaps();
  SqueezeNext();
  return absl::StrCat("pace=", PaceText(pace), " ", TimeText(Now()));
}

Player::Answer Player::ChangeSpeedBy(const Ratio& factor) {
  const Pace& pace = timeline_.pace();
  const bool is_faster = factor.numerator() > factor.denominator();
  if (pace.kind == PaceKind::kMax) {
    if (is_faster) return absl::FailedPreconditionError("the replay is as fast as it can be");
    return ChangePace({.kind = PaceKind::kSpeed, .ratio = speed_before_.value_or(Ratio(1, 1))});
  }
  if (pace.kind == PaceKind::kRate) {
    return absl::FailedPreconditionError("the replay goes by a rate; ask for a speed first");
  }
  const Ratio speed(pace.ratio.numerator() * factor.numerator(),
                    pace.ratio.denominator() * factor.denominator());
  if (std::max(speed.numerator(), speed.denominator()) > kSpeedTermMax) {
    return absl::FailedPreconditionError(is_faster ? "there is no higher speed but max"
                                                   : "there is no lower speed; pause instead");
  }
  return ChangePace({.kind = PaceKind::kSpeed, .ratio = speed});
}

void Player::SqueezeGaps() {
  std::optional<sim::Duration> gap_max;
  if (options_.gap_max && timeline_.pace().kind == PaceKind::kSpeed) {
    gap_max = VirtualTimeIn(*options_.gap_max, timeline_.pace().ratio);
  }
  playlist_.set_gap_max(gap_max);
}

// What comes next was taken at another pace, so that what is left of the gap before it may be too
// long at this one.
void Player::SqueezeNext() {
  const std::optional<sim::VirtualTime> played = timeline_.PlayedAt(now_);
  if (!next_ || !options_.gap_max || !played) return;
  const sim::Duration left = std::min(PlaceOf(*next_).played - *played, next_->gap);
  const sim::Duration more = left - VirtualTimeIn(*options_.gap_max, timeline_.pace().ratio);
  if (more <= sim::Duration()) return;
  next_->squeezed += more;
  next_->gap -= more;
  playlist_.SqueezeMore(more);
}

absl::StatusOr<sim::VirtualTime> Player::TimeOf(const std::string& text) const {
  const bool is_time_of_day =
      text.find(':') != std::string::npos && text.find('-') == std::string::npos;
  if (!is_time_of_day) {
    const absl::StatusOr<sim::VirtualTime> time =
        text::ParseTimeArgument(text, reader_.info().start_unix_nanoseconds);
    if (time.ok() || text.find('-') != std::string::npos) return time;
    return absl::InvalidArgumentError("not a time; write 14:05, 14h30m or a date");
  }
  const absl::StatusOr<sim::Duration> since_midnight = text::ParseTimeOfDay(text);
  if (!since_midnight.ok()) return since_midnight.status();
  return TimeOfDay(*since_midnight);
}

// Of the day that is being played; if that is not played, of the nearest day on which it is.
sim::VirtualTime Player::TimeOfDay(sim::Duration since_midnight) const {
  constexpr sim::Duration kDay = sim::Hours(24);
  const sim::Duration start(reader_.info().start_unix_nanoseconds);
  const sim::Duration now = start + Now().since_start();  // since 1970
  sim::VirtualTime time(now - now % kDay + since_midnight - start);
  const sim::VirtualTime begin = playlist_.begin(), end = playlist_.end();
  if (time < begin) time = time + kDay * ((begin - time - sim::Nanoseconds(1)) / kDay + 1);
  if (time >= end) time = time - kDay * ((time - end) / kDay + 1);
  return time;
}

Player::Answer Player::GoTo(sim::VirtualTime time) {
  if (!playlist_.can_seek()) {
    return absl::FailedPreconditionError("a pipe plays forwards only; seeking needs a file");
  }
  if (time < playlist_.begin() || time >= playlist_.end()) {
    const std::int64_t start = reader_.info().start_unix_nanoseconds;
    const auto date = [start](sim::VirtualTime place) {
      return text::FormatRfc3339(text::UnixNanoseconds(start, place));
    };
    return absl::OutOfRangeError(absl::StrCat("what is played goes from ", date(playlist_.begin()),
                                              " to ", date(playlist_.end())));
  }
  if (!options_.forwards_only.empty() && time <= last_time_) {
    return absl::FailedPreconditionError(options_.forwards_only);
  }
  const sim::VirtualTime before = Now();
  sink_status_ = sink_.Checkpoint();
  if (!sink_status_.ok()) return sink_status_;
  trace_status_ = playlist_.SeekTo(time);
  now_ = clock_.Now();
  if (!trace_status_.ok()) return trace_status_;
  ++seeks_;
  jumped_ += time - before;
  next_.reset();
  interval_time_ = interval_time_ + (time - before);
  last_time_ = time;
  last_squeezed_ = sim::Duration();
  timeline_.MoveTo({.played = time, .number = playlist_.records_matched()}, now_);
  return TimeText(time);
}

Player::Answer Player::GoToNextIncident() {
  const sim::VirtualTime now = Now();
  const sim::VirtualTime begin = playlist_.begin(), end = playlist_.RangeEnd();
  std::uint64_t loop = playlist_.LoopAt(now);
  const sim::VirtualTime recorded = now - playlist_.LoopShift(loop);
  std::optional<Incident> next =
      incidents_.FirstIn(std::max(recorded + sim::Nanoseconds(1), begin), end);
  if (!next && loop + 1 < playlist_.loops()) next = incidents_.FirstIn(begin, end), ++loop;
  if (!next) return absl::NotFoundError("no incident begins later in what is played");
  const Answer answer = GoTo(next->start + playlist_.LoopShift(loop));
  if (!answer.ok()) return answer;
  return absl::StrCat(*answer, " incident=", next->name);
}

Player::Answer Player::GoToPreviousIncident() {
  sim::VirtualTime now = Now();
  if (timeline_.pace().kind == PaceKind::kSpeed && !timeline_.is_paused()) {
    now = std::max(now - VirtualTimeIn(kPreviousSlack, timeline_.pace().ratio), playlist_.begin());
  }
  const sim::VirtualTime begin = playlist_.begin(), end = playlist_.RangeEnd();
  std::uint64_t loop = playlist_.LoopAt(now);
  std::optional<Incident> previous =
      incidents_.LastIn(begin, std::min(now - playlist_.LoopShift(loop), end));
  if (!previous && loop > 0) previous = incidents_.LastIn(begin, end), --loop;
  if (!previous) return absl::NotFoundError("no incident begins earlier in what is played");
  const Answer answer = GoTo(previous->start + playlist_.LoopShift(loop));
  if (!answer.ok()) return answer;
  return absl::StrCat(*answer, " incident=", previous->name);
}

// The virtual time that is being played: by the clock between records, else of the record that is
// being sent.
sim::VirtualTime Player::Now() const {
  const std::optional<sim::VirtualTime> played = timeline_.PlayedAt(now_);
  if (!played || !next_) return last_time_;
  return std::clamp(*played + next_->squeezed, last_time_, std::max(last_time_, next_->time));
}

std::string Player::TimeText(sim::VirtualTime time) const {
  return absl::StrCat("time=", text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(
                                   reader_.info().start_unix_nanoseconds, time)));
}

// After a command the interval may be too short to say anything: then the rates stand.
void Player::TellProgress() {
  Measure(options_.progress_interval / 2);
  told_at_ = now_;
  if (options_.on_progress) options_.on_progress(CurrentProgress());
}

// While a replay waits for its start date, the interval begins then.
void Player::BeginInterval() {
  interval_start_ = std::max(now_, anchor_);
  interval_time_ = Now();
  interval_records_sent_ = records_sent_;
  interval_lateness_ = sinks::Histogram();
}

// Ends an interval of at least this length, and keeps its rates. A pause has no part in any.
void Player::Measure(std::chrono::nanoseconds interval_min) {
  if (timeline_.is_paused() || now_ - interval_start_ < interval_min) return;
  const double seconds = Seconds(now_ - interval_start_);
  if (seconds <= 0) return;
  rates_ = {};
  rates_.speed = speed_measured_ = Seconds(Now() - interval_time_) / seconds;
  rates_.records_per_second = static_cast<double>(records_sent_ - interval_records_sent_) / seconds;
  if (interval_lateness_.count() != 0) rates_.lateness_p99 = interval_lateness_.Percentile(99);
  BeginInterval();
}

Progress Player::CurrentProgress() const {
  Progress progress;
  progress.virtual_time = Now();
  progress.loop = playlist_.LoopAt(progress.virtual_time);
  progress.position = next_ ? next_->position : position_;
  progress.pace = timeline_.pace();
  progress.is_paused = timeline_.is_paused();
  const std::optional<Incident> incident =
      incidents_.InProgressAt(progress.virtual_time - playlist_.LoopShift(progress.loop));
  if (incident) progress.incident = incident->name;
  if (anchor_ > now_) progress.starts_in = anchor_ - now_;
  progress.left = TimeLeft();
  progress.rates = rates_;
  progress.records_sent = records_sent_;
  progress.messages = sink_.counts();
  return progress;
}

// At the speed asked, or without one at the speed reached.
std::optional<std::chrono::nanoseconds> Player::TimeLeft() const {
  if (playlist_.is_endless() || playlist_.end() == sim::VirtualTime::Max()) return std::nullopt;
  if (playlist_.has_ended()) return std::chrono::nanoseconds(0);
  const Pace& pace = timeline_.pace();
  const double speed = pace.kind == PaceKind::kSpeed ? pace.ratio.ToDouble() : speed_measured_;
  const double seconds = Seconds(playlist_.end() - Now()) / speed;
  if (!(seconds < 1e9)) return std::nullopt;  // also when nothing moves
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::max(seconds, 0.0) * 1e9));
}

}  // namespace groundhog::replay
