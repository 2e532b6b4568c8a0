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

Player::Player(traces::Reader& reader, sinks::Sink& sink, Clock& clock, const StopSignal& stop,
               const PlayerOptions& options)
    : reader_(reader),
      sink_(sink),
      clock_(clock),
      stop_(stop),
      options_(options),
      t0_(options.from.value_or(sim::VirtualTime())),
      renderer_(reader.info(), reader.catalogue()),
      pacer_(options.pace, t0_),
      limiter_(options.rate_max),
      timestamps_({.mode = options.timestamps,
                   .start_unix_nanoseconds = reader.info().start_unix_nanoseconds,
                   .t0 = t0_}),
      last_time_(t0_),
      progress_virtual_time_(t0_) {}

Outcome Player::Play() {
  if (t0_ > sim::VirtualTime()) trace_status_ = reader_.SeekTo(t0_);
  bool has_chunk = trace_status_.ok() && ReadChunk();
  Anchor();
  while (has_chunk && PlayChunk()) has_chunk = ReadChunk();
  if (sink_status_.ok() || WasInterrupted()) sink_status_ = sink_.Flush();
  end_ = clock_.Now();
  if (options_.on_progress) TellProgress();
  return Conclude();
}

// What is at t0 is due from here on.
void Player::Anchor() {
  now_ = clock_.Now();
  pacer_.AnchorAt(now_);
  timestamps_.AnchorAt(now_, clock_.WallUnixNanoseconds());
  next_poll_ = now_ + kPollInterval;
  last_sent_ = now_;
  progress_time_ = now_;
  is_anchored_ = true;
}

// False: no more, for any reason.
bool Player::ReadChunk() {
  // Reading may wait for a pipe; nothing shall wait in the sink meanwhile.
  if (is_anchored_ && !Poll()) return false;
  while (true) {
    const absl::StatusOr<bool> has_chunk = reader_.NextChunk(&chunk_);
    now_ = clock_.Now();
    if (has_chunk.ok()) {
      if (*has_chunk) renderer_.set_trace_key(reader_.trace_key());
      has_reached_end_ = !*has_chunk;
      return *has_chunk;
    }
    if (!absl::IsDataLoss(has_chunk.status())) {
      if (!absl::IsCancelled(has_chunk.status())) trace_status_ = has_chunk.status();
      return false;
    }
    NoteDamage(has_chunk.status());
    if (stop_.is_raised()) return false;
  }
}

bool Player::PlayChunk() {
  std::uint64_t position = reader_.position();
  for (const traces::Record& record : chunk_) {
    if (record.time >= options_.until) {
      has_reached_until_ = true;
      return false;
    }
    ++records_read_;
    if (!Send(record, position)) return false;
    ++position;
  }
  return true;
}

bool Player::Send(const traces::Record& record, std::uint64_t position) {
  const std::optional<SteadyTime> deadline = pacer_.DeadlineOf(record.time, records_sent_);
  if (!WaitUntil(std::max(deadline.value_or(SteadyTime::min()), limiter_.Earliest()))) return false;
  limiter_.TakeAt(now_);
  const std::int64_t timestamp = timestamps_.UnixMilliseconds(record, deadline.value_or(now_));
  const std::string_view line = renderer_.Render(record, timestamp);
  sink_status_ = sink_.Write({.position = position,
                              .record = record,
                              .line = line,
                              .timestamp_unix_milliseconds = timestamp});
  now_ = clock_.Now();
  if (!sink_status_.ok()) return false;
  payload_hash_.Add(line);
  ++records_sent_;
  last_time_ = record.time;
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
  } else if (!has_reached_end_ && !has_reached_until_) {
    outcome.ending = Ending::kInterrupted;
    outcome.status = absl::CancelledError("interrupted");
  } else if (!damage_.ok()) {
    outcome.status = damage_;
  } else if (has_reached_end_) {
    outcome.status = reader_.incompleteness();
  }
  outcome.report.complete = outcome.ending == Ending::kFinished && outcome.status.ok() &&
                            outcome.report.payload_hash.has_value();
  return outcome;
}

RunReport Player::Report() const {
  RunReport report;
  if (reader_.summary() != nullptr) report.trace_digest = reader_.summary()->digest;
  report.records_read = records_read_;
  report.records_sent = records_sent_;
  report.messages = sink_.counts();
  report.duration = end_ - pacer_.anchor();
  if (options_.pace.kind == PaceKind::kSpeed) {
    report.speed_asked = options_.pace.ratio.ToDouble();
  }
  if (last_sent_ > pacer_.anchor()) {
    report.speed_reached = Seconds(last_time_ - t0_) / Seconds(last_sent_ - pacer_.anchor());
  }
  report.lateness = PercentilesOf(lateness_);
  report.acknowledgement = PercentilesOf(sink_.acknowledgement_delays());
  if (report.messages.messages_acknowledged == report.messages.messages_sent) {
    report.payload_hash = payload_hash_.Digest();
  }
  return report;
}

}  // namespace groundhog::replay
