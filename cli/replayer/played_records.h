// What a pipeline was given by a replay: the records of its playlist, as it sent them.
#ifndef GROUNDHOG_CLI_REPLAYER_PLAYED_RECORDS_H_
#define GROUNDHOG_CLI_REPLAYER_PLAYED_RECORDS_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "cli/audit/audit_run.h"
#include "cli/replayer/options.h"
#include "cli/shared/reading_progress.h"
#include "replay/playlist.h"
#include "replay/timestamps.h"
#include "traces/reader.h"

namespace groundhog::cli {

// Not thread-safe.
class PlayedRecords : public AuditInput {
 public:
  // All must outlive this.
  PlayedRecords(const ReplayOptions& options, traces::Reader& reader, ReadingProgress& progress,
                const std::function<bool()>& stop_requested);

  ExitCode ForEach(const Take& take) override;
  const traces::Reader& reader() const override { return reader_; }

 private:
  absl::Status Play(const Take& take, bool* is_whole);
  bool TakeRead(replay::Playlist& playlist, const Take& take) const;
  std::int64_t DueMilliseconds(const replay::Playlist& playlist,
                               const replay::PlaylistItem& item) const;

  const ReplayOptions& options_;
  traces::Reader& reader_;
  ReadingProgress& progress_;
  const std::function<bool()>& stop_requested_;
  bool has_begun_ = false;  // then what is damaged was reported
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_PLAYED_RECORDS_H_
