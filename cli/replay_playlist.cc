#include "cli/replay_playlist.h"

#include "cli/filter_options.h"
#include "traces/record_filter.h"

namespace groundhog::cli {

absl::StatusOr<replay::PlaylistOptions> MakePlaylistOptions(const ReplayOptions& options,
                                                            const traces::Reader& reader) {
  const absl::StatusOr<traces::RecordSelection> selection =
      ResolveFilter(options.play.filter, reader.info(), reader.catalogue());
  if (!selection.ok()) return selection.status();
  return replay::PlaylistOptions{
      .selection = *selection, .loops = options.play.loops, .shard = options.play.shard};
}

}  // namespace groundhog::cli
