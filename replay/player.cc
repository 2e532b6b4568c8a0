#include "replay/player.h"

#include <algorithm>
#include <string>

namespace groundhog::replay {
namespace {

// How long a sink is left alone at most: acknowledgements come in, and what it gathered goes out.
constexpr std::chrono::nanoseconds kPollInterval = std::chrono::milliseconds(10);

// A sleep is at least so long, as waking up costs some ten microseconds: records that are due
// closer together than this go in one batch, each at its deadline or up to this much later.
constexpr std::chrono::nanoseconds kSleepMin = std::chrono::microseconds(200);

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double Seconds(sim::Duration time) { return static_cast<double>(time.nanoseconds()) / 1e9; }

}  // namespace

Player::Player(traces::Reader& reader, Playlist& playlist, sinks::Sink& sink, Clock& clock,
               const StopSignal& stop, const PlayerOptions& options)
    : reader_(reader),
      playlist_(playlist),
      sink_(sink),
      clock_(clock),
      stop_(stop),
      options_(options),
      t0_(playlist.begin()),
      pacer_(options.pace, t0_),
      limiter_(options.rate_max),
      timestamps_({.mode = options.timestamps,
                   .start_unix_nanoseconds = reader.info().start_unix_nanoseconds,
                   .t0 = t0_}),
      first_time_(t0_),
      last_time_(t0_),
      progress_virtual_time_(t0_) {}

Outcome Player::Play() {
  bool has_next = Fetch();
  Anchor();
  while (has_next && Send(*next_)) has_next = Fetch();
  if (sink_status_.ok() || WasInterrupted()) sink_status_ = sink_.Flush();
  end_ = clock_.Now();
  if (options_.on_progress) TellProgress();
  return Conclude();
}

// What is at t0, or next where a replay is resumed, is due from here on.
void Player::Anchor() {
  now_ = clock_.Now();
  start_ = now_;
  pacer_.AnchorAt(now_);
  if (options_.is_resumed && next_) {
    last_time_ = first_time_ = progress_virtual_time_ = next_->time;
    pacer_.AnchorAt(now_, next_->time, next_->number);
  }
  const bool is_dated = options_.timestamps == TimestampMode::kShift;
  const std::int64_t date = clock_.WallUnixNanoseconds();
  timestamps_.AnchorAt(now_, is_dated ? options_.shift_unix_nanoseconds.value_or(date) : date);
  next_poll_ = now_ + kPollInterval;
  last_sent_ = now_;
  progress_time_ = now_;
  is_anchored_ = true;
}

// Makes next_ the next record to send. False: there is none, for any reason.
bool Player::Fetch() {
  next_.emplace();
  while (!playlist_.Take(&*next_)) {
    if (!ReadMore()) {
      next_.reset();
      return false;
    }
  }
  return true;
}

// False: no more, for any reason.
bool Player::ReadMore() {
  // Reading may wait for a pipe; nothing shall wait in the sink meanwhile.
  if (is_anchored_ && !Poll()) return false;
  if (stop_.is_raised()) return false;
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

bool Player::Send(const PlaylistItem& item) {
  const std::optional<SteadyTime> deadline =
      pacer_.DeadlineOf(item.time - item.squeezed, item.number);
  if (!WaitUntil(std::max(deadline.value_or(SteadyTime::min()), limiter_.Earliest()))) return false;
  limiter_.TakeAt(now_);
  const std::int64_t timestamp = timestamps_.UnixMilliseconds(
      {.time = item.time, .clock_skew = item.record->clock_skew, .due = deadline.value_or(now_)});
  const std::string_view line = playlist_.Render(item, timestamp);
  sink_status_ = sink_.Write({.position = item.position,
                              .record = *item.record,
                              .line = line,
                              .timestamp_unix_milliseconds = timestamp});
  now_ = clock_.Now();
  if (!sink_status_.ok()) return false;
  payload_hash_.Add(line);
  ++records_sent_;
  last_time_ = item.time;
  last_sent_ = now_;
  if (deadline) {
    lateness_.Add(now_ - *deadline);
    if (options_.on_progress) progress_lateness_.Add(now_ - *deadline);
  }
  return Tend();
}

// False: stop. Returns with now_ at or after `due`.
bool Player::WaitUntil(SteadyTime due) {
  while (now_ < due) {
    if (!Poll()) return false;
    if (now_ >= due) break;
    // The last stretch is slept in one piece, lest its rest be shorter than a sleep.
    const bool is_last = due - now_ <= kPollInterval + kSleepMin;
    clock_.SleepUntil(is_last ? std::max(due, now_ + kSleepMin) : now_ + kPollInterval);
    now_ = clock_.Now();
    if (!GoesOn()) return false;
  }
  return true;
}

// What has to happen every now and then. False: stop.
bool Player::Tend() {
  if (now_ >= next_poll_ && !Poll()) return false;
  return GoesOn();
}

// Tells the progress when it is time to. False: the stop signal was raised.
bool Player::GoesOn() {
  if (options_.on_progress && now_ - progress_time_ >= options_.progress_interval) TellProgress();
  return !stop_.is_raised();
}

bool Player::TendWhileReading() {
  if (!is_anchored_) return !stop_.is_raised();
  now_ = clock_.Now();
  return Tend();
}

// False: the sink has failed.
bool Player::Poll() {
  sink_status_ = sink_.Poll();
  now_ = clock_.Now();
  next_poll_ = now_ + kPollInterval;
  return sink_status_.ok();
}

void Player::TellProgress() {
  const double seconds = std::max(Seconds(now_ - progress_time_), 1e-9);
  Progress progress;
  progress.virtual_time = last_time_;
  progress.speed = Seconds(last_time_ - progress_virtual_time_) / seconds;
  progress.records_per_second =
      static_cast<double>(records_sent_ - progress_records_sent_) / seconds;
  if (progress_lateness_.count() != 0) progress.lateness_p99 = progress_lateness_.Percentile(99);
  progress.records_sent = records_sent_;
  progress.messages = sink_.counts();
  options_.on_progress(progress);
  progress_time_ = now_;
  progress_virtual_time_ = last_time_;
  progress_records_sent_ = records_sent_;
  progress_lateness_ = sinks::Histogram();
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
  } else if (!playlist_.has_ended()) {
    outcome.ending = Ending::kInterrupted;
    outcome.status = absl::CancelledError("interrupted");
  } else if (!damage_.ok()) {
    outcome.status = damage_;
  } else if (playlist_.has_ended_with_file()) {
    outcome.status = reader_.incompleteness();
  }
  outcome.report.complete = outcome.ending == Ending::kFinished && outcome.status.ok() &&
                            outcome.report.payload_hash.has_value();
  return outcome;
}

RunReport Player::Report() const {
  RunReport report;
  if (reader_.summary() != nullptr) report.trace_digest = reader_.summary()->digest;
  report.records_read = playlist_.records_read();
  report.records_sent = records_sent_;
  report.messages = sink_.counts();
  report.duration = end_ - start_;
  if (options_.pace.kind == PaceKind::kSpeed) {
    report.speed_asked = options_.pace.ratio.ToDouble();
  }
  if (last_sent_ > start_) {
    report.speed_reached = Seconds(last_time_ - first_time_) / Seconds(last_sent_ - start_);
  }
  report.lateness = PercentilesOf(lateness_);
  report.acknowledgement = PercentilesOf(sink_.acknowledgement_delays());
  if (report.messages.messages_acknowledged == report.messages.messages_sent) {
    report.payload_hash = payload_hash_.Digest();
  }
  return report;
}

}  // namespace groundhog::replay
