// Plays a playlist into a sink on time, and obeys commands meanwhile. Never reorders and never
// drops: when the sink holds back, everything after waits, and the lateness tells.
//
// Lateness is the time from a record's deadline until the sink has taken it. The time that the
// destination needs to acknowledge is a figure of its own.
#ifndef GROUNDHOG_REPLAY_PLAYER_H_
#define GROUNDHOG_REPLAY_PLAYER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "replay/clock.h"
#include "replay/controls.h"
#include "replay/incidents.h"
#include "replay/pace.h"
#include "replay/pacer.h"
#include "replay/payload_hash.h"
#include "replay/playlist.h"
#include "replay/progress.h"
#include "replay/run_report.h"
#include "replay/stop_signal.h"
#include "replay/timeline.h"
#include "replay/timestamps.h"
#include "sim/time.h"
#include "sinks/histogram.h"
#include "sinks/sink.h"
#include "traces/reader.h"

namespace groundhog::replay {

// What becomes of deadlines when the replay was held back.
enum class CatchUp {
  kBurst,  // they stand: what is late goes at once
  kSlip    // a record that would go more than kSlipMin late moves all after it by its lateness
};
inline constexpr std::chrono::nanoseconds kSlipMin = std::chrono::milliseconds(100);

struct PlayerOptions {
  Pace pace;
  std::optional<Ratio> rate_max;  // records a second
  CatchUp catch_up = CatchUp::kBurst;
  // With a speed: no two records are due further apart than this; longer idle time is squeezed.
  std::optional<std::chrono::nanoseconds> gap_max;
  // The date at which t0 is due, in nanoseconds since 1970; nullopt: when the player is ready.
  std::optional<std::int64_t> start_unix_nanoseconds;
  bool starts_paused = false;
  TimestampMode timestamps = TimestampMode::kOriginal;
  // With TimestampMode::kShift the date of t0; nullopt: the date of the anchor.
  std::optional<std::int64_t> shift_unix_nanoseconds;
  // Where the playlist does not start at its begin (a replay that is resumed), its first record is
  // due at the anchor, unless a start date says when t0 is due.
  bool is_resumed = false;

  // Whether the report shall have the hash of what was sent.
  bool hashes_payload = true;

  // Asked for commands every now and then. They outlive the player.
  std::vector<Controls*> controls;
  // Not empty: nothing may be played a second time, and this says why not.
  std::string forwards_only;

  // Called this often, by the thread that plays, and after each command but `status`. Empty: nobody
  // listens.
  std::function<void(const Progress&)> on_progress;
  std::chrono::nanoseconds progress_interval = std::chrono::seconds(1);
  // The record that a step sent last, before the step is answered: its virtual time, its line.
  std::function<void(sim::VirtualTime, std::string_view)> on_step;
  // One line for a person, about damage that was passed over.
  std::function<void(std::string_view)> on_notice;
};

enum class Ending {
  kFinished,         // played to the end of the range
  kQuit,             // a command ended it; the sink acknowledged what it had taken
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

  // Plays, flushes the sink and tells what became of it. Once. Unless a date is given, the anchor
  // is set when the first record is ready, so that the cost of starting is nobody's lateness.
  Outcome Play();

  // To be called now and then while the reader waits for a pipe (ReaderOptions::stop_requested):
  // lets acknowledgements and commands in. False: stop waiting.
  bool TendWhileReading();

 private:
  using Answer = absl::StatusOr<std::string>;

  // Playing, in player.cc.
  void Anchor();
  bool Fetch();
  bool ReadMore();
  bool Await();
  bool IsHurrying() const;
  bool HasDeadlines() const;
  SteadyTime DeadlineOf(const PlaylistItem& item, SteadyTime otherwise) const;
  SteadyTime DueTime(const PlaylistItem& item) const;
  void Sleep();
  void Send(const PlaylistItem& item);
  void NoteSent(const PlaylistItem& item, SteadyTime deadline);
  bool IsOver() const;
  void Tend();
  void Poll();
  void NoteDamage(const absl::Status& damage);
  bool WasInterrupted() const;
  Outcome Conclude();
  RunReport Report() const;

  // Commands and what they show, in player_commands.cc.
  void TakeCommands();
  Answer Obey(const Command& command);
  void Halt();
  Answer Pause();
  Answer Resume();
  Answer Step(std::uint64_t count);
  void EndStep();
  Answer ChangePace(const Pace& pace);
  Answer ChangeSpeedBy(const Ratio& factor);
  absl::StatusOr<sim::VirtualTime> TimeOf(const std::string& text) const;
  sim::VirtualTime TimeOfDay(sim::Duration since_midnight) const;
  Answer GoTo(sim::VirtualTime time);
  Answer GoToNextIncident();
  Answer GoToPreviousIncident();
  static Timeline::Place PlaceOf(const PlaylistItem& item) {
    return {.played = item.time - item.squeezed, .number = item.number};
  }
  Timeline::Place Here() const;
  void SqueezeGaps();
  void SqueezeNext();
  sim::VirtualTime Now() const;
  std::string TimeText(sim::VirtualTime time) const;
  void TellProgress();
  void BeginInterval();
  void Measure(std::chrono::nanoseconds interval_min);
  Progress CurrentProgress() const;
  std::optional<std::chrono::nanoseconds> TimeLeft() const;

  traces::Reader& reader_;
  Playlist& playlist_;
  sinks::Sink& sink_;
  Clock& clock_;
  const StopSignal& stop_;
  const PlayerOptions options_;

  Timeline timeline_;
  RateLimiter limiter_;
  Timestamps timestamps_;
  const Incidents incidents_;

  SteadyTime now_;  // as last read
  SteadyTime next_poll_;
  bool is_anchored_ = false;
  SteadyTime anchor_;            // the first one
  SteadyTime start_;             // the anchor, or when playing began if that was later
  sim::VirtualTime first_time_;  // what was due at the anchor
  std::optional<PlaylistItem> next_;

  // Commands.
  std::uint64_t steps_left_ = 0;
  std::uint64_t steps_done_ = 0;
  Controls* step_asker_ = nullptr;     // awaits the answer to a step
  std::optional<Ratio> speed_before_;  // the speed that "max" replaced
  bool has_quit_ = false;
  std::uint64_t seeks_ = 0;
  sim::Duration jumped_;  // virtual time that seeks passed over, backwards negative

  // What became of it.
  absl::Status sink_status_;
  absl::Status trace_status_;  // reading failed
  absl::Status damage_;        // the first that was passed over
  SteadyTime end_;

  std::uint64_t records_sent_ = 0;
  std::uint64_t position_ = 0;              // after the record sent last
  sim::VirtualTime last_time_;              // of the record sent last, or sought
  sim::Duration last_squeezed_;             // likewise
  std::chrono::nanoseconds played_for_{0};  // until the record sent last, without pauses
  sinks::Histogram lateness_;
  PayloadHash payload_hash_;

  // The interval being measured, and the rates of the one before.
  SteadyTime told_at_;
  SteadyTime interval_start_;
  sim::VirtualTime interval_time_;
  std::uint64_t interval_records_sent_ = 0;
  sinks::Histogram interval_lateness_;
  Rates rates_;
  double speed_measured_ = 0;  // the last one that was
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PLAYER_H_
