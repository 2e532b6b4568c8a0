#include "replay/session.h"

#include <utility>

#include "sinks/saved_position.h"

namespace groundhog::replay {

absl::Status Session::OpenTrace(const std::string& file) {
  traces::ReaderOptions options;
  options.stop_requested = [this] {
    return player_ ? !player_->TendWhileReading() : stop_.is_raised();
  };
  absl::StatusOr<std::unique_ptr<traces::Reader>> reader =
      traces::Reader::Open(file, std::move(options));
  if (!reader.ok()) return reader.status();
  reader_ = *std::move(reader);
  return absl::OkStatus();
}

absl::Status Session::MakePlaylist(const PlaylistOptions& options) {
  absl::StatusOr<std::unique_ptr<Playlist>> playlist = Playlist::Make(*reader_, options);
  if (!playlist.ok()) return playlist.status();
  playlist_ = *std::move(playlist);
  playlist_options_ = options;
  return absl::OkStatus();
}

absl::Status Session::OpenSink(const MakeSink& make, sinks::SinkOptions options,
                               TimestampMode timestamps,
                               std::optional<std::int64_t> start_unix_nanoseconds) {
  const std::int64_t now = clock_.WallUnixNanoseconds();
  if (options.is_saved() && timestamps == TimestampMode::kShift) {
    shift_unix_nanoseconds_ = start_unix_nanoseconds.value_or(now);
    options.anchor_unix_nanoseconds = shift_unix_nanoseconds_;
  }
  options.now_unix_milliseconds = now / 1'000'000;
  options.stop_requested = [this] { return stop_.is_raised(); };
  absl::StatusOr<std::unique_ptr<sinks::Sink>> sink = make(options, reader_->catalogue());
  if (!sink.ok()) return sink.status();
  sink_ = *std::move(sink);
  if (absl::Status s = sink_->Open(); !s.ok()) return s;
  return Resume();
}

absl::Status Session::Resume() {
  const std::optional<sinks::SavedPosition> resumed = sink_->resumed();
  if (!resumed) return absl::OkStatus();
  if (resumed->anchor_unix_nanoseconds) shift_unix_nanoseconds_ = resumed->anchor_unix_nanoseconds;
  if (resumed->position == 0) return absl::OkStatus();
  resumed_at_ = resumed->position;
  PlaylistOptions options = playlist_options_;
  options.start_position = resumed->position;
  return MakePlaylist(options);
}

Outcome Session::Play(PlayerOptions options) {
  options.shift_unix_nanoseconds = shift_unix_nanoseconds_;
  options.is_resumed = resumed_at_.has_value();
  player_.emplace(*reader_, *playlist_, *sink_, clock_, stop_, options);
  Outcome outcome = player_->Play();
  outcome.report.resumed_at = resumed_at_;
  player_.reset();
  return outcome;
}

}  // namespace groundhog::replay
