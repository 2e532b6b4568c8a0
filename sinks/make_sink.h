// Makes the sink that a --to names.
#ifndef GROUNDHOG_SINKS_MAKE_SINK_H_
#define GROUNDHOG_SINKS_MAKE_SINK_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_topics.h"
#include "sinks/kafka/message_headers.h"
#include "sinks/kafka/message_key.h"
#include "sinks/routes.h"
#include "sinks/saved_position.h"
#include "sinks/sink.h"
#include "traces/catalogue.h"

namespace groundhog::sinks {

// The most records in a transaction, unless asked for otherwise.
inline constexpr std::uint64_t kCommitRecords = 20'000;

// How often what was delivered is made durable (--exactly-once) or noted down (--resume): after so
// many records or so much time, whichever comes first.
struct CommitInterval {
  std::optional<std::uint64_t> records;  // nullopt: kCommitRecords in a transaction, else by time
  std::chrono::nanoseconds time = std::chrono::seconds(1);
};

struct SinkOptions {
  // kafka://HOST:PORT[,HOST:PORT...], kafka://embedded, jsonl:PATH, jsonl:- or null:
  std::string to;

  // Kafka only from here to linger. Topics are patterns, see sinks/routes.h.
  std::string topic = "raw_logs";
  std::string alerts_topic = "alerts";   // copies of ERROR records; empty: none
  std::vector<Route> routes;             // more copies
  int partitions = kNewTopicPartitions;  // of topics that we create
  MessageKey key = MessageKey::kService;
  HeaderOptions headers;
  std::string trace_digest;  // in hex; needed by a header of that name
  // librdkafka properties as KEY=VALUE, over our defaults, in order.
  std::vector<std::string> kafka_config;
  // The embedded cluster dies with the process: how long Close waits for consumers to finish.
  std::chrono::nanoseconds linger = std::chrono::seconds(2);
  // A name, under which messages and the position go into one transaction; empty: no transactions.
  std::string exactly_once;
  // librdkafka's statistics, one JSON object at a time, by any thread. Empty: none.
  std::function<void(std::string_view)> statistics;

  // Where the position is noted down; empty: nowhere. Not with exactly_once.
  std::string resume_file;
  // For both: how often, what must be the same to go on, the date of t0 with shifted timestamps,
  // and whether to begin anew whatever was saved.
  CommitInterval commit;
  ReplayIdentity identity;
  std::optional<std::int64_t> anchor_unix_nanoseconds;
  bool is_reset = false;

  // The longest time without acknowledged progress while a message waits, or before the first
  // connection. At least 1 ms.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);

  // The wall clock, to tell whether an existing topic's limits (retention, oldest timestamp) would
  // drop or refuse the records. None: any limit at all is warned about.
  std::optional<std::int64_t> now_unix_milliseconds;

  // Called, by the thread that calls the sink, with one line for a person: the embedded cluster's
  // address, a warning about a topic, a broker that is away. Empty: no notices.
  std::function<void(std::string_view)> notice;

  // Asked at least ten times a second while the sink waits; true ends the waiting early, and the
  // call returns Cancelled: Write has not taken the record. What was taken before may still be
  // flushed: Flush waits up to five seconds more (or `timeout`, if shorter). Empty: never.
  std::function<bool()> stop_requested;
};

// The routes that topic, alerts_topic and routes make together. Errors as Routes::Make.
absl::StatusOr<Routes> MakeRoutes(const SinkOptions& options, const traces::Catalogue& catalogue);

// InvalidArgument: `to` names no sink, or an option does not fit it. Does not connect yet. The
// catalogue must outlive the sink.
absl::StatusOr<std::unique_ptr<Sink>> MakeSink(const SinkOptions& options,
                                               const traces::Catalogue& catalogue);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_MAKE_SINK_H_
