#include "cli/replayer/played_records.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/replayer/playlist_of_options.h"

namespace groundhog::cli {

PlayedRecords::PlayedRecords(const ReplayOptions& options, traces::Reader& reader,
                             ReadingProgress& progress, const std::function<bool()>& stop_requested)
    : options_(options), reader_(reader), progress_(progress), stop_requested_(stop_requested) {}

ExitCode PlayedRecords::ForEach(const Take& take) {
  bool is_whole = true;
  const absl::Status status = Play(take, &is_whole);
  if (stop_requested_()) return kExitInterrupted;
  if (!status.ok()) {
    progress_.Notice(std::string(status.message()));
    return kExitUsage;
  }
  has_begun_ = true;
  return is_whole ? kExitDone : kExitIncomplete;
}

absl::Status PlayedRecords::Play(const Take& take, bool* is_whole) {
  if (has_begun_) {
    if (absl::Status s = reader_.SeekToPosition(0); !s.ok()) return s;
  }
  const absl::StatusOr<replay::PlaylistOptions> options = MakePlaylistOptions(options_, reader_);
  if (!options.ok()) return options.status();
  absl::StatusOr<std::unique_ptr<replay::Playlist>> made =
      replay::Playlist::Make(reader_, *options);
  if (!made.ok()) return made.status();
  replay::Playlist& playlist = **made;
  if (options_.play.gap_max) {
    playlist.set_gap_max(sim::Duration(options_.play.gap_max->count()));
  }
  absl::Status damage;
  while (!stop_requested_()) {
    if (!TakeRead(playlist, take)) return absl::OkStatus();
    const absl::StatusOr<bool> has_more = playlist.ReadMore();
    if (has_more.ok() && !*has_more) break;
    progress_.Update();
    if (has_more.ok()) continue;
    if (!absl::IsDataLoss(has_more.status())) return has_more.status();
    if (damage.ok()) damage = has_more.status();
  }
  if (damage.ok() && playlist.has_ended_with_file()) damage = reader_.incompleteness();
  *is_whole = damage.ok();
  if (!damage.ok() && !has_begun_) progress_.Notice(std::string(damage.message()));
  return absl::OkStatus();
}

// False: that is enough.
bool PlayedRecords::TakeRead(replay::Playlist& playlist, const Take& take) const {
  replay::Timestamps timestamps({.mode = options_.play.timestamps == replay::TimestampMode::kShift
                                             ? replay::TimestampMode::kShift
                                             : replay::TimestampMode::kOriginal,
                                 .start_unix_nanoseconds = reader_.info().start_unix_nanoseconds,
                                 .t0 = playlist.begin()});
  timestamps.AnchorAt(replay::SteadyTime(), options_.play.start_unix_nanoseconds.value_or(0));
  replay::PlaylistItem item;
  while (playlist.Take(&item)) {
    const std::int64_t timestamp =
        timestamps.UnixMilliseconds({.time = item.time, .clock_skew = item.record->clock_skew});
    std::uint64_t position = item.position;
    if (item.loop > 0) position %= reader_.summary()->records;
    const AuditRecord given = {.record = *item.record,
                               .line = playlist.Render(item, timestamp),
                               .position = position,
                               .time = item.time,
                               .due_milliseconds = DueMilliseconds(playlist, item)};
    if (!take(given)) return false;
  }
  return true;
}

// After the beginning of the replay.
std::int64_t PlayedRecords::DueMilliseconds(const replay::Playlist& playlist,
                                            const replay::PlaylistItem& item) const {
  if (options_.play.timestamps == replay::TimestampMode::kWall) return 0;  // the rows say it
  const sim::Duration played = item.time - playlist.begin() - item.squeezed;
  return static_cast<std::int64_t>(static_cast<double>(played.nanoseconds()) / 1e6 /
                                   options_.play.pace.ratio.ToDouble());
}

}  // namespace groundhog::cli
