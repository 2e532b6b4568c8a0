// Exactly once: messages and the position after them are committed together, in one transaction.
//
// The position is the offset of a consumer group for partition 0 of the replay's first topic; no
// consumer ever joins the group. Kafka drops it with the topic, and so never claims delivery into a
// topic that is gone. docs/adr/0003-exactly-once.md says why this way.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_TRANSACTIONS_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_TRANSACTIONS_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/kafka_handles.h"
#include "sinks/patience.h"
#include "sinks/saved_position.h"

namespace groundhog::sinks {

// The transactional.id, and the group, of a replay: one name and one topic at a time. A topic has
// no slash, so no two pairs share an id. Empty where the name is: no transactions.
std::string TransactionalId(const std::string& name, const std::string& topic);

// Not thread-safe. The given Patience bounds every wait, which ends soon after a stop.
//
// Errors: Aborted: another replay of this name has taken over, or the transaction cannot be
// committed. InvalidArgument: no right to. Unavailable, Cancelled: as KafkaClient::Connect.
class KafkaTransactions {
 public:
  // `client`'s transactional.id is `id`; it must outlive this.
  KafkaTransactions(KafkaClient& client, std::string id, std::string topic);

  // Takes over from any earlier replay of the same id: its open transaction is aborted.
  absl::Status Init(Patience& patience, const std::function<void(std::string_view)>& notice);

  // What was committed last. nullopt: nothing. FailedPrecondition: something that is not ours.
  // `properties` are the replay's -X. Call it after Init; from then on no other replay commits.
  absl::StatusOr<std::optional<SavedPosition>> Read(
      const std::vector<std::string>& properties, Patience& patience,
      const std::function<void(std::string_view)>& notice);

  bool is_open() const { return is_open_; }
  // Uses a clock that also runs while the process is stopped, as the brokers' clock does.
  std::chrono::nanoseconds age() const { return std::chrono::steady_clock::now() - begun_at_; }
  absl::Status Begin();
  // Commits what was produced since Begin, and `saved`.
  absl::Status Commit(const SavedPosition& saved, Patience& patience);
  // Readers of committed messages never see messages produced since Begin, even if this call fails.
  // The error may say what is wrong with the transaction.
  absl::Status Abort();

 private:
  // Two seconds at most a call.
  using Call = std::function<rd_kafka_error_t*(int milliseconds)>;

  absl::Status Insist(Patience& patience, const char* what, const Call& call);
  absl::Status Explain(const rd_kafka_error_t& error, const char* what) const;

  KafkaClient& client_;
  const std::string id_;
  const std::string topic_;
  bool is_open_ = false;
  std::chrono::steady_clock::time_point begun_at_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_TRANSACTIONS_H_
