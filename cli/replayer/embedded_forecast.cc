#include "cli/replayer/embedded_forecast.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/playlist_of_options.h"
#include "replay/playlist.h"
#include "sinks/kafka/embedded_capacity.h"
#include "sinks/kafka/embedded_kafka.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

using sinks::EmbeddedCapacity;

constexpr char kRemedy[] =
    "a consumer that comes later misses the oldest; read along, play less (--from, --until), or "
    "use a real Kafka (scripts/kafka start)";

std::string Rule() {
  return absl::StrCat("the embedded Kafka keeps the newest ", sinks::kEmbeddedPartitionBytes >> 20,
                      " MiB of each partition");
}

// Passes over damage, which the replay reports.
absl::StatusOr<EmbeddedCapacity> Fill(const ReplayOptions& options,
                                      const sinks::KafkaOptions& kafka, traces::Reader& reader,
                                      std::uint64_t start_position,
                                      const std::function<bool()>& stop_requested) {
  absl::StatusOr<replay::PlaylistOptions> playlist_options = MakePlaylistOptions(options, reader);
  if (!playlist_options.ok()) return playlist_options.status();
  playlist_options->start_position = start_position;
  const absl::StatusOr<std::unique_ptr<replay::Playlist>> playlist =
      replay::Playlist::Make(reader, *playlist_options);
  if (!playlist.ok()) return playlist.status();
  absl::StatusOr<EmbeddedCapacity> capacity = EmbeddedCapacity::Make(kafka, reader.catalogue());
  while (capacity.ok() && !stop_requested()) {
    replay::PlaylistItem item;
    while ((*playlist)->Take(&item)) {
      // Any date will do, as all are of one length.
      capacity->Add(*item.record, (*playlist)->Render(item, 0));
      if (capacity->verdict() == EmbeddedCapacity::Verdict::kDoesNotFit) return capacity;
    }
    const absl::StatusOr<bool> has_more = (*playlist)->ReadMore();
    if (has_more.ok() ? !*has_more : !absl::IsDataLoss(has_more.status())) break;
  }
  return capacity;
}

}  // namespace

std::string EmbeddedForecast(const ReplayOptions& options, const sinks::KafkaOptions& kafka,
                             std::uint64_t start_position,
                             const std::function<bool()>& stop_requested) {
  // What comes through a pipe can be read only once.
  std::error_code error;
  if (!std::filesystem::is_regular_file(options.file, error)) {
    return absl::StrCat(Rule(), ": ", kRemedy);
  }
  const absl::StatusOr<std::unique_ptr<traces::Reader>> reader =
      traces::Reader::Open(options.file, {.stop_requested = stop_requested});
  if (!reader.ok()) return "";
  const absl::StatusOr<EmbeddedCapacity> capacity =
      Fill(options, kafka, **reader, start_position, stop_requested);
  if (!capacity.ok() || capacity->verdict() == EmbeddedCapacity::Verdict::kFits) return "";
  const bool is_certain = capacity->verdict() == EmbeddedCapacity::Verdict::kDoesNotFit;
  return absl::StrCat(Rule(), ", and topic ", capacity->topic(), is_certain ? " will" : " may",
                      " get more: ", kRemedy);
}

}  // namespace groundhog::cli
