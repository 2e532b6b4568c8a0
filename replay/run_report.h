// The figures of a replay: for people on stderr, for programs as --report's JSON.
#ifndef GROUNDHOG_REPLAY_RUN_REPORT_H_
#define GROUNDHOG_REPLAY_RUN_REPORT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "replay/pace.h"
#include "sinks/histogram.h"
#include "sinks/sink.h"
#include "traces/hash128.h"

namespace groundhog::replay {

struct Percentiles {
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds max{};
  bool operator==(const Percentiles&) const = default;
};

// nullopt when empty.
std::optional<Percentiles> PercentilesOf(const sinks::Histogram& histogram);

struct RunReport {
  // The position that an earlier run reached and this one continued from; nullopt: from the start.
  std::optional<std::uint64_t> resumed_at;
  // The whole trace's; nullopt while unknown (an incomplete trace; a pipe not read to its end).
  std::optional<traces::Hash128> trace_digest;
  std::uint64_t records_read = 0;  // of the range asked for, before filters
  std::uint64_t records_sent = 0;  // that the sink took
  // Everything sent, copies by routes included. A message that was taken but neither
  // acknowledged nor failed had no answer when the replay ended.
  sinks::Counts messages;
  // From the anchor until the sink had answered for everything.
  std::chrono::nanoseconds duration{};
  std::uint64_t seeks = 0;              // jumps that commands asked for
  std::chrono::nanoseconds paused{};    // in all; part of `duration`
  std::chrono::nanoseconds slipped{};   // how far CatchUp::kSlip moved the deadlines in all
  Pace pace;                            // asked last
  std::optional<double> speed_asked;    // the last one; nullopt at max and with a rate
  std::optional<double> speed_reached;  // virtual time a real time; nullopt before the first record
  std::optional<Percentiles> lateness;  // nullopt at max, where nothing has a deadline
  std::optional<Percentiles> acknowledgement;  // nullopt for sinks that acknowledge at once
  // Of the main stream's lines in order; nullopt if any message was not acknowledged, or it was not
  // asked for.
  std::optional<traces::Hash128> payload_hash;
  // Whether every record of the range asked for is known to have been sent once and acknowledged.
  bool complete = false;
};

// One JSON object of one line, with its newline; keys and order as docs/REPLAY.md has them. Times
// are milliseconds with six decimals.
std::string ToJson(const RunReport& report);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_RUN_REPORT_H_
