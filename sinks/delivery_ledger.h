// Accounts for every message given to Kafka: sent by one thread, reported on by another.
#ifndef GROUNDHOG_SINKS_DELIVERY_LEDGER_H_
#define GROUNDHOG_SINKS_DELIVERY_LEDGER_H_

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "sinks/histogram.h"
#include "sinks/sink.h"

namespace groundhog::sinks {

// One thread sends, one reports; both may read.
class DeliveryLedger {
 public:
  // The sending thread: what a message carries so that its report says when it was sent and whether
  // it is an alert. Two facts in one pointer cost no memory per message.
  void* Ticket(bool is_alert) const;
  // The sending thread: librdkafka has taken one, or more.
  void AddSent(std::size_t payload_bytes);
  // The sending thread: a message that librdkafka did not take and that is given up.
  void AddGivenUp(std::size_t payload_bytes);

  // The reporting thread, for each delivery report.
  void Report(const rd_kafka_message_t& message);

  std::uint64_t acknowledged() const { return acknowledged_.load(std::memory_order_acquire); }
  bool has_failures() const { return failed_.load(std::memory_order_acquire) != 0; }
  // The sending thread: messages with librdkafka that have had no report.
  std::uint64_t outstanding() const;

  // The sending thread.
  Counts counts() const;
  // What the first message that failed failed of; a consequence (purged, fatal) only if there is no
  // message that failed of its own.
  absl::Status FirstFailure() const;
  // A copy.
  Histogram Delays() const;

 private:
  using Clock = std::chrono::steady_clock;

  const Clock::time_point start_ = Clock::now();
  std::uint64_t sent_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t given_up_ = 0;
  // Written by the reporting thread only.
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> alerts_acknowledged_{0};
  std::atomic<std::uint64_t> failed_{0};
  mutable std::mutex mutex_;
  Histogram delays_;             // guarded by mutex_
  absl::Status failure_;         // guarded by mutex_
  bool is_consequence_ = false;  // guarded by mutex_: failure_ is
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_DELIVERY_LEDGER_H_
