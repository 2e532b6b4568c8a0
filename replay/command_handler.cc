#include "replay/command_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "replay/pacer.h"
#include "text/time_text.h"

namespace groundhog::replay {
namespace {

// Up to this long after an incident's start "previous" means the one before it.
constexpr std::chrono::nanoseconds kPreviousSlack = std::chrono::seconds(3);

constexpr std::int64_t kSpeedTermMax = 999'999'999;  // as ParseSpeed

}  // namespace

CommandHandler::CommandHandler(const Parts& parts, std::int64_t start_unix_nanoseconds,
                               std::string forwards_only)
    : playlist_(parts.playlist),
      incidents_(parts.incidents),
      playhead_(parts.playhead),
      sender_(parts.sender),
      meter_(parts.meter),
      start_unix_nanoseconds_(start_unix_nanoseconds),
      forwards_only_(std::move(forwards_only)) {}

bool CommandHandler::TakeFrom(Controls& controls) {
  const std::optional<Command> command = controls.Next();
  if (!command) return false;
  const Answer answer = Obey(*command);
  if (is_stepping()) {
    step_.AnswerTo(controls);
  } else {
    controls.Answer(answer);
  }
  if (command->kind != CommandKind::kStatus) meter_.Report();
  return true;
}

CommandHandler::Answer CommandHandler::Obey(const Command& command) {
  switch (command.kind) {
    case CommandKind::kPause:
      return Pause();
    case CommandKind::kResume:
      return Resume();
    case CommandKind::kTogglePause:
      return timeline().is_paused() ? Resume() : Pause();
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
      meter_.Measure();
      return StatusText(meter_.Current(), start_unix_nanoseconds_);
    case CommandKind::kQuit:
      has_quit_ = true;
      return TimeText();
  }
  return absl::InternalError("no such command");
}

void CommandHandler::Halt() {
  playhead_.timeline().Pause(playhead_.now());
  meter_.Pause();
}

CommandHandler::Answer CommandHandler::Pause() {
  Halt();
  const absl::Status& status = sender_.Checkpoint();
  playhead_.ReadClock();
  if (!status.ok()) return status;
  return TimeText();
}

CommandHandler::Answer CommandHandler::Resume() {
  if (timeline().is_paused()) {
    playhead_.timeline().Resume(playhead_.now());
    meter_.Resume();
  }
  return TimeText();
}

CommandHandler::Answer CommandHandler::Step(std::uint64_t count) {
  if (!timeline().is_paused()) {
    return absl::FailedPreconditionError("the replay is not paused; pause it to step");
  }
  step_.Begin(count);
  return TimeText();
}

void CommandHandler::EndStep() {
  Controls* const asker = step_.End();
  if (asker == nullptr) return;
  if (sender_.status().ok()) {
    asker->Answer(absl::StrCat("steps=", step_.done(), " ", TimeText()));
  } else {
    asker->Answer(sender_.status());
  }
  meter_.Report();
}

CommandHandler::Answer CommandHandler::ChangePace(const Pace& pace) {
  if (timeline().pace().kind == PaceKind::kSpeed) speed_before_ = timeline().pace().ratio;
  playhead_.ChangePace(pace);
  return absl::StrCat("pace=", PaceText(pace), " ", TimeText());
}

CommandHandler::Answer CommandHandler::ChangeSpeedBy(const Ratio& factor) {
  const Pace& pace = timeline().pace();
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

absl::StatusOr<sim::VirtualTime> CommandHandler::TimeOf(const std::string& text) const {
  const bool is_time_of_day =
      text.find(':') != std::string::npos && text.find('-') == std::string::npos;
  if (!is_time_of_day) {
    const absl::StatusOr<sim::VirtualTime> time =
        text::ParseTimeArgument(text, start_unix_nanoseconds_);
    if (time.ok() || text.find('-') != std::string::npos) return time;
    return absl::InvalidArgumentError("not a time; write 14:05, 14h30m or a date");
  }
  const absl::StatusOr<sim::Duration> since_midnight = text::ParseTimeOfDay(text);
  if (!since_midnight.ok()) return since_midnight.status();
  return TimeOfDay(*since_midnight);
}

// On the day that is being played; if the replay does not reach that moment, on the nearest day on
// which it does.
sim::VirtualTime CommandHandler::TimeOfDay(sim::Duration since_midnight) const {
  constexpr sim::Duration kDay = sim::Hours(24);
  const sim::Duration start(start_unix_nanoseconds_);
  const sim::Duration now = start + playhead_.Time().since_start();  // since 1970
  sim::VirtualTime time(now - now % kDay + since_midnight - start);
  const sim::VirtualTime begin = playlist_.begin(), end = playlist_.end();
  if (time < begin) time = time + kDay * ((begin - time - sim::Nanoseconds(1)) / kDay + 1);
  if (time >= end) time = time - kDay * ((time - end) / kDay + 1);
  return time;
}

CommandHandler::Answer CommandHandler::GoTo(sim::VirtualTime time) {
  if (!playlist_.can_seek()) {
    return absl::FailedPreconditionError("a pipe plays forwards only; seeking needs a file");
  }
  if (time < playlist_.begin() || time >= playlist_.end()) {
    const std::int64_t start = start_unix_nanoseconds_;
    const auto date = [start](sim::VirtualTime place) {
      return text::FormatRfc3339(text::UnixNanoseconds(start, place));
    };
    return absl::OutOfRangeError(absl::StrCat("what is played goes from ", date(playlist_.begin()),
                                              " to ", date(playlist_.end())));
  }
  if (!forwards_only_.empty() && time <= playhead_.last_time()) {
    return absl::FailedPreconditionError(forwards_only_);
  }
  if (const absl::Status& s = sender_.Checkpoint(); !s.ok()) return s;
  if (absl::Status s = playhead_.SeekTo(time); !s.ok()) return s;
  return TimeText();
}

CommandHandler::Answer CommandHandler::GoToNextIncident() {
  const sim::VirtualTime now = playhead_.Time();
  const sim::VirtualTime begin = playlist_.begin(), end = playlist_.RangeEnd();
  std::uint64_t loop = playlist_.LoopAt(now);
  const sim::VirtualTime recorded = now - playlist_.LoopShift(loop);
  std::optional<Incident> next =
      incidents_.FirstIn(std::max(recorded + sim::Nanoseconds(1), begin), end);
  if (!next && loop + 1 < playlist_.loops()) {
    next = incidents_.FirstIn(begin, end);
    ++loop;
  }
  if (!next) return absl::NotFoundError("no incident begins later in what is played");
  const Answer answer = GoTo(next->start + playlist_.LoopShift(loop));
  if (!answer.ok()) return answer;
  return absl::StrCat(*answer, " incident=", next->name);
}

CommandHandler::Answer CommandHandler::GoToPreviousIncident() {
  sim::VirtualTime now = playhead_.Time();
  if (timeline().pace().kind == PaceKind::kSpeed && !timeline().is_paused()) {
    now = std::max(now - VirtualTimeIn(kPreviousSlack, timeline().pace().ratio), playlist_.begin());
  }
  const sim::VirtualTime begin = playlist_.begin(), end = playlist_.RangeEnd();
  std::uint64_t loop = playlist_.LoopAt(now);
  std::optional<Incident> previous =
      incidents_.LastIn(begin, std::min(now - playlist_.LoopShift(loop), end));
  if (!previous && loop > 0) {
    previous = incidents_.LastIn(begin, end);
    --loop;
  }
  if (!previous) return absl::NotFoundError("no incident begins earlier in what is played");
  const Answer answer = GoTo(previous->start + playlist_.LoopShift(loop));
  if (!answer.ok()) return answer;
  return absl::StrCat(*answer, " incident=", previous->name);
}

std::string CommandHandler::TimeText() const {
  const std::int64_t now = text::UnixNanoseconds(start_unix_nanoseconds_, playhead_.Time());
  return absl::StrCat("time=", text::FormatRfc3339Nanoseconds(now));
}

}  // namespace groundhog::replay
