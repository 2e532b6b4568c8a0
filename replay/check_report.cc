#include "replay/check_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "text/json_writer.h"

namespace groundhog::replay {
namespace {

using Layout = text::JsonWriter::Layout;

void WriteExample(const Example& example, text::JsonWriter& json) {
  json.BeginObject(Layout::kCompact);
  json.Put("finding", FindingName(example.finding));
  json.Put("position", example.position);
  json.Put("partition", example.partition);
  json.Put("offset", example.offset);
  json.EndObject();
}

void WriteTopic(const TopicReport& topic, text::JsonWriter& json) {
  json.BeginObject(Layout::kCompact);
  json.Put("topic", topic.topic);
  json.Put("expected", topic.counts.expected);
  json.Put("arrived", topic.counts.arrived);
  json.Put("right", topic.counts.right);
  for (int i = 0; i < kFindingCount; ++i) {
    const auto finding = static_cast<Finding>(i);
    json.Put(FindingName(finding), topic.counts.count(finding));
  }
  json.Key("examples").BeginArray(Layout::kCompact);
  for (const Example& example : topic.examples) WriteExample(example, json);
  json.EndArray();
  json.Put("other_trace", topic.has_other_trace);
  json.EndObject();
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
  text::JsonWriter json;
  json.BeginObject(Layout::kCompact);
  json.Put("trace_digest",
           report.trace_digest ? std::optional(traces::ToHex(*report.trace_digest)) : std::nullopt);
  json.Put("records", report.records);
  json.Key("topics").BeginArray(Layout::kCompact);
  for (const TopicReport& topic : report.topics) WriteTopic(topic, json);
  json.EndArray();
  json.Put("at_least_once", report.allows_doubles);
  json.Put("right", report.is_right());
  json.EndObject();
  return json.Take() + "\n";
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
