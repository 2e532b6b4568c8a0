#include "cli/replayer/delivery_check.h"

#include <string_view>
#include <utility>

#include "replay/clock.h"
#include "sinks/kafka/kafka_timestamp.h"
#include "sinks/kafka/message_headers.h"
#include "sinks/message_key.h"
#include "traces/json_renderer.h"

namespace groundhog::cli {
namespace {

// The value of the header of that name; empty: there is none.
std::string TraceDigestIn(std::string_view headers) {
  constexpr std::string_view kName = "trace_digest=";
  const std::size_t at = headers.find(kName);
  if (at == std::string_view::npos) return "";
  headers.remove_prefix(at + kName.size());
  return std::string(headers.substr(0, headers.find(';')));
}

}  // namespace

DeliveryCheck::DeliveryCheck(traces::Reader& reader, replay::Playlist& playlist,
                             const Options& options)
    : reader_(reader),
      playlist_(playlist),
      options_(options),
      timestamps_({.mode = options.timestamps,
                   .start_unix_nanoseconds = reader.info().start_unix_nanoseconds,
                   .t0 = playlist.begin()}) {
  timestamps_.AnchorAt(replay::SteadyTime(), options.shift_unix_nanoseconds);
}

absl::Status DeliveryCheck::Open() {
  const sinks::KafkaOptions& options = options_.kafka;
  absl::StatusOr<sinks::Routes> routes = sinks::MakeRoutes(options, reader_.catalogue());
  if (!routes.ok()) return routes.status();
  routes_.emplace(*std::move(routes));
  absl::StatusOr<std::unique_ptr<sinks::KafkaReader>> kafka =
      sinks::KafkaReader::Open({.address = options.address,
                                .kafka_config = options.properties,
                                .topics = routes_->topics(),
                                .timeout = options_.timeout,
                                .notice = options_.notice,
                                .stop_requested = options_.stop_requested});
  if (!kafka.ok()) return kafka.status();
  kafka_ = *std::move(kafka);
  topics_.resize(routes_->topics().size());
  const std::size_t remembered_min = replay::TopicCheck::kRememberedMin / topics_.size();
  for (std::size_t number = 0; number < topics_.size(); ++number) {
    const absl::StatusOr<bool> has_arrival_times = kafka_->HasArrivalTimes(number);
    if (!has_arrival_times.ok()) return has_arrival_times.status();
    topics_[number].has_arrival_times = *has_arrival_times;
    topics_[number].check = std::make_unique<replay::TopicCheck>(
        kafka_->partitions(number),
        [this, number](int partition) { return Fetch(number, partition); }, remembered_min);
  }
  return absl::OkStatus();
}

// The next message of a partition that is of our shard; nullopt at its end.
absl::StatusOr<std::optional<replay::ArrivedMessage>> DeliveryCheck::Fetch(std::size_t number,
                                                                           int partition) {
  sinks::StoredMessage message;
  do {
    const absl::StatusOr<bool> has_message = kafka_->Next(number, partition, &message);
    if (!has_message.ok()) return has_message.status();
    if (!*has_message) return std::nullopt;
  } while (!IsOfShard(message));
  Topic& topic = topics_[number];
  topic.sample.Arrive(traces::TraceIdIn(message.value));
  if (topic.trace_digest.empty()) topic.trace_digest = TraceDigestIn(message.headers);
  std::optional<std::int64_t> timestamp;
  if (!topic.has_arrival_times) timestamp = message.timestamp_unix_milliseconds;
  const std::string_view headers =
      options_.kafka.headers.any() ? std::string_view(message.headers) : std::string_view();
  return replay::ArrivedMessage{
      .hash = replay::MessageHash(message.key, message.value, timestamp, headers),
      .offset = message.offset};
}

// Messages of other shards come between ours, in any order; each key belongs to one shard.
bool DeliveryCheck::IsOfShard(const sinks::StoredMessage& message) const {
  const replay::Shard& shard = options_.shard;
  return shard.count == 1 || replay::ShardOf(message.key, shard.count) == shard.number;
}

absl::Status DeliveryCheck::Run() {
  const std::function<bool()>& stop_requested = options_.stop_requested;
  while (true) {
    replay::PlaylistItem item;
    while (playlist_.Take(&item)) {
      if (absl::Status s = Expect(item); !s.ok()) return s;
      if (stop_requested && stop_requested()) return absl::CancelledError("interrupted");
    }
    const absl::StatusOr<bool> has_more = playlist_.ReadMore();
    if (has_more.ok() && !*has_more) break;
    if (has_more.ok()) continue;
    if (!absl::IsDataLoss(has_more.status())) return has_more.status();
    if (damage_.ok()) damage_ = has_more.status();
  }
  for (const Topic& topic : topics_) {
    if (absl::Status s = topic.check->Finish(); !s.ok()) return s;
  }
  if (damage_.ok() && playlist_.has_ended_with_file()) damage_ = reader_.incompleteness();
  return absl::OkStatus();
}

absl::Status DeliveryCheck::Expect(const replay::PlaylistItem& item) {
  const std::int64_t timestamp =
      timestamps_.UnixMilliseconds({.time = item.time, .clock_skew = item.record->clock_skew});
  const std::string_view line = playlist_.Render(item, timestamp);
  const sinks::KafkaOptions& kafka = options_.kafka;
  const std::string_view key = sinks::KeyOf(kafka.key, reader_.catalogue(), *item.record, line);
  const std::string headers = sinks::HeadersText(kafka.headers, options_.trace_digest,
                                                 reader_.catalogue(), item.position, *item.record);
  ++records_;
  for (const std::uint32_t number : routes_->TopicsOf(*item.record)) {
    Topic& topic = topics_[number];
    std::optional<std::int64_t> stored_timestamp;
    if (!topic.has_arrival_times) stored_timestamp = sinks::KafkaTimestamp(timestamp);
    const replay::ExpectedMessage expected = {
        .hash = replay::MessageHash(key, line, stored_timestamp, headers),
        .position = item.position};
    std::optional<int> partition;
    if (kafka.key != sinks::MessageKey::kNone && kafka_->partitions(number) > 0) {
      partition = kafka_->PartitionOf(number, key);
    }
    topic.sample.Expect(traces::TraceIdIn(line));
    if (absl::Status s = topic.check->Expect(expected, partition); !s.ok()) return s;
  }
  return absl::OkStatus();
}

replay::CheckReport DeliveryCheck::Report() const {
  replay::CheckReport report = {.records = records_};
  if (reader_.summary() != nullptr) report.trace_digest = reader_.summary()->digest;
  for (std::size_t number = 0; number < topics_.size(); ++number) {
    const Topic& topic = topics_[number];
    report.topics.push_back({.topic = routes_->topics()[number],
                             .counts = topic.check->counts(),
                             .examples = topic.check->examples(),
                             .has_other_trace = HasOtherTrace(topic),
                             .stored_digest = topic.trace_digest});
  }
  return report;
}

// Always false for a topic that has any message of this trace.
bool DeliveryCheck::HasOtherTrace(const Topic& topic) const {
  const replay::TopicCounts& counts = topic.check->counts();
  if (counts.has_any() || counts.arrived == 0 || counts.expected == 0) return false;
  const bool has_other_digest = !topic.trace_digest.empty() && reader_.summary() != nullptr &&
                                topic.trace_digest != traces::ToHex(reader_.summary()->digest);
  return has_other_digest || topic.sample.is_foreign();
}

}  // namespace groundhog::cli
