#include "sinks/kafka/topic_metadata.h"

#include <algorithm>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

// One try. A first one that is short soon finds a broker that is away; an answer about thousands
// of topics may take longer than that.
constexpr int kTryFirstMilliseconds = 500;
constexpr int kTryMaxMilliseconds = 8'000;

using MetadataByName = std::unordered_map<std::string_view, const rd_kafka_metadata_topic_t*>;

MetadataByName ByName(const rd_kafka_metadata_t& metadata) {
  MetadataByName by_name;
  for (const rd_kafka_metadata_topic_t& one :
       std::span(metadata.topics, static_cast<std::size_t>(metadata.topic_cnt))) {
    by_name.emplace(one.topic, &one);
  }
  return by_name;
}

}  // namespace

absl::StatusOr<KafkaMetadata> AskForMetadata(KafkaClient& client, rd_kafka_topic_t* topic,
                                             Patience& patience) {
  for (int wait = kTryFirstMilliseconds;; wait = std::min(2 * wait, kTryMaxMilliseconds)) {
    const rd_kafka_metadata_t* found = nullptr;
    const rd_kafka_resp_err_t error = rd_kafka_metadata(client.handle(), 0, topic, &found, wait);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaMetadata(found);
    if (absl::Status s = client.CheckWaiting(patience); !s.ok()) return s;
  }
}

absl::StatusOr<std::vector<int>> CountPartitions(KafkaClient& client,
                                                 std::span<const KafkaTopic> topics,
                                                 Patience& patience) {
  while (true) {
    const absl::StatusOr<KafkaMetadata> found = AskForMetadata(client, nullptr, patience);
    if (!found.ok()) return found.status();
    const MetadataByName by_name = ByName(**found);
    std::vector<int> counts;
    for (const KafkaTopic& topic : topics) {
      const std::string_view name = rd_kafka_topic_name(topic.get());
      const auto one = by_name.find(name);
      const rd_kafka_resp_err_t error =
          one == by_name.end() ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : one->second->err;
      if (error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) break;
      if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        return absl::InvalidArgumentError(absl::StrCat("we may not read topic ", std::string(name),
                                                       ": ask for the rights Describe and Read"));
      }
      counts.push_back(error == RD_KAFKA_RESP_ERR_NO_ERROR ? one->second->partition_cnt : 0);
    }
    if (counts.size() == topics.size()) return counts;
    if (absl::Status s = client.CheckWaiting(patience); !s.ok()) return s;
    std::this_thread::sleep_for(Patience::kSlice);
  }
}

}  // namespace groundhog::sinks
