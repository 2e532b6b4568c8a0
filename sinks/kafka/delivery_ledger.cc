#include "sinks/kafka/delivery_ledger.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

static_assert(sizeof(void*) == sizeof(std::uint64_t), "a ticket fits a pointer");

constexpr int kElapsedShift = 8;

bool IsConsequence(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
         error == RD_KAFKA_RESP_ERR__FATAL || error == RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE ||
         error == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH || error == RD_KAFKA_RESP_ERR__FENCED ||
         error == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
}

absl::Status Explain(const rd_kafka_message_t& message) {
  const std::string_view key(static_cast<const char*>(message.key), message.key_len);
  return absl::AbortedError(
      absl::StrCat("Kafka did not take a message of ", message.len, " bytes for topic ",
                   rd_kafka_topic_name(message.rkt),
                   key.empty() ? std::string() : absl::StrCat(" (key ", std::string(key), ")"),
                   ": ", rd_kafka_err2str(message.err), RemedyFor(message.err)));
}

}  // namespace

const char* RemedyFor(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      // A batch counts as one; see KafkaSink::FitBatches.
      return ": raise the topic's max.message.bytes, or set -X batch.size to it if it is batches "
             "that are larger";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return ": ask for the right to write the topic, or name another by --topic";
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return ": ask for the right IdempotentWrite on the cluster";
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__DESTROY:  // its partition has no leader any more
      return ": was the topic deleted meanwhile?";
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return ": raise the topic's message.timestamp.*.max.ms, name a topic that is not there yet, "
             "which the replay makes without such limits, or use --timestamps wall";
    default:
      return "";
  }
}

// Nanoseconds for two years, the epoch, and whether it is a copy.
void* DeliveryLedger::Ticket(bool is_copy) {
  const auto elapsed = static_cast<std::uint64_t>((clock_.Now() - start_).count());
  return reinterpret_cast<void*>(elapsed << kElapsedShift | (epoch_ % kEpochs) << 1 |
                                 (is_copy ? 1U : 0U));
}

void DeliveryLedger::AddSent(std::size_t payload_bytes) {
  ++sent_;
  bytes_ += payload_bytes;
  ++epoch_messages_;
}

void DeliveryLedger::AddGivenUp(std::size_t payload_bytes) {
  AddSent(payload_bytes);  // it stays outstanding, so its epoch never counts as acknowledged
  ++given_up_;
}

void DeliveryLedger::EndRecord(std::uint64_t position) {
  next_position_ = position;
  if (++epoch_records_ >= kEpochRecords) EndEpoch();
}

void DeliveryLedger::EndEpoch() {
  if (epoch_records_ == 0 || epoch_ - oldest_epoch_ + 1 >= kEpochs) return;
  epoch_end_[epoch_ % kEpochs] = next_position_;
  epoch_outstanding_[epoch_ % kEpochs].fetch_add(epoch_messages_, std::memory_order_relaxed);
  ++epoch_;
  epoch_records_ = 0;
  epoch_messages_ = 0;
}

std::uint64_t DeliveryLedger::AcknowledgedPosition() {
  PassAcknowledgedEpochs();  // makes room for one more
  EndEpoch();
  PassAcknowledgedEpochs();
  return acknowledged_position_;
}

void DeliveryLedger::PassAcknowledgedEpochs() {
  while (oldest_epoch_ < epoch_ &&
         epoch_outstanding_[oldest_epoch_ % kEpochs].load(std::memory_order_acquire) == 0) {
    acknowledged_position_ = epoch_end_[oldest_epoch_ % kEpochs];
    ++oldest_epoch_;
  }
}

void DeliveryLedger::Acknowledge(std::span<void* const> tickets) {
  const std::chrono::nanoseconds elapsed = RoughClock::Read(CLOCK_MONOTONIC) - start_;
  std::uint64_t copies = 0;
  std::array<std::uint32_t, kEpochs> by_epoch{};
  {
    const std::lock_guard lock(mutex_);
    for (void* const one : tickets) {
      const auto ticket = reinterpret_cast<std::uint64_t>(one);
      delays_.Add(elapsed - std::chrono::nanoseconds(ticket >> kElapsedShift));
      ++by_epoch[(ticket >> 1) % kEpochs];
      copies += ticket & 1U;
    }
  }
  for (std::size_t i = 0; i < kEpochs; ++i) {
    if (by_epoch[i] != 0) epoch_outstanding_[i].fetch_sub(by_epoch[i], std::memory_order_release);
  }
  copies_acknowledged_.fetch_add(copies, std::memory_order_release);
  acknowledged_.fetch_add(tickets.size(), std::memory_order_release);
}

void DeliveryLedger::Fail(const rd_kafka_message_t& message) {
  const bool is_consequence = IsConsequence(message.err);
  {
    const std::lock_guard lock(mutex_);
    if (failure_.ok() || (is_consequence_ && !is_consequence)) {
      failure_ = Explain(message);
      is_consequence_ = is_consequence;
    }
  }
  failed_.fetch_add(1, std::memory_order_release);
}

std::uint64_t DeliveryLedger::outstanding() const {
  return sent_ - given_up_ - acknowledged() - failed_.load(std::memory_order_acquire);
}

Counts DeliveryLedger::counts() const {
  return Counts{.messages_sent = sent_,
                .messages_acknowledged = acknowledged(),
                .messages_failed = failed_.load(std::memory_order_acquire) + given_up_,
                .copies_acknowledged = copies_acknowledged_.load(std::memory_order_acquire),
                .bytes = bytes_};
}

absl::Status DeliveryLedger::FirstFailure() const {
  const std::lock_guard lock(mutex_);
  return is_consequence_ ? absl::OkStatus() : failure_;
}

Histogram DeliveryLedger::Delays() const {
  const std::lock_guard lock(mutex_);
  return delays_;
}

}  // namespace groundhog::sinks
