#include "sinks/kafka/group_offset.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/kafka_config.h"
#include "sinks/kafka/kafka_handles.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

// The length of one try: short, as a stop takes effect only between two, and long enough for a slow
// connection.
constexpr std::chrono::milliseconds kTryFirst{100};
constexpr std::chrono::milliseconds kTryMax{1'000};
constexpr std::chrono::milliseconds kPause{20};
constexpr std::chrono::seconds kNoticeAfter{2};

// What the brokers, or librdkafka, answer while a coordinator starts, moves or loads.
bool IsPassing(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return true;
    default:
      return false;
  }
}

class GroupReader {
 public:
  GroupReader(const GroupOffsetRequest& request, Patience& patience)
      : request_(request), patience_(patience) {}

  absl::StatusOr<std::optional<GroupOffset>> Read() {
    if (absl::Status s = Connect(); !s.ok()) return s;
    patience_.Restart();
    std::chrono::milliseconds at_most = kTryFirst;
    while (true) {
      const PartitionList asked = TryOnce(at_most);
      const rd_kafka_topic_partition_t& answer = asked->elems[0];
      if (error_ == RD_KAFKA_RESP_ERR_NO_ERROR) return Take(answer);
      if (!IsPassing(error_)) return Refused();
      if (absl::Status s = CheckWaiting(); !s.ok()) return s;
      std::this_thread::sleep_for(kPause);
      at_most = std::min(2 * at_most, kTryMax);
    }
  }

 private:
  using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                        KafkaDeleter<rd_kafka_topic_partition_list_destroy>>;
  using Message = std::unique_ptr<rd_kafka_message_t, KafkaDeleter<rd_kafka_message_destroy>>;

  absl::Status Connect() {
    absl::StatusOr<KafkaConfig> config = MakeKafkaReaderConfig(
        request_.properties, Isolation::kCommitted, /*partitions=*/1, request_.group);
    if (!config.ok()) return config.status();
    absl::StatusOr<std::unique_ptr<KafkaClient>> client =
        KafkaClient::CreateConsumer(*std::move(config), request_.brokers);
    if (!client.ok()) return client.status();
    client_ = *std::move(client);
    return absl::OkStatus();
  }

  // Sets error_.
  PartitionList TryOnce(std::chrono::milliseconds at_most) {
    PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), request_.topic.c_str(), request_.partition);
    error_ = rd_kafka_committed(client_->handle(), list.get(), static_cast<int>(at_most.count()));
    if (error_ == RD_KAFKA_RESP_ERR_NO_ERROR) error_ = list->elems[0].err;
    // Only this call reports that we have no permission for the group.
    if (const Message heard(rd_kafka_consumer_poll(client_->handle(), 0));
        heard != nullptr && heard->err > RD_KAFKA_RESP_ERR_NO_ERROR &&
        error_ != RD_KAFKA_RESP_ERR_NO_ERROR && !IsPassing(heard->err)) {
      error_ = heard->err;
    }
    return list;
  }

  static std::optional<GroupOffset> Take(const rd_kafka_topic_partition_t& answer) {
    if (answer.offset < 0) return std::nullopt;
    return GroupOffset{answer.offset, std::string(static_cast<const char*>(answer.metadata),
                                                  answer.metadata_size)};
  }

  absl::Status CheckWaiting() {
    const std::chrono::nanoseconds waited = patience_.Waited();
    if (waited >= patience_.timeout()) {
      return absl::UnavailableError(absl::StrCat(
          "Kafka at ", client_->brokers(), " did not give the position of the consumer group ",
          request_.group, " within ", text::FormatDuration(patience_.timeout()), client_->Trouble(),
          ": ", rd_kafka_err2str(error_), ": --timeout sets how long to wait"));
    }
    if (!has_noticed_ && request_.notice && waited >= kNoticeAfter) {
      request_.notice(absl::StrCat("waiting until Kafka knows the position of the consumer group ",
                                   request_.group, " (", rd_kafka_err2str(error_), ")"));
      has_noticed_ = true;
    }
    return client_->CheckWaiting(patience_);
  }

  absl::Status Refused() const {
    const std::string reason =
        absl::StrCat("cannot read the position of the consumer group ", request_.group,
                     " from Kafka at ", client_->brokers(), ": ", rd_kafka_err2str(error_));
    return absl::InvalidArgumentError(
        error_ == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED
            ? absl::StrCat(reason, ": ask for the right Read on the consumer group ",
                           request_.group)
            : reason);
  }

  const GroupOffsetRequest& request_;
  Patience& patience_;
  std::unique_ptr<KafkaClient> client_;
  rd_kafka_resp_err_t error_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // of the last try
  bool has_noticed_ = false;
};

}  // namespace

absl::StatusOr<std::optional<GroupOffset>> ReadGroupOffset(const GroupOffsetRequest& request,
                                                           Patience& patience) {
  return GroupReader(request, patience).Read();
}

}  // namespace groundhog::sinks
