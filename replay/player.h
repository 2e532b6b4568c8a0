// Plays a playlist into a sink on time, and obeys commands meanwhile. Never reorders and never
// drops: when the sink holds back, everything after waits, and the lateness shows it.
//
// Lateness is the time from a record's deadline until the sink has taken it. The time that the
// destination needs to acknowledge is a figure of its own.
#ifndef GROUNDHOG_REPLAY_PLAYER_H_
#define GROUNDHOG_REPLAY_PLAYER_H_

#include "absl/status/status.h"
#include "replay/clock.h"
#include "replay/command_handler.h"
#include "replay/incidents.h"
#include "replay/pacer.h"
#include "replay/payload_hash.h"
#include "replay/player_options.h"
#include "replay/playhead.h"
#include "replay/playlist.h"
#include "replay/progress_meter.h"
#include "replay/run_report.h"
#include "replay/sender.h"
#include "replay/stop_signal.h"
#include "sinks/sink.h"
#include "traces/reader.h"

namespace groundhog::replay {

enum class Ending {
  kFinished,         // played to the end of the range
  kQuit,             // a command ended it; the sink acknowledged what it had taken
  kInterrupted,      // the stop signal; the sink got time to acknowledge what it had taken
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

// Not thread-safe. Everything it is given must outlive it.
class Player {
 public:
  // `sink` is open. `playlist` is new and of `reader`.
  Player(traces::Reader& reader, Playlist& playlist, sinks::Sink& sink, Clock& clock,
         const StopSignal& stop, const PlayerOptions& options);

  // Plays, flushes the sink and reports the result. To be called once. Unless a date is given, the
  // anchor is set when the first record is ready, so that a slow start makes no record late.
  Outcome Play();

  // To be called now and then while the reader waits for a pipe (ReaderOptions::stop_requested):
  // processes acknowledgements and commands. False: stop waiting.
  bool TendWhileReading();

 private:
  void Anchor();
  bool Fetch();
  bool Await();
  SteadyTime DueTime() const;
  bool IsHurrying() const;
  void Sleep();
  void Send();
  void Tend();
  void Poll();
  void TakeCommands();
  bool IsOver() const;
  bool WasInterrupted() const;
  Outcome Conclude(SteadyTime end) const;
  RunReport Report(SteadyTime end) const;

  traces::Reader& reader_;
  const Playlist& playlist_;
  Clock& clock_;
  const StopSignal& stop_;
  const PlayerOptions options_;
  const Incidents incidents_;

  Playhead playhead_;
  Sender sender_;
  ProgressMeter meter_;
  CommandHandler commands_;
  RateLimiter limiter_;
  PayloadHash payload_hash_;
  bool is_anchored_ = false;
  SteadyTime next_poll_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_PLAYER_H_
