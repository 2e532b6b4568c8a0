// The proof of a replay: reads its Kafka topics back and compares them with what the playlist
// should have sent there: each message's value, key, timestamp, headers and partition.
//
// Not part of replay/, which knows no Kafka; the comparison itself is there, in topic_check.h.
#ifndef GROUNDHOG_CLI_REPLAYER_DELIVERY_CHECK_H_
#define GROUNDHOG_CLI_REPLAYER_DELIVERY_CHECK_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "replay/check_report.h"
#include "replay/playlist.h"
#include "replay/request_sample.h"
#include "replay/shard.h"
#include "replay/timestamps.h"
#include "replay/topic_check.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/kafka/kafka_reader.h"
#include "sinks/kafka/routes.h"
#include "traces/reader.h"

namespace groundhog::cli {

// Not thread-safe. Memory is bounded, as TopicCheck's.
class DeliveryCheck {
 public:
  // The options of the replay that is checked.
  struct Options {
    sinks::KafkaOptions kafka;
    std::string trace_digest;          // in hex; needed by a header of that name
    std::chrono::nanoseconds timeout;  // the longest time without an answer of Kafka
    replay::TimestampMode timestamps = replay::TimestampMode::kOriginal;  // not kWall
    std::int64_t shift_unix_nanoseconds = 0;                              // with kShift: of t0
    replay::Shard shard;                           // more than one only with keys
    std::function<void(std::string_view)> notice;  // as SinkOptions
    std::function<bool()> stop_requested;          // likewise
  };

  // `playlist` is new and of `reader`. Both must outlive it.
  DeliveryCheck(traces::Reader& reader, replay::Playlist& playlist, const Options& options);

  // Connects and finds the topics. Errors are those of MakeRoutes and KafkaReader.
  absl::Status Open();
  // Whether Kafka was reached, so that later errors are about what it has stored.
  bool has_begun() const { return kafka_ != nullptr; }

  // Compares everything. To be called once. Errors are those of KafkaReader and of
  // replay::Playlist::ReadMore; damage of the trace is passed over. Cancelled: stop_requested.
  absl::Status Run();

  // What was found.
  replay::CheckReport Report() const;
  // Why the trace was not whole: the first damage, or that it is incomplete.
  const absl::Status& damage() const { return damage_; }

 private:
  struct Topic {
    bool has_arrival_times = false;  // instead of the timestamps that we sent
    std::unique_ptr<replay::TopicCheck> check;
    replay::RequestSample sample;
    std::string trace_digest;  // of the first message that has one in its headers; empty: none
  };

  absl::StatusOr<std::optional<replay::ArrivedMessage>> Fetch(std::size_t number, int partition);
  bool IsOfShard(const sinks::StoredMessage& message) const;
  absl::Status Expect(const replay::PlaylistItem& item);
  bool HasOtherTrace(const Topic& topic) const;

  traces::Reader& reader_;
  replay::Playlist& playlist_;
  const Options options_;
  replay::Timestamps timestamps_;
  std::optional<sinks::Routes> routes_;
  std::unique_ptr<sinks::KafkaReader> kafka_;
  std::vector<Topic> topics_;  // by the routes' numbers
  std::uint64_t records_ = 0;
  absl::Status damage_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_DELIVERY_CHECK_H_
