// Whether the messages of a replay fit into kafka://embedded, which keeps only the newest
// kEmbeddedPartitionBytes of each partition and forgets the rest without a report.
#ifndef GROUNDHOG_SINKS_KAFKA_EMBEDDED_CAPACITY_H_
#define GROUNDHOG_SINKS_KAFKA_EMBEDDED_CAPACITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sinks/kafka/kafka_config.h"
#include "sinks/kafka/kafka_options.h"
#include "sinks/kafka/routes.h"
#include "sinks/message_key.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::sinks {

// Not thread-safe. Counts the least and the most that each message can take in its partition; the
// most is its size in a batch of its own. A compressed message may take almost nothing.
class EmbeddedCapacity {
 public:
  enum class Verdict { kFits, kMayNotFit, kDoesNotFit };

  // Errors are those of MakeRoutes and MakeKafkaConfig. The catalogue must outlive this.
  static absl::StatusOr<EmbeddedCapacity> Make(const KafkaOptions& options,
                                               const traces::Catalogue& catalogue);

  // One more record, and its copies by routes.
  void Add(const traces::Record& record, std::string_view line);

  // Of the fullest partition.
  Verdict verdict() const { return verdict_; }
  const std::string& topic() const { return topic_; }  // where that is; empty: all fits

 private:
  struct Sums {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
  };

  EmbeddedCapacity(const KafkaOptions& options, Routes routes, const traces::Catalogue& catalogue);
  void Judge(const Sums& sums, std::uint64_t least_max, std::uint64_t most_max,
             const std::string& topic);

  const Routes routes_;
  const traces::Catalogue& catalogue_;
  const MessageKey key_;
  const std::uint64_t partitions_;
  std::uint64_t header_bytes_most_ = 0;  // of a message
  bool is_compressed_ = false;
  std::optional<KafkaPartitioner> partitioner_;  // nullopt: no key decides where a message goes
  std::vector<std::vector<Sums>> sums_;  // by topic and partition; without keys one for a topic
  Verdict verdict_ = Verdict::kFits;
  std::string topic_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_EMBEDDED_CAPACITY_H_
