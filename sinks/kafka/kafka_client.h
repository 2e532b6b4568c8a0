// A connection to Kafka: librdkafka's handle, the thread that serves its callbacks, and their
// errors in words for a person. librdkafka's own log lines are not printed.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_CLIENT_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_CLIENT_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_handles.h"
#include "sinks/patience.h"

namespace groundhog::sinks {

// The events that a producer's user gets. Called by the serving thread, by a thread in Serve, or by
// one that waits in librdkafka for messages to be delivered; two of them may call at a time.
struct KafkaProducerHandlers {
  // Some messages at a time that were acknowledged, by their opaque pointers.
  std::function<void(std::span<void* const>)> acknowledged;
  // A message that was not delivered, and will not be.
  std::function<void(const rd_kafka_message_t&)> failed;
  // librdkafka's statistics as JSON, one call at a time. Empty: not wanted.
  std::function<void(std::string_view)> statistics;
};

// Thread-safe, except the destructor. Callbacks are served by a thread of this class's own, so
// that acknowledgements are processed when they come, not when a sleeping player next polls; unless
// a busy player processes them itself.
class KafkaClient {
 public:
  // Does not wait for a connection. `brokers` is HOST:PORT[,HOST:PORT...]. InvalidArgument: the
  // configuration contradicts itself.
  static absl::StatusOr<std::unique_ptr<KafkaClient>> CreateProducer(
      KafkaConfig config, std::string brokers, KafkaProducerHandlers handlers);
  static absl::StatusOr<std::unique_ptr<KafkaClient>> CreateConsumer(KafkaConfig config,
                                                                     std::string brokers);
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  // Serves callbacks that have come, or come within `wait`. The serving thread pauses for a moment.
  // A thread that produces without a pause should call this regularly: if another thread frees the
  // messages that it makes, both wait for the heap.
  void Serve(std::chrono::milliseconds wait);

  // The same until every message has had its report, at most for `wait`; also sends at once
  // messages that would linger. Reports that the serving thread takes are noticed only when `wait`
  // is over, or after 10 ms.
  void Flush(std::chrono::milliseconds wait);

  rd_kafka_t* handle() const { return handle_.get(); }
  const std::string& brokers() const { return brokers_; }

  // The last obstacle to reaching the brokers, in brackets: " (connection refused)". Empty:
  // unknown.
  std::string Trouble() const;

  // A problem that will not pass while it waits for a first connection: none of the names is known,
  // or the brokers do not accept the password or the certificate.
  absl::Status Hopeless() const;

  // How long the brokers will not answer because of a quota, by their last report; zero: there is
  // no such delay. A broker that has cut the connection since then does not count.
  std::chrono::nanoseconds HeldBackFor() const;

  // The error after which librdkafka's producer has stopped for good.
  absl::Status Fatal() const;

  // Waits until a broker has answered. Unavailable: none did in time. Cancelled: asked to stop.
  // Otherwise as Hopeless. Gives a notice, after two seconds, that it waits.
  absl::Status Connect(Patience& patience, const std::function<void(std::string_view)>& notice);

  // Waits for the answer to a request whose result comes on `queue`. Errors as Connect.
  absl::StatusOr<KafkaEvent> Await(rd_kafka_queue_t* queue, Patience& patience);

  // Why waiting must end, otherwise OK.
  absl::Status CheckWaiting(Patience& patience) const;
  absl::Status CouldNotReach(std::chrono::nanoseconds within) const;

 private:
  explicit KafkaClient(std::string brokers) : brokers_(std::move(brokers)) {}

  absl::Status Start(rd_kafka_type_t type, KafkaConfig config);
  static void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* line);
  void Remember(rd_kafka_resp_err_t error, std::string_view reason);
  static void OnReport(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  static int OnStatistics(rd_kafka_t* handle, char* json, std::size_t size, void* opaque);
  static void OnError(rd_kafka_t* handle, int error, const char* reason, void* opaque);
  static void OnThrottle(rd_kafka_t* handle, const char* broker, std::int32_t id, int milliseconds,
                         void* opaque);
  void ServeUntilClosing();
  void ServeOnce(std::chrono::milliseconds wait);

  const std::string brokers_;
  KafkaProducerHandlers handlers_;
  KafkaHandle handle_;
  KafkaQueue callbacks_;
  std::mutex statistics_mutex_;  // held while they are handed over
  mutable std::mutex mutex_;
  std::string trouble_;                  // guarded by mutex_
  std::set<std::string> unknown_names_;  // guarded by mutex_: brokers that did not resolve
  absl::Status hopeless_;                // guarded by mutex_
  std::chrono::steady_clock::time_point held_back_until_;  // guarded by mutex_
  std::atomic<bool> is_closing_{false};
  std::atomic<bool> is_served_elsewhere_{false};
  std::thread server_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_CLIENT_H_
