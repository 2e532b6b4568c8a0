// Accounts for every message given to Kafka: sent by one thread, reported on by another.
#ifndef GROUNDHOG_SINKS_KAFKA_DELIVERY_LEDGER_H_
#define GROUNDHOG_SINKS_KAFKA_DELIVERY_LEDGER_H_

#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "absl/status/status.h"
#include "sinks/histogram.h"
#include "sinks/rough_clock.h"
#include "sinks/sink.h"

namespace groundhog::sinks {

// How to avoid that a message is refused, as the end of a sentence; empty if that is unknown.
const char* RemedyFor(rd_kafka_resp_err_t error);

// One thread sends, others report; all may read.
//
// Acknowledgements of several partitions come in no order, so messages are counted by epochs of
// some hundred records: when all of the oldest epoch's messages are acknowledged, so is every
// record up to its end. A few epochs suffice for any number of messages.
class DeliveryLedger {
 public:
  // The sending thread: what a message carries so that its report says when it was sent, whether it
  // is a copy and which epoch it belongs to. Three facts in one pointer cost no memory per message.
  void* Ticket(bool is_copy);
  // The sending thread: librdkafka has taken one, or more.
  void AddSent(std::size_t payload_bytes);
  // The sending thread: a message that librdkafka did not take and that is given up.
  void AddGivenUp(std::size_t payload_bytes);

  // The sending thread, when the record before `position` has been sent with all its copies.
  void EndRecord(std::uint64_t position);
  // The sending thread: every record before it has been acknowledged. 0: none.
  std::uint64_t AcknowledgedPosition();

  // A reporting thread: messages with these tickets have been acknowledged just now; this one
  // failed.
  void Acknowledge(std::span<void* const> tickets);
  void Fail(const rd_kafka_message_t& message);

  std::uint64_t acknowledged() const { return acknowledged_.load(std::memory_order_acquire); }
  bool has_failures() const { return failed_.load(std::memory_order_acquire) != 0; }
  // The sending thread: messages with librdkafka that have had no report.
  std::uint64_t outstanding() const;

  // The sending thread.
  Counts counts() const;
  // Why the first message failed by itself. OK also when every failure is only the consequence of
  // another one (purged, fatal).
  absl::Status FirstFailure() const;
  // A copy.
  Histogram Delays() const;

 private:
  const std::chrono::nanoseconds start_ = RoughClock::Read(CLOCK_MONOTONIC);
  RoughClock clock_;  // the sending thread's
  std::uint64_t sent_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t given_up_ = 0;

  static constexpr std::uint64_t kEpochs = 128;
  static constexpr std::uint64_t kEpochRecords = 256;
  void EndEpoch();
  void PassAcknowledgedEpochs();
  // Messages of each epoch that have had no report, modulo kEpochs. Those sent are added when the
  // epoch ends: before, it counts only reports, below zero.
  std::array<std::atomic<std::uint32_t>, kEpochs> epoch_outstanding_{};
  // The sending thread's.
  std::array<std::uint64_t, kEpochs> epoch_end_{};
  std::uint64_t epoch_ = 0;
  std::uint64_t oldest_epoch_ = 0;
  std::uint64_t epoch_records_ = 0;
  std::uint32_t epoch_messages_ = 0;
  std::uint64_t next_position_ = 0;
  std::uint64_t acknowledged_position_ = 0;

  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> copies_acknowledged_{0};
  std::atomic<std::uint64_t> failed_{0};
  mutable std::mutex mutex_;
  Histogram delays_;             // guarded by mutex_
  absl::Status failure_;         // guarded by mutex_
  bool is_consequence_ = false;  // guarded by mutex_: failure_ is
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_DELIVERY_LEDGER_H_
