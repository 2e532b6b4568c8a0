#include "sinks/kafka/partition_ranges.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/kafka_handles.h"
#include "sinks/kafka/topic_metadata.h"

namespace groundhog::sinks {
namespace {

constexpr std::size_t kPortion = 500;
constexpr int kTryMilliseconds = 2'000;
constexpr std::chrono::milliseconds kPauseFirst{10};
constexpr std::chrono::milliseconds kPauseMax{200};

using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   KafkaDeleter<rd_kafka_topic_partition_list_destroy>>;

// One of the two offsets of each. In the protocol, the beginning and the end are times that no
// message has.
rd_kafka_resp_err_t AskForOffsets(KafkaClient& client, std::span<PartitionRange> ranges,
                                  std::int64_t which, std::int64_t PartitionRange::* offset) {
  const Partitions asked(rd_kafka_topic_partition_list_new(static_cast<int>(ranges.size())));
  for (const PartitionRange& range : ranges) {
    rd_kafka_topic_partition_list_add(asked.get(), range.topic.c_str(), range.partition)->offset =
        which;
  }
  const rd_kafka_resp_err_t error =
      rd_kafka_offsets_for_times(client.handle(), asked.get(), kTryMilliseconds);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const rd_kafka_topic_partition_t& answer = asked->elems[i];
    if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) return answer.err;
    // Without a leader it was not asked about.
    if (answer.offset < 0) return RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    ranges[i].*offset = answer.offset;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t AskForRanges(KafkaClient& client, std::span<PartitionRange> ranges) {
  const rd_kafka_resp_err_t error =
      AskForOffsets(client, ranges, RD_KAFKA_OFFSET_BEGINNING, &PartitionRange::begin);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return AskForOffsets(client, ranges, RD_KAFKA_OFFSET_END, &PartitionRange::end);
}

absl::Status NotServed(const KafkaClient& client, std::span<const PartitionRange> ranges,
                       rd_kafka_resp_err_t error) {
  const std::string& topic = ranges.front().topic;
  const bool is_one_topic = topic == ranges.back().topic;
  return absl::UnavailableError(
      absl::StrCat("Kafka at ", client.brokers(), " does not serve ",
                   is_one_topic ? "topic " : "a topic, one of those from ", topic,
                   is_one_topic ? "" : absl::StrCat(" to ", ranges.back().topic), ": ",
                   rd_kafka_err2str(error), "; are all brokers running? Try again"));
}

// librdkafka caches "unknown topic"; refresh the metadata.
absl::Status LookAgain(KafkaClient& client, std::span<const PartitionRange> ranges,
                       Patience& patience) {
  std::vector<KafkaTopic> handles;
  std::string_view last;
  for (const PartitionRange& range : ranges) {
    if (range.topic == last) continue;
    handles.emplace_back(rd_kafka_topic_new(client.handle(), range.topic.c_str(), nullptr));
    last = range.topic;
  }
  return AskForMetadata(client, nullptr, patience).status();
}

// `ranges` are few enough for one request.
absl::Status FindPortion(KafkaClient& client, std::span<PartitionRange> ranges, Patience& patience,
                         const OnHiddenPartition& hidden) {
  patience.Restart();
  for (std::chrono::milliseconds pause = kPauseFirst;; pause = std::min(2 * pause, kPauseMax)) {
    const rd_kafka_resp_err_t error = AskForRanges(client, ranges);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      if (ranges.size() == 1) return hidden(ranges.front());
      const std::size_t half = ranges.size() / 2;
      absl::Status status = FindPortion(client, ranges.first(half), patience, hidden);
      if (status.ok()) status = FindPortion(client, ranges.subspan(half), patience, hidden);
      return status;
    }
    if (patience.IsExhausted()) return NotServed(client, ranges, error);
    if (absl::Status s = client.CheckWaiting(patience); !s.ok()) return s;
    std::this_thread::sleep_for(pause);
    if (absl::Status s = LookAgain(client, ranges, patience); !s.ok()) return s;
  }
}

}  // namespace

absl::Status FindRanges(KafkaClient& client, std::span<PartitionRange> ranges, Patience& patience,
                        const OnHiddenPartition& hidden) {
  while (!ranges.empty()) {
    const std::size_t count = std::min(ranges.size(), kPortion);
    if (absl::Status s = FindPortion(client, ranges.first(count), patience, hidden); !s.ok()) {
      return s;
    }
    ranges = ranges.subspan(count);
  }
  return absl::OkStatus();
}

}  // namespace groundhog::sinks
