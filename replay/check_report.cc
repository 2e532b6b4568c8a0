#include "replay/check_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace groundhog::replay {
namespace {

template <class Number>
std::string OrNull(const std::optional<Number>& value) {
  return value ? absl::StrCat(*value) : "null";
}

std::string ExampleJson(const Example& example) {
  return absl::StrCat(
      "{\"finding\":\"", FindingName(example.finding), "\",\"position\":", OrNull(example.position),
      ",\"partition\":", OrNull(example.partition), ",\"offset\":", OrNull(example.offset), "}");
}

// Names of topics need no escaping.
std::string TopicJson(const TopicReport& topic) {
  std::string text =
      absl::StrCat("{\"topic\":\"", topic.topic, "\",\"expected\":", topic.counts.expected,
                   ",\"arrived\":", topic.counts.arrived, ",\"right\":", topic.counts.right);
  for (int i = 0; i < kFindingCount; ++i) {
    const auto finding = static_cast<Finding>(i);
    absl::StrAppend(&text, ",\"", FindingName(finding), "\":", topic.counts.count(finding));
  }
  absl::StrAppend(&text, ",\"examples\":[");
  for (std::size_t i = 0; i < topic.examples.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", ExampleJson(topic.examples[i]));
  }
  return absl::StrCat(text, "],\"other_trace\":", topic.has_other_trace ? "true" : "false", "}");
}

std::string ExampleText(const std::string& topic, const Example& example) {
  std::string text = absl::StrFormat("  %-9s  ", FindingName(example.finding));
  if (example.position) absl::StrAppend(&text, "record ", *example.position, " ");
  absl::StrAppend(&text, example.position ? "for " : "", topic);
  if (example.partition) absl::StrAppend(&text, " partition ", *example.partition);
  if (example.offset) absl::StrAppend(&text, ", at offset ", *example.offset);
  return text + "\n";
}

// Of the first example that is of the trace.
std::optional<std::uint64_t> FirstPosition(const CheckReport& report) {
  for (const TopicReport& topic : report.topics) {
    for (const Example& example : topic.examples) {
      if (example.position) return example.position;
    }
  }
  return std::nullopt;
}

}  // namespace

bool CheckReport::is_right() const {
  return std::all_of(topics.begin(), topics.end(), [this](const TopicReport& topic) {
    return allows_doubles ? topic.counts.is_there() : topic.counts.is_right();
  });
}

std::string ToJson(const CheckReport& report) {
  const std::string digest =
      report.trace_digest ? absl::StrCat("\"", traces::ToHex(*report.trace_digest), "\"") : "null";
  std::string text =
      absl::StrCat("{\"trace_digest\":", digest, ",\"records\":", report.records, ",\"topics\":[");
  for (std::size_t i = 0; i < report.topics.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", TopicJson(report.topics[i]));
  }
  return absl::StrCat(text, "],\"at_least_once\":", report.allows_doubles ? "true" : "false",
                      ",\"right\":", report.is_right() ? "true" : "false", "}\n");
}

std::string ToText(const CheckReport& report, std::string_view file,
                   std::optional<std::uint64_t> trace_records) {
  std::string text;
  for (const TopicReport& topic : report.topics) {
    absl::StrAppend(&text, topic.topic, ": ", topic.counts.right, " of ", topic.counts.expected,
                    " messages right");
    for (int i = 0; i < kFindingCount; ++i) {
      const auto finding = static_cast<Finding>(i);
      const std::uint64_t count = topic.counts.count(finding);
      if (count != 0) absl::StrAppend(&text, ", ", count, " ", FindingName(finding));
    }
    text += "\n";
  }
  for (const TopicReport& topic : report.topics) {
    for (const Example& example : topic.examples) text += ExampleText(topic.topic, example);
  }
  if (const std::optional<std::uint64_t> position = FirstPosition(report)) {
    absl::StrAppend(&text, "to see such a record: groundhog cat ", std::string(file),
                    " --position ", trace_records ? *position % *trace_records : *position, "\n");
  }
  return text;
}

}  // namespace groundhog::replay
