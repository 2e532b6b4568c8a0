// Plays a trace into a sink on time. Never reorders and never drops: when the sink holds back,
// everything after waits, and the lateness tells.
//
// Lateness is the time from a record's deadline until the sink has taken it. The time that the
// destination needs to acknowledge is a figure of its own.
#ifndef GROUNDHOG_REPLAY_PLAYER_H_
#define GROUNDHOG_REPLAY_PLAYER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "replay/clock.h"
#include "replay/pace.h"
#include "replay/pacer.h"
#include "replay/payload_hash.h"
#include "replay/playlist.h"
#include "replay/run_report.h"
#include "replay/stop_signal.h"
#include "replay/timestamps.h"
#include "sim/time.h"
#include "sinks/histogram.h"
#include "sinks/sink.h"
#include "traces/reader.h"

namespace groundhog::replay {

// How a replay goes just now; the rates are those since the progress told before.
struct Progress {
  sim::VirtualTime virtual_time;  // of the record sent last
  double speed = 0;
  double records_per_second = 0;
  std::optional<std::chrono::nanoseconds> lateness_p99;
  std::uint64_t records_sent = 0;
  sinks::Counts messages;
};

struct PlayerOptions {
  Pace pace;
  std::optional<Ratio> rate_max;  // records a second
  TimestampMode timestamps = TimestampMode::kOriginal;
  // With TimestampMode::kShift the date of t0; nullopt: the date at which the replay begins.
  std::optional<std::int64_t> shift_unix_nanoseconds;
  // Where the playlist does not start at its begin (a replay that is resumed), its first record is
  // due at once.
  bool is_resumed = false;

  // Called this often, by the thread that plays, if at all. Empty: nobody listens.
  std::function<void(const Progress&)> on_progress;
  std::chrono::nanoseconds progress_interval = std::chrono::seconds(1);
  // One line for a person, about damage that was passed over.
  std::function<void(std::string_view)> on_notice;
};

enum class Ending {
  kFinished,         // played to the end of the range
  kInterrupted,      // the stop signal; the sink had its time to acknowledge what it had taken
  kReaderGone,       // the reader of the sink's pipe has left
  kSinkFailed,       // not everything taken was acknowledged, or the sink takes no more
  kTraceUnreadable,  // reading failed before the end
};

struct Outcome {
  Ending ending = Ending::kFinished;
  // Why; with kFinished a DataLoss when the trace was incomplete or damaged: then everything that
  // was whole has been sent.
  absl::Status status;
  RunReport report;
};

// Not thread-safe. Everything it is given outlives it.
class Player {
 public:
  // `sink` is open. `playlist` is new and of `reader`.
  Player(traces::Reader& reader, Playlist& playlist, sinks::Sink& sink, Clock& clock,
         const StopSignal& stop, const PlayerOptions& options);

  // Plays the range, flushes the sink and tells what became of it. Once. The anchor is set when the
  // first chunk is ready, so that the cost of starting is nobody's lateness.
  Outcome Play();

  // To be called now and then while the reader waits for a pipe (ReaderOptions::stop_requested):
  // lets acknowledgements in. False: stop waiting.
  bool TendWhileReading();

 private:
  bool Fetch();
  bool ReadMore();
  bool Send(const PlaylistItem& item);
  bool WaitUntil(SteadyTime due);
  bool Tend();
  bool GoesOn();
  bool Poll();
  void TellProgress();
  void NoteDamage(const absl::Status& damage);
  void Anchor();
  bool WasInterrupted() const;
  Outcome Conclude();
  RunReport Report() const;

  traces::Reader& reader_;
  Playlist& playlist_;
  sinks::Sink& sink_;
  Clock& clock_;
  const StopSignal& stop_;
  const PlayerOptions options_;
  const sim::VirtualTime t0_;

  Pacer pacer_;
  RateLimiter limiter_;
  Timestamps timestamps_;

  SteadyTime now_;  // as last read
  SteadyTime next_poll_;
  bool is_anchored_ = false;
  SteadyTime start_;             // when it was anchored
  sim::VirtualTime first_time_;  // what was due then
  std::optional<PlaylistItem> next_;

  // What became of it.
  absl::Status sink_status_;
  absl::Status trace_status_;  // reading failed
  absl::Status damage_;        // the first that was passed over
  SteadyTime end_;

  std::uint64_t records_sent_ = 0;
  sim::VirtualTime last_time_;  // of the record sent last
  SteadyTime last_sent_;
  sinks::Histogram lateness_;
  PayloadHash payload_hash_;

  // Since the progress told last.
  SteadyTime progress_time_;
  sim::VirtualTime progress_virtual_time_;
  std::uint64_t progress_records_sent_ = 0;
  sinks::Histogram progress_lateness_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PLAYER_H_
