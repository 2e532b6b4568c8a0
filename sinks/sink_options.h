// The options of every kind of sink; those of one kind only are in its own folder.
#ifndef GROUNDHOG_SINKS_SINK_OPTIONS_H_
#define GROUNDHOG_SINKS_SINK_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sinks/saved_position.h"

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
  // A name, under which messages and the position go into one transaction; empty: no transactions.
  // For sinks that have them.
  std::string exactly_once;
  // Where the position is noted down; empty: nowhere. Not with exactly_once.
  std::string resume_file;
  // For both: how often, what must be the same to go on, the date of t0 with shifted timestamps,
  // and whether to begin anew whatever was saved.
  CommitInterval commit;
  ReplayIdentity identity;
  std::optional<std::int64_t> anchor_unix_nanoseconds;
  bool is_reset = false;

  // In hex; empty: not known, as the trace comes through a pipe or is incomplete.
  std::string trace_digest;

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

  // Whether an earlier replay may have left a position from which this one goes on.
  bool is_saved() const { return !exactly_once.empty() || !resume_file.empty(); }
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_SINK_OPTIONS_H_
