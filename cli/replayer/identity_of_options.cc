#include "cli/replayer/identity_of_options.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "text/time_text.h"
#include "traces/hash128.h"

namespace groundhog::cli {
namespace {

std::string LevelsText(const std::vector<traces::Level>& levels) {
  static constexpr const char* kNames[traces::kLevelCount] = {"INFO", "WARN", "ERROR"};
  return absl::StrJoin(levels, ",", [](std::string* out, traces::Level level) {
    *out += kNames[traces::Index(level)];
  });
}

const char* KeyText(sinks::MessageKey key) {
  switch (key) {
    case sinks::MessageKey::kService:
      return "service";
    case sinks::MessageKey::kTraceId:
      return "trace_id";
    case sinks::MessageKey::kNone:
      break;
  }
  return "none";
}

const char* TimestampsText(replay::TimestampMode mode) {
  switch (mode) {
    case replay::TimestampMode::kOriginal:
      return "original";
    case replay::TimestampMode::kShift:
      return "shift";
    case replay::TimestampMode::kWall:
      break;
  }
  return "wall";
}

std::string HeadersText(const sinks::HeaderOptions& headers) {
  std::vector<std::string> names;
  if (headers.has_position) names.emplace_back("position");
  if (headers.has_cause) names.emplace_back("cause");
  if (headers.has_trace_digest) names.emplace_back("trace_digest");
  return absl::StrJoin(names, ",");
}

// What chooses partitions, as far as it was said.
std::string PartitionerText(const std::vector<std::string>& properties) {
  constexpr std::string_view kKey = "partitioner=";
  std::string value;
  for (const std::string& property : properties) {
    if (property.starts_with(kKey)) value = property.substr(kKey.size());
  }
  return value;
}

}  // namespace

absl::StatusOr<sinks::ReplayIdentity> MakeReplayIdentity(const ReplayOptions& options,
                                                         const traces::RecordSelection& selection,
                                                         const traces::Reader& reader) {
  if (!reader.can_seek() || reader.summary() == nullptr) {
    return absl::InvalidArgumentError(
        "--exactly-once and --resume need a complete trace in a file: only that can be gone on "
        "with from a position");
  }
  const auto time_text = [&](sim::VirtualTime time) {
    return text::FormatRfc3339Nanoseconds(
        text::UnixNanoseconds(reader.info().start_unix_nanoseconds, time));
  };
  const sinks::SinkOptions& sink = options.sink;
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
  identity.Add("--timestamps", TimestampsText(options.play.timestamps));
  // What a transaction belongs to is on the brokers; a file could be used for any.
  if (!sink.resume_file.empty()) identity.Add("--to", sink.to);
  identity.Add("--topic", sink.topic);
  identity.Add("--alerts-topic", sink.alerts_topic);
  identity.Add("--route", absl::StrJoin(sink.routes, " ", [](std::string* out, const auto& route) {
                 *out += route.text;
               }));
  identity.Add("--key", KeyText(sink.key));
  identity.Add("--headers", HeadersText(sink.headers));
  identity.Add("-X partitioner", PartitionerText(sink.kafka_config));
  return identity;
}

}  // namespace groundhog::cli
