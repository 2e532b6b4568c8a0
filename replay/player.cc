#include "replay/player.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"

namespace groundhog::replay {
namespace {

// The longest time between two polls of the sink, in which it takes acknowledgements and sends what
// it has gathered.
constexpr std::chrono::nanoseconds kPollInterval = std::chrono::milliseconds(10);

// During a pause everything is acknowledged already.
constexpr std::chrono::nanoseconds kPausedPollInterval = std::chrono::milliseconds(50);

// The shortest sleep, as waking up costs some ten microseconds: records that are due closer
// together than this go in one batch, each at its deadline or up to this much later.
constexpr std::chrono::nanoseconds kSleepMin = std::chrono::microseconds(200);

bool IsAllAcknowledged(const sinks::Counts& messages) {
  return messages.messages_acknowledged == messages.messages_sent;
}

}  // namespace

Player::Player(traces::Reader& reader, Playlist& playlist, sinks::Sink& sink, Clock& clock,
               const StopSignal& stop, const PlayerOptions& options)
    : reader_(reader),
      playlist_(playlist),
      clock_(clock),
      stop_(stop),
      options_(options),
      incidents_(reader),
      playhead_(playlist, clock, options_),
      sender_(playlist, sink,
              Timestamps({.mode = options.timestamps,
                          .start_unix_nanoseconds = reader.info().start_unix_nanoseconds,
                          .t0 = playlist.begin()})),
      meter_(playlist_, playhead_, sender_, incidents_, options_),
      commands_({.playlist = playlist_,
                 .incidents = incidents_,
                 .playhead = playhead_,
                 .sender = sender_,
                 .meter = meter_},
                reader.info().start_unix_nanoseconds, options.forwards_only),
      limiter_(options.rate_max) {}

Outcome Player::Play() {
  Fetch();
  Anchor();
  while (!IsOver() && (playhead_.next() != nullptr || Fetch())) {
    if (Await()) Send();
  }
  commands_.EndStep();
  if (sender_.status().ok() || WasInterrupted()) sender_.Flush();
  playhead_.ReadClock();
  meter_.Measure();
  meter_.Report();
  return Conclude(playhead_.now());
}

// The anchor is the start date, or now.
void Player::Anchor() {
  playhead_.ReadClock();
  const std::int64_t date = clock_.WallUnixNanoseconds();
  const std::int64_t start_date = options_.start_unix_nanoseconds.value_or(date);
  const SteadyTime anchor = playhead_.now() + std::chrono::nanoseconds(start_date - date);
  playhead_.AnchorAt(anchor);
  if (options_.starts_paused) commands_.Halt();
  const bool is_shifted = options_.timestamps == TimestampMode::kShift;
  sender_.AnchorAt(anchor,
                   is_shifted ? options_.shift_unix_nanoseconds.value_or(start_date) : start_date);
  next_poll_ = playhead_.now() + kPollInterval;
  meter_.Begin();
  is_anchored_ = true;
}

// Whether nothing more is to be sent.
bool Player::IsOver() const {
  return stop_.is_raised() || commands_.has_quit() || !sender_.status().ok() ||
         !playhead_.trace_status().ok();
}

// Makes the next record known. False: there is none, for any reason.
bool Player::Fetch() {
  while (!playhead_.Take()) {
    // Reading may wait for a pipe: nothing may wait in the sink meanwhile.
    if (is_anchored_) Poll();
    if (IsOver() || !playhead_.ReadMore()) return false;
  }
  return true;
}

// The earliest time at which the next record may go.
SteadyTime Player::DueTime() const {
  return std::max(playhead_.DeadlineOr(playhead_.anchor()), limiter_.Earliest());
}

// Waits until the next record is due, and reads the clock then. False: it is not to be sent, as the
// replay is over or a command has moved it to another place.
bool Player::Await() {
  while (true) {
    const bool is_due =
        playhead_.timeline().is_paused() ? commands_.is_stepping() : playhead_.now() >= DueTime();
    if (is_due) return true;
    Poll();
    if (IsOver() || playhead_.next() == nullptr) return false;
    Sleep();
    if (IsOver()) return false;
  }
}

// Sleeps until the next record is due, the next poll, or a command, whichever comes first.
void Player::Sleep() {
  const SteadyTime now = playhead_.now();
  if (playhead_.timeline().is_paused()) {
    if (!commands_.is_stepping()) playhead_.SleepUntil(now + kPausedPollInterval);
    return;
  }
  const SteadyTime due = DueTime();
  if (now >= due) return;
  // The last stretch is not split: a remainder below kSleepMin would overshoot.
  const bool is_last = due - now <= kPollInterval + kSleepMin;
  playhead_.SleepUntil(is_last ? std::max(due, now + kSleepMin) : now + kPollInterval);
}

// Whether records have no deadlines and no rate: then the time decides only when to poll.
bool Player::IsHurrying() const {
  const Timeline& timeline = playhead_.timeline();
  return timeline.pace().kind == PaceKind::kMax && !timeline.is_paused() && !limiter_.is_limiting();
}

// Sends the next record, which is due.
void Player::Send() {
  const sim::VirtualTime time = playhead_.next()->time;
  const bool has_deadline = playhead_.has_deadlines();
  const SteadyTime due = playhead_.DeadlineOr(playhead_.now());
  limiter_.TakeAt(playhead_.now());
  sender_.Send(*playhead_.next(), due);
  if (IsHurrying()) {
    playhead_.ReadClockRoughly();
  } else {
    playhead_.ReadClock();
  }
  if (!sender_.status().ok()) return;
  if (options_.hashes_payload) payload_hash_.Add(sender_.line());
  if (commands_.steps_left() == 1 && options_.on_step) options_.on_step(time, sender_.line());
  playhead_.Advance();
  if (has_deadline) {
    const std::chrono::nanoseconds lateness = playhead_.now() - due;
    meter_.AddLateness(lateness);
    if (options_.catch_up == CatchUp::kSlip && lateness > kSlipMin) {
      playhead_.timeline().Slip(lateness);
    }
  }
  if (commands_.is_stepping()) commands_.AdvanceStep();
  Tend();
}

// Polls when it is time to.
void Player::Tend() {
  if (playhead_.now() >= next_poll_) Poll();
}

bool Player::TendWhileReading() {
  if (!is_anchored_) return !stop_.is_raised();
  playhead_.ReadClock();
  Tend();
  return !IsOver();
}

void Player::Poll() {
  sender_.Poll();
  playhead_.ReadClock();
  next_poll_ = playhead_.now() + kPollInterval;
  if (!sender_.status().ok()) return;
  TakeCommands();
  meter_.ReportWhenDue();
}

void Player::TakeCommands() {
  for (Controls* const controls : options_.controls) {
    while (!commands_.is_stepping() && !IsOver() && commands_.TakeFrom(*controls)) {
    }
  }
}

// Whether the sink gave up because it was asked to.
bool Player::WasInterrupted() const {
  return stop_.is_raised() && absl::IsCancelled(sender_.status());
}

Outcome Player::Conclude(SteadyTime end) const {
  Outcome outcome{.report = Report(end)};
  if (!sender_.status().ok()) {
    outcome.ending = WasInterrupted()                      ? Ending::kInterrupted
                     : absl::IsCancelled(sender_.status()) ? Ending::kReaderGone
                                                           : Ending::kSinkFailed;
    outcome.status = sender_.status();
  } else if (!playhead_.trace_status().ok()) {
    outcome.ending = Ending::kTraceUnreadable;
    outcome.status = playhead_.trace_status();
  } else if (commands_.has_quit()) {
    outcome.ending = Ending::kQuit;
  } else if (!playlist_.has_ended()) {
    outcome.ending = Ending::kInterrupted;
    outcome.status = absl::CancelledError("interrupted");
  } else if (!playhead_.damage().ok()) {
    outcome.status = playhead_.damage();
  } else if (playlist_.has_ended_with_file()) {
    outcome.status = reader_.incompleteness();
  }
  outcome.report.complete = outcome.ending == Ending::kFinished && outcome.status.ok() &&
                            outcome.report.seeks == 0 && IsAllAcknowledged(outcome.report.messages);
  return outcome;
}

RunReport Player::Report(SteadyTime end) const {
  const Timeline& timeline = playhead_.timeline();
  RunReport report;
  if (reader_.summary() != nullptr) report.trace_digest = reader_.summary()->digest;
  report.records_read = playlist_.records_read();
  report.records_sent = sender_.records_sent();
  report.messages = sender_.counts();
  report.duration = std::max(end - playhead_.start(), std::chrono::nanoseconds(0));
  report.seeks = playhead_.figures().seeks();
  report.paused = timeline.PausedUntil(end);
  report.slipped = timeline.slipped();
  report.pace = timeline.pace();
  if (timeline.pace().kind == PaceKind::kSpeed) {
    report.speed_asked = timeline.pace().ratio.ToDouble();
  }
  report.speed_reached = playhead_.figures().Reached(playhead_.last_time());
  report.lateness = PercentilesOf(meter_.lateness());
  report.acknowledgement = PercentilesOf(sender_.acknowledgement_delays());
  if (options_.hashes_payload && IsAllAcknowledged(report.messages)) {
    report.payload_hash = payload_hash_.Digest();
  }
  return report;
}

}  // namespace groundhog::replay
