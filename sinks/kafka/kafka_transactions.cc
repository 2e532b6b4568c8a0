#include "sinks/kafka/kafka_transactions.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/group_offset.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr int kCallMilliseconds = 2'000;
constexpr int kAbortMilliseconds = 2'000;
constexpr std::chrono::milliseconds kRetryStep{20};
constexpr std::chrono::seconds kNoticeAfter{2};
constexpr int kPositionPartition = 0;

using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                      KafkaDeleter<rd_kafka_topic_partition_list_destroy>>;
using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                      KafkaDeleter<rd_kafka_consumer_group_metadata_destroy>>;

PartitionList OnePartition(const std::string& topic) {
  PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), kPositionPartition);
  return list;
}

// rd_kafka_topic_partition_list_destroy frees the metadata.
void SetPosition(rd_kafka_topic_partition_t* partition, const SavedPosition& saved) {
  const std::string text = EncodeIdentity(saved);
  partition->offset = static_cast<std::int64_t>(saved.position);
  partition->metadata = ::strdup(text.c_str());
  partition->metadata_size = text.size();
}

}  // namespace

std::string TransactionalId(const std::string& name, const std::string& topic) {
  return name.empty() ? "" : absl::StrCat("groundhog-", name, "/", topic);
}

KafkaTransactions::KafkaTransactions(KafkaClient& client, std::string id, std::string topic)
    : client_(client), id_(std::move(id)), topic_(std::move(topic)) {}

absl::Status KafkaTransactions::Explain(const rd_kafka_error_t& error, const char* what) const {
  const std::string reason = absl::StrCat("Kafka at ", client_.brokers(), " did not ", what, ": ",
                                          rd_kafka_error_string(&error));
  switch (rd_kafka_error_code(&error)) {
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return absl::InvalidArgumentError(absl::StrCat(
          reason, ": ask for the rights Describe and Write on the transactional id ", id_));
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return absl::InvalidArgumentError(
          absl::StrCat(reason, ": ask for the right Read on the consumer group ", id_));
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
      return absl::InvalidArgumentError(absl::StrCat(
          reason, ": -X transaction.timeout.ms is above the brokers' transaction.max.timeout.ms"));
    default:
      if (absl::Status s = client_.Fatal(); !s.ok()) return s;
      return absl::AbortedError(
          absl::StrCat(reason, ": the same command again goes on where it was committed last"));
  }
}

absl::Status KafkaTransactions::Insist(Patience& patience, const char* what, const Call& call) {
  patience.Restart();
  Patience grace = patience;  // after a stop
  while (true) {
    const KafkaError error(call(kCallMilliseconds));
    if (error == nullptr) return absl::OkStatus();
    if (rd_kafka_error_is_retriable(error.get()) == 0) return Explain(*error, what);
    if (absl::Status s = client_.Hopeless(); !s.ok()) return s;
    if (!patience.IsStopRequested()) {
      grace.Restart();
    } else if (grace.IsGraceOver()) {
      return absl::CancelledError(
          absl::StrCat("stopped before Kafka at ", client_.brokers(), " could ", what));
    }
    if (patience.IsExhausted()) {
      return absl::UnavailableError(
          absl::StrCat("Kafka at ", client_.brokers(), " did not ", what, " within ",
                       text::FormatDuration(patience.timeout()), client_.Trouble(), ": ",
                       rd_kafka_error_string(error.get()), ": --timeout sets how long to wait"));
    }
    std::this_thread::sleep_for(kRetryStep);
  }
}

absl::Status KafkaTransactions::Init(Patience& patience,
                                     const std::function<void(std::string_view)>& notice) {
  bool has_noticed = false;
  return Insist(patience, "begin transactions", [&](int milliseconds) {
    if (!has_noticed && notice && patience.Waited() >= kNoticeAfter) {
      notice("waiting until Kafka has ended what an earlier replay of this name left open");
      has_noticed = true;
    }
    return rd_kafka_init_transactions(client_.handle(), milliseconds);
  });
}

absl::StatusOr<std::optional<SavedPosition>> KafkaTransactions::Read(
    const std::vector<std::string>& properties, Patience& patience,
    const std::function<void(std::string_view)>& notice) {
  const absl::StatusOr<std::optional<GroupOffset>> found =
      ReadGroupOffset({.properties = properties,
                       .brokers = client_.brokers(),
                       .group = id_,
                       .topic = topic_,
                       .partition = kPositionPartition,
                       .notice = notice},
                      patience);
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  absl::StatusOr<SavedPosition> saved =
      DecodeIdentity((*found)->metadata, static_cast<std::uint64_t>((*found)->offset));
  if (!saved.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the consumer group ", id_, " has a position, but ", saved.status().message(),
                     ": use another name, or --reset"));
  }
  return *std::move(saved);
}

absl::Status KafkaTransactions::Begin() {
  const KafkaError error(rd_kafka_begin_transaction(client_.handle()));
  if (error != nullptr) return Explain(*error, "begin a transaction");
  is_open_ = true;
  begun_at_ = std::chrono::steady_clock::now();
  return absl::OkStatus();
}

absl::Status KafkaTransactions::Commit(const SavedPosition& saved, Patience& patience) {
  const PartitionList offsets = OnePartition(topic_);
  SetPosition(&offsets->elems[0], saved);
  const GroupMetadata group(rd_kafka_consumer_group_metadata_new(id_.c_str()));
  absl::Status status = Insist(patience, "take the position", [&](int milliseconds) {
    return rd_kafka_send_offsets_to_transaction(client_.handle(), offsets.get(), group.get(),
                                                milliseconds);
  });
  if (!status.ok()) return status;
  status = Insist(patience, "commit the transaction", [&](int milliseconds) {
    return rd_kafka_commit_transaction(client_.handle(), milliseconds);
  });
  if (status.ok()) is_open_ = false;
  return status;
}

absl::Status KafkaTransactions::Abort() {
  if (!is_open_) return absl::OkStatus();
  is_open_ = false;
  const KafkaError error(rd_kafka_abort_transaction(client_.handle(), kAbortMilliseconds));
  return error == nullptr ? absl::OkStatus() : Explain(*error, "abort the transaction");
}

}  // namespace groundhog::sinks
