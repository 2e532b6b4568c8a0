#include "cli/replayer/topic_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::cli {
namespace {

// Of all partitions together this is held at once.
constexpr std::size_t kSampledRows = 100;
constexpr std::size_t kSampledBytes = std::size_t{256} << 10;

}  // namespace

TopicRows::TopicRows(sinks::KafkaReader& kafka, Place place)
    : kafka_(kafka), place_(std::move(place)), parser_(rows::MakeJsonParser()) {}

absl::StatusOr<std::unique_ptr<TopicRows>> TopicRows::Open(sinks::KafkaReader& kafka, Place place) {
  std::unique_ptr<TopicRows> rows(new TopicRows(kafka, std::move(place)));
  if (absl::Status s = rows->Sample(); !s.ok()) return s;
  return rows;
}

absl::Status TopicRows::Sample() {
  rows::Row row;
  std::size_t bytes = 0;
  while (sampled_.size() < kSampledRows && bytes < kSampledBytes) {
    Message message;
    const absl::StatusOr<bool> has_message = Fetch(&message);
    if (!has_message.ok()) return has_message.status();
    if (!*has_message) break;
    if (absl::Status s = Parse(message, &row); !s.ok()) return s;
    bytes += message.value.size();
    sampled_.push_back(std::move(message));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> TopicRows::Fetch(Message* message) {
  sinks::StoredMessage stored;
  const absl::StatusOr<bool> has_message = kafka_.Next(place_.topic, place_.partition, &stored);
  if (!has_message.ok() || !*has_message) return has_message;
  message->offset = stored.offset;
  message->timestamp = stored.timestamp_unix_milliseconds;
  message->value.assign(stored.value);
  message->value.reserve(message->value.size() + rows::kPaddingBytes);
  return true;
}

absl::Status TopicRows::Parse(const Message& message, rows::Row* row) {
  const absl::Status status = parser_->Parse(message.value, row);
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(place_.name, ":", message.offset, ": ",
                                                  std::string(status.message())));
}

AmountRead TopicRows::amount() const {
  const sinks::KafkaReader::Extent extent = kafka_.ExtentOf(place_.topic, place_.partition);
  const std::int64_t next = has_given_ ? current_.offset + 1 : extent.begin;
  return {.done = static_cast<std::uint64_t>(next - extent.begin),
          .all = static_cast<std::uint64_t>(extent.end - extent.begin),
          .unit = AmountRead::Unit::kMessages};
}

absl::StatusOr<bool> TopicRows::Next(rows::Row* row) {
  if (sampled_.empty()) {
    const absl::StatusOr<bool> has_message = Fetch(&current_);
    if (!has_message.ok() || !*has_message) return has_message;
  } else {
    current_ = std::move(sampled_.front());
    sampled_.pop_front();
  }
  has_given_ = true;
  if (absl::Status s = Parse(current_, row); !s.ok()) return s;
  return true;
}

}  // namespace groundhog::cli
