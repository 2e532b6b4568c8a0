// What is played, by the options: the same for a replay and for a check of what one has delivered.
#ifndef GROUNDHOG_CLI_REPLAY_PLAYLIST_H_
#define GROUNDHOG_CLI_REPLAY_PLAYLIST_H_

#include "absl/status/statusor.h"
#include "cli/replay_options.h"
#include "replay/playlist.h"
#include "traces/reader.h"

namespace groundhog::cli {

// InvalidArgument names the option that does not fit the trace.
absl::StatusOr<replay::PlaylistOptions> MakePlaylistOptions(const ReplayOptions& options,
                                                            const traces::Reader& reader);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAY_PLAYLIST_H_
