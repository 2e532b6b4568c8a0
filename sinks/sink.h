// A sink: a place that records go. One interface for Kafka, JSON lines, nothing, and later
// databases.
//
// A sink receives the record itself and its rendered bytes together, so that a sink that wants
// columns (a database) and one that wants text (Kafka, a file) share one player.
//
// Not thread-safe: one thread calls a sink. Implementations may run threads of their own inside.
#ifndef GROUNDHOG_SINKS_SINK_H_
#define GROUNDHOG_SINKS_SINK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "sinks/histogram.h"
#include "sinks/saved_position.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

// One record on its way. Views are valid only during Write.
struct Delivery {
  std::uint64_t position = 0;  // loop number x records in the trace + index
  const traces::Record& record;
  std::string_view line;                         // rendered JSON without the newline
  std::int64_t timestamp_unix_milliseconds = 0;  // the same value as in `line`
};

// The fates of the messages handed over so far. Counts only grow.
struct Counts {
  std::uint64_t messages_sent = 0;          // handed to the sink, copies by routes included
  std::uint64_t messages_acknowledged = 0;  // the destination confirmed
  std::uint64_t messages_failed = 0;        // the destination refused, or they were given up
  std::uint64_t copies_acknowledged = 0;    // of messages_acknowledged, the copies
  std::uint64_t bytes = 0;                  // payload bytes handed over
  // Of messages_acknowledged, those that the destination no longer had when it was last flushed.
  // nullopt: unknown; only the embedded Kafka forgets messages.
  std::optional<std::uint64_t> messages_forgotten;
};

class Sink {
 public:
  virtual ~Sink() = default;

  // Makes the sink ready: connects, creates topics, opens files. Called once, before all others.
  // Unavailable: the destination was not reached in time. InvalidArgument: it cannot be as asked.
  virtual absl::Status Open() = 0;

  // Takes one record. Blocks while the destination takes nothing (back-pressure), at most for the
  // sink's timeout without progress. After an error the sink takes no more.
  virtual absl::Status Write(const Delivery& delivery) = 0;

  // Processes acknowledgements; cheap; the player calls it while it waits. Reports failures that
  // came asynchronously.
  virtual absl::Status Poll() = 0;

  // Waits until everything taken is acknowledged, at most for the sink's timeout without progress.
  virtual absl::Status Flush() = 0;

  // Makes everything taken so far durable, separately from later records: commits a transaction, or
  // saves a resume file's position. Called when the player pauses and before it seeks; more may be
  // written afterwards. Waits and fails as Flush does.
  virtual absl::Status Checkpoint() { return Flush(); }

  // The position that an earlier replay reached, once open: play from there. nullopt: from the
  // start.
  virtual std::optional<SavedPosition> resumed() const { return std::nullopt; }

  // Every record written at a position below this one is acknowledged. 0: none, or not known.
  virtual std::uint64_t AcknowledgedPosition() { return 0; }

  // Final: releases the destination (for the embedded cluster: after lingering). Idempotent.
  virtual absl::Status Close() = 0;

  virtual Counts counts() const = 0;

  // From Write's return to the acknowledgement, of every message acknowledged. Empty for sinks that
  // acknowledge at once.
  virtual const Histogram& acknowledgement_delays() const = 0;

  // The destination as a person would name it, without secrets: "kafka://localhost:9092 raw_logs".
  virtual std::string Describe() const = 0;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_SINK_H_
