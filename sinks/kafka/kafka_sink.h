// kafka://...: each record as one message, and copies by routes (each ERROR in the alerts topic).
//
// Key, value and timestamp are the record's, so that one key keeps its order on one partition; a
// copy has the same. Delivery is by the idempotent producer: acknowledged exactly once within this
// run, or reported as failed. At the first message that Kafka refuses, or after `timeout` without
// an acknowledgement while messages wait, the sink gives up: nothing more is sent past the hole,
// what still waits is withdrawn and counted as failed. A message that was on the wire then counts
// as failed though it may have arrived: what counts as acknowledged has arrived.
//
// With exactly_once messages count as acknowledged when their transaction, which also has the
// position after them, is committed; what was open when it ends is never seen by readers of
// committed messages, and sent again by the next run.
#ifndef GROUNDHOG_SINKS_KAFKA_KAFKA_SINK_H_
#define GROUNDHOG_SINKS_KAFKA_KAFKA_SINK_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/kafka/delivery_ledger.h"
#include "sinks/kafka/embedded_kafka.h"
#include "sinks/kafka/kafka_address.h"
#include "sinks/kafka/kafka_client.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/kafka/kafka_topics.h"
#include "sinks/kafka/kafka_transactions.h"
#include "sinks/kafka/routes.h"
#include "sinks/patience.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"

namespace groundhog::sinks {

// Errors besides those of Sink: Aborted: Kafka refused a message, or the producer stopped for good
// (another one has taken its place). FailedPrecondition from Open: what was saved under this name
// is of another replay. Unavailable: no acknowledgement for `timeout`. Cancelled: a stop was
// requested; what was taken may still be flushed.
class KafkaSink : public Sink {
 public:
  // InvalidArgument: the address, a topic's name or a property is wrong. Does not connect.
  static absl::StatusOr<std::unique_ptr<Sink>> Make(const KafkaOptions& kafka,
                                                    const SinkOptions& options,
                                                    const traces::Catalogue& catalogue);
  ~KafkaSink() override;

  absl::Status Open() override;
  absl::Status Write(const Delivery& delivery) override;
  absl::Status Poll() override;
  absl::Status Flush() override;
  absl::Status Close() override;
  std::optional<SavedPosition> resumed() const override { return resumed_; }
  std::uint64_t AcknowledgedPosition() override { return ledger_.AcknowledgedPosition(); }
  Counts counts() const override;
  const Histogram& acknowledgement_delays() const override;
  std::string Describe() const override;

 private:
  KafkaSink(KafkaOptions kafka, SinkOptions options, KafkaAddress address, Routes routes,
            KafkaConfig config, const traces::Catalogue& catalogue);

  absl::Status OpenCluster();
  absl::Status MakeClient(KafkaConfig config, std::string brokers);
  absl::Status FitBatches();
  absl::Status OpenTransactions();
  void WarnAboutTopics(std::int64_t first_unix_milliseconds);
  absl::Status Produce(rd_kafka_topic_t* topic, const Delivery& delivery, bool is_copy);
  rd_kafka_resp_err_t TryProduce(rd_kafka_topic_t* topic, const Delivery& delivery, bool is_copy);
  absl::Status BeginTransaction();
  absl::Status CommitWhenDue();
  absl::Status Commit();
  absl::Status AwaitAll();
  bool IsHeldBack(std::uint64_t outstanding);
  void CountWhatIsForgotten();
  absl::Status CheckProgress();
  absl::Status GiveUp(absl::Status why);
  absl::Status CheckTransactionTime() const;
  void ServeReports(std::chrono::milliseconds wait);
  void WaitForReports(std::chrono::nanoseconds at_most);
  void Notice(const std::string& line) const;

  const KafkaOptions kafka_;
  const SinkOptions options_;
  const KafkaAddress address_;
  const Routes routes_;
  const traces::Catalogue& catalogue_;
  KafkaConfig config_;              // until Open
  const std::int64_t batch_bytes_;  // the most, by config_
  Patience patience_;
  std::unique_ptr<EmbeddedKafka> embedded_;
  DeliveryLedger ledger_;
  std::unique_ptr<KafkaClient> client_;  // null: not open, or closed
  std::vector<KafkaTopic> topics_;       // those of routes_
  std::map<std::string, TopicSettings> topic_settings_;
  std::uint64_t acknowledged_seen_ = 0;
  int messages_since_served_ = 0;
  bool is_away_ = false;  // and a notice has said so
  bool has_told_of_quota_ = false;
  bool has_told_of_zero_ = false;
  bool is_open_ = false;
  bool has_written_ = false;
  bool is_closed_ = false;

  const std::chrono::milliseconds transaction_timeout_;  // the brokers'
  std::unique_ptr<KafkaTransactions> transactions_;      // null: none
  std::optional<SavedPosition> resumed_;
  SavedPosition position_;  // after the record written last
  std::uint64_t transaction_records_ = 0;
  Patience transaction_age_;
  Counts committed_;
  std::optional<std::uint64_t> forgotten_;  // nullopt: not the embedded Kafka

  absl::Status failure_;  // why it gave up
  mutable Histogram delays_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_KAFKA_SINK_H_
