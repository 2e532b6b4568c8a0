#include "cli/replayer/identity_of_options.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/replayer/public_address.h"
#include "text/time_text.h"
#include "traces/hash128.h"

namespace groundhog::cli {
namespace {

std::string LevelsText(const std::vector<traces::Level>& levels) {
  return absl::StrJoin(levels, ",", [](std::string* out, traces::Level level) {
    *out += traces::kLevelNames.NameOf(level);
  });
}

}  // namespace

absl::StatusOr<sinks::ReplayIdentity> MakeReplayIdentity(const ReplayOptions& options,
                                                         const traces::RecordSelection& selection,
                                                         const traces::Reader& reader) {
  if (!reader.can_seek() || reader.summary() == nullptr) {
    return absl::InvalidArgumentError(
        "--exactly-once and --resume need a complete trace in a file, as only there is a position "
        "of use to a later replay");
  }
  const auto time_text = [&](sim::VirtualTime time) {
    return text::FormatRfc3339Nanoseconds(
        text::UnixNanoseconds(reader.info().start_unix_nanoseconds, time));
  };
  sinks::ReplayIdentity identity;
  identity.Add("the trace's digest", traces::ToHex(reader.summary()->digest));
  identity.Add("--from", time_text(selection.from));
  identity.Add("--until", selection.until ? time_text(*selection.until) : "");
  identity.Add("--service", absl::StrJoin(options.play.filter.services, ","));
  identity.Add("--level", LevelsText(selection.levels));
  identity.Add("--trace-id", absl::StrJoin(options.play.filter.trace_ids, ","));
  identity.Add("--loop", options.play.loops ? absl::StrCat(*options.play.loops) : "forever");
  const replay::Shard& shard = options.play.shard;
  identity.Add("--shard", shard.count == 1 ? "" : absl::StrCat(shard.number, "/", shard.count));
  identity.Add("--timestamps",
               std::string(replay::kTimestampModeNames.NameOf(options.play.timestamps)));
  // With --exactly-once the server itself keeps the position; a file may be used with any.
  if (!options.sink.resume_file.empty()) identity.Add("--to", PublicAddress(options.to));
  for (const auto& kind : options.kinds) kind->AddTo(identity, options.play.shard.key);
  if (FirstWith(options.kinds, &SinkKind::has_keys) == nullptr) {
    identity.Add("--key", std::string(sinks::kMessageKeyNames.NameOf(options.play.shard.key)));
  }
  return identity;
}

}  // namespace groundhog::cli
