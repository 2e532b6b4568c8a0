#include "tests/sinks/message_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace groundhog::sinks {

MessageSource::MessageSource(std::vector<std::string> services) {
  for (std::string& name : services) catalogue_.services.push_back({.name = std::move(name)});
}

TestMessage MessageSource::Message(std::uint64_t number) const {
  TestMessage message{.number = number};
  message.service = catalogue_.services[number % catalogue_.services.size()].name;
  message.is_error = number % 10 == 3;
  message.timestamp_unix_milliseconds = 1736121600000 + static_cast<std::int64_t>(number) * 50;
  // The message quotes what looks like a key.
  message.line = absl::StrCat("{\"service\":\"", message.service, "\",\"level\":\"",
                              message.is_error ? "ERROR" : "INFO", "\",\"message\":\"number ",
                              number, R"( said \",\"trace_id\":\"no\")", "\",\"trace_id\":\"",
                              absl::StrFormat("%032x", number / 4 + 1), "\"}");
  return message;
}

absl::Status MessageSource::Write(Sink& sink, std::uint64_t number) const {
  const TestMessage message = Message(number);
  traces::Record record;
  record.service = static_cast<traces::ServiceId>(number % catalogue_.services.size());
  record.level = message.is_error ? traces::Level::kError : traces::Level::kInfo;
  return sink.Write({.position = number,
                     .record = record,
                     .line = message.line,
                     .timestamp_unix_milliseconds = message.timestamp_unix_milliseconds});
}

absl::Status MessageSource::WriteMany(Sink& sink, std::uint64_t first, std::uint64_t count) const {
  for (std::uint64_t number = first; number < first + count; ++number) {
    if (absl::Status s = Write(sink, number); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace groundhog::sinks
