#include "cli/replayer/playlist_of_options.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/shared/filter_options.h"
#include "traces/record_filter.h"

namespace groundhog::cli {
namespace {

absl::Status CheckRouteServices(const std::vector<sinks::Route>& routes,
                                const traces::Catalogue& catalogue) {
  for (const sinks::Route& route : routes) {
    for (const std::string& name : route.services) {
      const bool is_known =
          std::any_of(catalogue.services.begin(), catalogue.services.end(),
                      [&name](const traces::ServiceEntry& one) { return one.name == name; });
      if (!is_known) {
        return absl::InvalidArgumentError(absl::StrCat("--route '", route.text,
                                                       "': the trace has no service '", name, "'",
                                                       ServiceGuess(name, catalogue)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<replay::PlaylistOptions> MakePlaylistOptions(const ReplayOptions& options,
                                                            const traces::Reader& reader) {
  const absl::StatusOr<traces::RecordSelection> selection =
      ResolveFilter(options.play.filter, reader);
  if (!selection.ok()) return selection.status();
  const absl::Status routes = CheckRouteServices(options.sink.routes, reader.catalogue());
  if (!routes.ok()) return routes;
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
                           shard.number, "/", shard.count, "; their keys fall to other machines")};
}

}  // namespace groundhog::cli
