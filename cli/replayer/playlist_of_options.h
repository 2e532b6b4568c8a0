// What is played, by the options: the same for a replay and for a check of what one has delivered.
#ifndef GROUNDHOG_CLI_REPLAYER_PLAYLIST_OF_OPTIONS_H_
#define GROUNDHOG_CLI_REPLAYER_PLAYLIST_OF_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "cli/replayer/options.h"
#include "replay/playlist.h"
#include "traces/reader.h"

namespace groundhog::cli {

// InvalidArgument names the option that does not fit the trace.
absl::StatusOr<replay::PlaylistOptions> MakePlaylistOptions(const ReplayOptions& options,
                                                            const traces::Reader& reader);

// Whether a playlist that was read from its beginning to its end had records.
struct Selected {
  // Whether any record was selected. A run without one has done nothing and ends with kExitNo.
  bool has_records = true;
  std::string notice;  // for a person; empty: there is nothing to say
};

// A shard without a record is no failure, only worth a notice: the records belong to other shards.
Selected JudgeSelection(const ReplayOptions& options, const replay::Playlist& playlist,
                        std::uint64_t records_of_shard);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_PLAYLIST_OF_OPTIONS_H_
