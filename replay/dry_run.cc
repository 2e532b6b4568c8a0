#include "replay/dry_run.h"

#include "replay/pacer.h"
#include "text/json_writer.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::replay {
namespace {

class Counting {
 public:
  Counting(Playlist& playlist, const DryRunOptions& options)
      : playlist_(playlist), options_(options), pacer_(options.pace, playlist.begin()) {
    pacer_.AnchorAt(SteadyTime());
  }

  void Add(const PlaylistItem& item) {
    // A date is as long as any other.
    const std::size_t bytes = playlist_.Render(item, 0).size();
    if (report_.records++ == 0) report_.first_time = item.time;
    report_.last_time = item.time;
    const std::optional<SteadyTime> deadline =
        pacer_.DeadlineOf(item.time - item.squeezed, item.number);
    if (deadline) {
      report_.last_deadline = deadline->time_since_epoch();
      if (!report_.first_deadline) report_.first_deadline = report_.last_deadline;
    }
    for (const std::string& name : options_.destinations_of(item)) {
      DryRunReport::Destination& destination = report_.destinations[name];
      ++destination.messages;
      destination.bytes += bytes;
      ++report_.messages;
      report_.bytes += bytes;
    }
  }

  DryRunReport report_;

 private:
  Playlist& playlist_;
  const DryRunOptions& options_;
  Pacer pacer_;
};

std::string Milliseconds(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? text::FixedPoint(time->count(), 6) : "null";
}

}  // namespace

DryRunReport DryRun(traces::Reader& reader, Playlist& playlist, const DryRunOptions& options) {
  if (options.gap_max && options.pace.kind == PaceKind::kSpeed) {
    playlist.set_gap_max(VirtualTimeIn(*options.gap_max, options.pace.ratio));
  }
  Counting counting(playlist, options);
  absl::Status status;
  PlaylistItem item;
  while (true) {
    while (playlist.Take(&item)) counting.Add(item);
    if (options.stop_requested && options.stop_requested()) {
      status = absl::CancelledError("interrupted");
      break;
    }
    const absl::StatusOr<bool> has_more = playlist.ReadMore();
    if (has_more.ok() && !*has_more) break;
    if (has_more.ok()) continue;
    if (status.ok()) status = has_more.status();
    if (!absl::IsDataLoss(has_more.status())) {
      status = has_more.status();
      break;
    }
  }
  if (status.ok() && playlist.has_ended_with_file()) status = reader.incompleteness();
  counting.report_.records_read = playlist.records_read();
  counting.report_.status = status;
  return counting.report_;
}

std::string ToJson(const DryRunReport& report, std::int64_t start_unix_nanoseconds) {
  using Layout = text::JsonWriter::Layout;
  const auto date = [&](sim::VirtualTime time) -> std::optional<std::string> {
    if (report.records == 0) return std::nullopt;
    return text::FormatRfc3339Nanoseconds(text::UnixNanoseconds(start_unix_nanoseconds, time));
  };
  text::JsonWriter json;
  json.BeginObject(Layout::kCompact);
  json.Put("dry_run", true);
  json.Put("records_read", report.records_read);
  json.Put("records", report.records);
  json.Put("messages", report.messages);
  json.Put("bytes", report.bytes);
  json.Put("first_time", date(report.first_time));
  json.Put("last_time", date(report.last_time));
  json.PutJson("first_deadline_ms", Milliseconds(report.first_deadline));
  json.PutJson("last_deadline_ms", Milliseconds(report.last_deadline));
  json.Key("topics").BeginObject(Layout::kCompact);
  for (const auto& [name, destination] : report.destinations) {
    json.Key(name).BeginObject(Layout::kCompact);
    json.Put("messages", destination.messages);
    json.Put("bytes", destination.bytes);
    json.EndObject();
  }
  json.EndObject();
  json.Put("complete", report.status.ok());
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::replay
