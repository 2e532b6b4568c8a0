// Makes the sink that a --to names. The one place that knows which kinds there are.
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
#include "sinks/sink.h"
#include "traces/catalogue.h"

namespace groundhog::sinks {

// What a message's key is, so which messages keep their order.
enum class MessageKey { kService, kTraceId, kNone };

struct SinkOptions {
  // kafka://HOST:PORT[,HOST:PORT...], kafka://embedded, jsonl:PATH, jsonl:- or null:
  std::string to;

  // Kafka only from here to kafka_config.
  std::string topic = "raw_logs";
  std::string alerts_topic = "alerts";  // copies of ERROR records; empty: none
  MessageKey key = MessageKey::kService;
  // librdkafka properties as KEY=VALUE, over our defaults, in order.
  std::vector<std::string> kafka_config;
  // The embedded cluster dies with the process: how long Close waits for consumers to finish.
  std::chrono::nanoseconds linger = std::chrono::seconds(2);

  // The longest time without acknowledged progress while a message waits, or before the first
  // connection. At least 1 ms.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);

  // The wall clock, to tell whether an existing topic's limits (retention, oldest timestamp) would
  // drop or refuse the records. None: any limit at all is warned about.
  std::optional<std::int64_t> now_unix_milliseconds;

  // Called, by the thread that calls the sink, with one line for a person: the embedded cluster's
  // address, a warning about a topic, a broker that is away. Empty: nobody listens.
  std::function<void(std::string_view)> notice;

  // Asked at least ten times a second while the sink waits; true ends the waiting early, and the
  // call returns Cancelled: Write has not taken the record. What was taken before may still be
  // flushed: Flush waits up to five seconds more (or `timeout`, if shorter). Empty: never.
  std::function<bool()> stop_requested;
};

// InvalidArgument: `to` names no sink, or an option does not fit it. Does not connect yet. The
// catalogue must outlive the sink.
absl::StatusOr<std::unique_ptr<Sink>> MakeSink(const SinkOptions& options,
                                               const traces::Catalogue& catalogue);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_MAKE_SINK_H_
