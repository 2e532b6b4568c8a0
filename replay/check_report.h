// What a check of topics found, for programs: --report's JSON.
#ifndef GROUNDHOG_REPLAY_CHECK_REPORT_H_
#define GROUNDHOG_REPLAY_CHECK_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/topic_check.h"
#include "traces/hash128.h"

namespace groundhog::replay {

struct TopicReport {
  std::string topic;
  TopicCounts counts;
  std::vector<Example> examples;
};

struct CheckReport {
  std::optional<traces::Hash128> trace_digest;  // nullopt: an incomplete trace
  std::uint64_t records = 0;                    // expected in main topics
  std::vector<TopicReport> topics;

  bool is_right() const;
};

// One JSON object of one line, with its newline; keys and order as docs/REPLAY.md has them.
std::string ToJson(const CheckReport& report);

// For a person: one line a topic, then the examples.
std::string ToText(const CheckReport& report);

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_CHECK_REPORT_H_
