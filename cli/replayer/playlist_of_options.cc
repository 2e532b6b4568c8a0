#include "cli/replayer/playlist_of_options.h"

#include "absl/strings/str_cat.h"
#include "cli/shared/filter_options.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
absl::StatusOr<replay::PlaylistOptions> MakePlaylistOptions(const ReplayOptions& options,
                                                            const traces::Reader& reader) {
  const absl::StatusOr<traces::RecordSelection> selection =
      ResolveFilter(options.play.filter, reader);
  if (!selection.ok()) return selection.status();
  if (options.kind != nullptr) {
    if (absl::Status s = options.kind->CheckTrace(reader.catalogue()); !s.ok()) return s;
  }
  return replay::PlaylistOptions{
      .selection = *selection, .loops = options.play.loops, .shard = options.play.shard};
}

Selected JudgeSelection(const ReplayOptions& options, const replay::Playlist& playlist,
                        std::uint64_t records_of_shard) {
  const std::uint64_t matched = playlist.records_matched();
  if (matched == 0) {
    return {.has_records = false, .notice = NoRecordText(options.play.filter, options.file)};
  }
  if (records_of_shard != 0) return {};
  const replay::Shard& shard = options.play.shard;
  return {.notice =
              absl::StrCat("of the ", matched, " records selected, none is of --shard ",
                           shard.number, "/", shard.count, "; their keys belong to other shards")};
}

}  // namespace groundhog::cli
