// One replay, from its trace to its outcome: opens the trace and the sink, goes on where an earlier
// replay stopped, plays, and closes. Knows neither a command line nor a terminal.
//
// In this order: OpenTrace, MakePlaylist, OpenSink, Play, CloseSink. A step that fails ends it.
#ifndef GROUNDHOG_REPLAY_SESSION_H_
#define GROUNDHOG_REPLAY_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "replay/clock.h"
#include "replay/player.h"
#include "replay/player_options.h"
#include "replay/playlist.h"
#include "replay/stop_signal.h"
#include "replay/timestamps.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"
#include "traces/catalogue.h"
#include "traces/reader.h"

namespace groundhog::replay {

// Not thread-safe.
class Session {
 public:
  // Both must outlive it. `stop` ends each step early, with Cancelled where it returns a status.
  Session(Clock& clock, const StopSignal& stop) : clock_(clock), stop_(stop) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `file` "-": standard input. Errors are Reader::Open's.
  absl::Status OpenTrace(const std::string& file);
  traces::Reader& reader() { return *reader_; }

  // What to play. Errors are Playlist::Make's.
  absl::Status MakePlaylist(const PlaylistOptions& options);
  Playlist& playlist() { return *playlist_; }

  // Makes a sink, which is not open yet. The catalogue must outlive it.
  using MakeSink = std::function<absl::StatusOr<std::unique_ptr<sinks::Sink>>(
      const sinks::SinkOptions&, const traces::Catalogue&)>;

  // Makes the sink and opens it. Where it has saved a position, the playlist starts there, and
  // shifted timestamps keep their date of t0. `options` has all but the anchor, the time and
  // stop_requested; the other two are those that the player gets. Errors are those of `make` and
  // Sink::Open.
  absl::Status OpenSink(const MakeSink& make, sinks::SinkOptions options, TimestampMode timestamps,
                        std::optional<std::int64_t> start_unix_nanoseconds);
  // Where an earlier replay had come to and this one goes on; nullopt: it plays from the start.
  std::optional<std::uint64_t> resumed_at() const { return resumed_at_; }
  // The sink, as Sink::Describe.
  std::string DescribeSink() const { return sink_->Describe(); }

  // Plays, and flushes the sink. `options` has all but the date of shifted timestamps and
  // is_resumed.
  Outcome Play(PlayerOptions options);

  // Errors are Sink::Close's.
  absl::Status CloseSink() { return sink_->Close(); }

 private:
  absl::Status Resume();

  Clock& clock_;
  const StopSignal& stop_;
  std::unique_ptr<traces::Reader> reader_;
  PlaylistOptions playlist_options_;
  std::unique_ptr<Playlist> playlist_;
  std::unique_ptr<sinks::Sink> sink_;
  std::optional<std::int64_t> shift_unix_nanoseconds_;  // the date of t0, where it must be kept
  std::optional<std::uint64_t> resumed_at_;
  std::optional<Player> player_;  // while it plays
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_SESSION_H_
