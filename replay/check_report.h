// What a check of topics found, for people and, as --report's JSON, for programs.
#ifndef GROUNDHOG_REPLAY_CHECK_REPORT_H_
#define GROUNDHOG_REPLAY_CHECK_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/topic_check.h"
#include "traces/hash128.h"

namespace groundhog::replay {

struct TopicReport {
  std::string topic;
  TopicCounts counts;
  std::vector<Example> examples;
  bool has_other_trace = false;  // nothing is of this trace
  std::string stored_digest;     // of a trace, as the first message that has one says; empty: none
};

struct CheckReport {
  std::optional<traces::Hash128> trace_digest;  // nullopt: an incomplete trace
  std::uint64_t records = 0;                    // expected in main topics
  std::vector<TopicReport> topics;
  bool allows_doubles = false;  // what was sent twice is counted, and is no fault

  bool is_right() const;
};

// One JSON object of one line, with its newline; keys and order as docs/REPLAY.md has them.
std::string ToJson(const CheckReport& report);

// For a person: one line a topic, then the examples, and the command that shows one: `file` is the
// trace, `trace_records` how many records a loop has, if that is known.
std::string ToText(const CheckReport& report, std::string_view file,
                   std::optional<std::uint64_t> trace_records);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_CHECK_REPORT_H_
