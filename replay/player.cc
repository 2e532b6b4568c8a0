#include "replay/player.h"

#include <algorithm>
#include <string>

#include "replay/seconds.h"

namespace groundhog::replay {
namespace {

// How long a sink is left alone at most: acknowledgements come in, and what it gathered goes out.
constexpr std::chrono::nanoseconds kPollInterval = std::chrono::milliseconds(10);

// During a pause everything is acknowledged already.
constexpr std::chrono::nanoseconds kPausedPollInterval = std::chrono::milliseconds(50);

// A sleep is at least so long, as waking up costs some ten microseconds: records that are due
// closer together than this go in one batch, each at its deadline or up to this much later.
constexpr std::chrono::nanoseconds kSleepMin = std::chrono::microseconds(200);

bool IsAllAcknowledged(const sinks::Counts& messages) {
  return messages.messages_acknowledged == messages.messages_sent;
}

}  // namespace

Player::Player(traces::Reader& reader, Playlist& playlist, sinks::Sink& sink, Clock& clock,
               const StopSignal& stop, const PlayerOptions& options)
    : reader_(reader),
      playlist_(playlist),
      sink_(sink),
      clock_(clock),
      stop_(stop),
      options_(options),
      timeline_(options.pace, playlist.begin()),
      limiter_(options.rate_max),
      timestamps_({.mode = options.timestamps,
                   .start_unix_nanoseconds = reader.info().start_unix_nanoseconds,
                   .t0 = playlist.begin()}),
      incidents_(reader),
      first_time_(playlist.begin()),
      last_time_(playlist.begin()),
      interval_time_(playlist.begin()) {
  SqueezeGaps();
}

Outcome Player::Play() {
  Fetch();
  Anchor();
  while (!IsOver() && (next_ || Fetch())) {
    if (Await()) Send(*next_);
  }
  EndStep();
  if (sink_status_.ok() || WasInterrupted()) sink_status_ = sink_.Flush();
  end_ = now_ = clock_.Now();
  Measure(kRatesIntervalMin);
  TellProgress();
  return Conclude();
}

// What is at t0, or next where a replay is resumed without a date, is due at the anchor.
void Player::Anchor() {
  now_ = clock_.Now();
  const std::int64_t date = clock_.WallUnixNanoseconds();
  const std::int64_t start_date = options_.start_unix_nanoseconds.value_or(date);
  anchor_ = now_ + std::chrono::nanoseconds(start_date - date);
  start_ = std::max(anchor_, now_);
  Timeline::Place place{.played = first_time_};
  if (options_.is_resumed && next_) {
    last_time_ = first_time_ = interval_time_ = next_->time;
    last_squeezed_ = next_->squeezed;
    position_ = next_->position;
    // A date is that of t0 for all machines, also for one that is resumed.
    if (!options_.start_unix_nanoseconds) {
      place = PlaceOf(*next_);
    }
  }
  timeline_.Begin(anchor_, place);
  if (options_.starts_paused) Halt();
  const bool is_shifted = options_.timestamps == TimestampMode::kShift;
  timestamps_.AnchorAt(
      anchor_, is_shifted ? options_.shift_unix_nanoseconds.value_or(start_date) : start_date);
  next_poll_ = now_ + kPollInterval;
  told_at_ = now_;
  BeginInterval();
  is_anchored_ = true;
}

// Nothing more is to be sent.
bool Player::IsOver() const {
  return stop_.is_raised() || has_quit_ || !sink_status_.ok() || !trace_status_.ok();
}

// Makes next_ the next record to send. False: there is none, for any reason.
bool Player::Fetch() {
  while (!playlist_.Take(&next_.emplace())) {
    next_.reset();
    if (!ReadMore()) return false;
  }
  timeline_.Settle(PlaceOf(*next_));
  return true;
}

// False: no more, for any reason.
bool Player::ReadMore() {
  // Reading may wait for a pipe; nothing shall wait in the sink meanwhile.
  if (is_anchored_) Poll();
  if (IsOver()) return false;
  const absl::StatusOr<bool> has_more = playlist_.ReadMore();
  now_ = clock_.Now();
  if (has_more.ok()) return *has_more;
  if (absl::IsDataLoss(has_more.status())) {
    NoteDamage(has_more.status());
    return true;
  }
  if (!absl::IsCancelled(has_more.status())) trace_status_ = has_more.status();
  return false;
}

// Not at max, and not while a pause has the word.
bool Player::HasDeadlines() const {
  return timeline_.pace().kind != PaceKind::kMax && !timeline_.is_paused();
}

// `otherwise` where nothing has a deadline.
SteadyTime Player::DeadlineOf(const PlaylistItem& item, SteadyTime otherwise) const {
  if (!HasDeadlines()) return otherwise;
  return timeline_.DeadlineOf(item.time - item.squeezed, item.number).value_or(otherwise);
}

// The earliest time at which `item` may go.
SteadyTime Player::DueTime(const PlaylistItem& item) const {
  return std::max(DeadlineOf(item, anchor_), limiter_.Earliest());
}

// Waits until next_ is due; then now_ is not before that. False: it is not to be sent, as the
// replay is over or goes on elsewhere.
bool Player::Await() {
  while (true) {
    const bool is_due = timeline_.is_paused() ? steps_left_ != 0 : now_ >= DueTime(*next_);
    if (is_due) return true;
    Poll();
    if (IsOver() || !next_) return false;
    Sleep();
    if (IsOver()) return false;
  }
}

// Until next_ is due or the sink wants to be polled; after less where somebody has a command.
void Player::Sleep() {
  if (timeline_.is_paused()) {
    if (steps_left_ != 0) return;
    clock_.SleepUntil(now_ + kPausedPollInterval);
  } else {
    const SteadyTime due = DueTime(*next_);
    if (now_ >= due) return;
    // The last stretch is slept in one piece, lest its rest be shorter than a sleep.
    const bool is_last = due - now_ <= kPollInterval + kSleepMin;
    clock_.SleepUntil(is_last ? std::max(due, now_ + kSleepMin) : now_ + kPollInterval);
  }
  now_ = clock_.Now();
}

// Nothing is due at any time, so that the time matters only for what happens now and then.
bool Player::IsHurrying() const {
  return timeline_.pace().kind == PaceKind::kMax && !timeline_.is_paused() &&
         !limiter_.is_limiting();
}

void Player::Send(const PlaylistItem& item) {
  const SteadyTime due = DeadlineOf(item, now_);
  limiter_.TakeAt(now_);
  const std::int64_t timestamp = timestamps_.UnixMilliseconds(
      {.time = item.time, .clock_skew = item.record->clock_skew, .due = due});
  const std::string_view line = playlist_.Render(item, timestamp);
  sink_status_ = sink_.Write({.position = item.position,
                              .record = *item.record,
                              .line = line,
                              .timestamp_unix_milliseconds = timestamp});
  now_ = IsHurrying() ? std::max(now_, clock_.RoughNow()) : clock_.Now();
  if (!sink_status_.ok()) return;
  if (options_.hashes_payload) payload_hash_.Add(line);
  if (timeline_.is_paused() && steps_left_ == 1 && options_.on_step) {
    options_.on_step(item.time, line);
  }
  NoteSent(item, due);
  next_.reset();
  Tend();
}

void Player::NoteSent(const PlaylistItem& item, SteadyTime deadline) {
  ++records_sent_;
  position_ = item.position + 1;
  last_time_ = item.time;
  last_squeezed_ = item.squeezed;
  played_for_ = now_ - start_ - timeline_.PausedUntil(now_);
  if (HasDeadlines()) {
    const std::chrono::nanoseconds lateness = now_ - deadline;
    lateness_.Add(lateness);
    interval_lateness_.Add(lateness);
    if (options_.catch_up == CatchUp::kSlip && lateness > kSlipMin) timeline_.Slip(lateness);
  }
  if (!timeline_.is_paused()) return;
  timeline_.MoveTo({.played = item.time - item.squeezed, .number = item.number + 1}, now_);
  ++steps_done_;
  if (--steps_left_ == 0) EndStep();
}

// What has to happen every now and then.
void Player::Tend() {
  if (now_ >= next_poll_) Poll();
}

bool Player::TendWhileReading() {
  if (!is_anchored_) return !stop_.is_raised();
  now_ = clock_.Now();
  Tend();
  return !IsOver();
}

void Player::Poll() {
  sink_status_ = sink_.Poll();
  now_ = clock_.Now();
  next_poll_ = now_ + kPollInterval;
  if (!sink_status_.ok()) return;
  TakeCommands();
  if (now_ - told_at_ >= options_.progress_interval) TellProgress();
}

void Player::NoteDamage(const absl::Status& damage) {
  if (!damage_.ok()) return;
  damage_ = damage;
  if (!options_.on_notice) return;
  options_.on_notice(std::string(damage.message()) + "; going on with what can be read");
}

// Whether the sink gave up because it was asked to.
bool Player::WasInterrupted() const { return stop_.is_raised() && absl::IsCancelled(sink_status_); }

Outcome Player::Conclude() {
  Outcome outcome{.report = Report()};
  if (!sink_status_.ok()) {
    outcome.ending = WasInterrupted()                  ? Ending::kInterrupted
                     : absl::IsCancelled(sink_status_) ? Ending::kReaderGone
                                                       : Ending::kSinkFailed;
    outcome.status = sink_status_;
  } else if (!trace_status_.ok()) {
    outcome.ending = Ending::kTraceUnreadable;
    outcome.status = trace_status_;
  } else if (has_quit_) {
    outcome.ending = Ending::kQuit;
  } else if (!playlist_.has_ended()) {
    outcome.ending = Ending::kInterrupted;
    outcome.status = absl::CancelledError("interrupted");
  } else if (!damage_.ok()) {
    outcome.status = damage_;
  } else if (playlist_.has_ended_with_file()) {
    outcome.status = reader_.incompleteness();
  }
  outcome.report.complete = outcome.ending == Ending::kFinished && outcome.status.ok() &&
                            seeks_ == 0 && IsAllAcknowledged(outcome.report.messages);
  return outcome;
}

RunReport Player::Report() const {
  RunReport report;
  if (reader_.summary() != nullptr) report.trace_digest = reader_.summary()->digest;
  report.records_read = playlist_.records_read();
  report.records_sent = records_sent_;
  report.messages = sink_.counts();
  report.duration = std::max(end_ - start_, std::chrono::nanoseconds(0));
  report.seeks = seeks_;
  report.paused = timeline_.PausedUntil(end_);
  report.slipped = timeline_.slipped();
  report.pace = timeline_.pace();
  if (timeline_.pace().kind == PaceKind::kSpeed) {
    report.speed_asked = timeline_.pace().ratio.ToDouble();
  }
  if (played_for_ > std::chrono::nanoseconds(0)) {
    report.speed_reached = Seconds(last_time_ - first_time_ - jumped_) / Seconds(played_for_);
  }
  report.lateness = PercentilesOf(lateness_);
  report.acknowledgement = PercentilesOf(sink_.acknowledgement_delays());
  if (options_.hashes_payload && IsAllAcknowledged(report.messages)) {
    report.payload_hash = payload_hash_.Digest();
  }
  return report;
}

}  // namespace groundhog::replay
