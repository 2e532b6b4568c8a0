#include "sinks/kafka/earlier_messages.h"

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "sinks/kafka/kafka_topics.h"

namespace groundhog::sinks {

absl::Status TellOfEarlierMessages(KafkaClient& client, std::span<const KafkaTopic> topics,
                                   Patience& patience, const SinkOptions& options,
                                   std::string_view what_follows) {
  const absl::StatusOr<std::optional<std::string>> topic =
      FindTopicWithMessages(client, topics, patience);
  if (!topic.ok()) return topic.status();
  if (*topic && options.notice) {
    options.notice(
        absl::StrCat("topic ", **topic, " has messages already", std::string(what_follows)));
  }
  return absl::OkStatus();
}

absl::Status WarnIfTopicsHaveMessages(KafkaClient& client, std::span<const KafkaTopic> topics,
                                      Patience& patience, const SinkOptions& options) {
  std::error_code error;
  if (options.is_reset || std::filesystem::exists(options.resume_file, error)) {
    return absl::OkStatus();
  }
  const absl::Status told = TellOfEarlierMessages(
      client, topics, patience, options,
      ": this replay adds to them; --check --at-least-once counts what is there twice");
  return absl::IsInvalidArgument(told) ? absl::OkStatus() : told;
}

}  // namespace groundhog::sinks
