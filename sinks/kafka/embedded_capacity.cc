#include "sinks/kafka/embedded_capacity.h"

#include <array>
#include <utility>

#include "sinks/kafka/embedded_kafka.h"

namespace groundhog::sinks {
namespace {

// In Kafka's message format 2: the bytes of a record without key, value and headers, at least and
// at most, and the bytes of a batch before its records.
constexpr std::uint64_t kRecordBytesLeast = 7;
constexpr std::uint64_t kRecordBytesMost = 35;
constexpr std::uint64_t kBatchBytes = 61;
// Name, value and lengths of a header of ours.
constexpr std::uint64_t kHeaderBytesMost = 128;

bool IsCompressed(const KafkaConfig& config) {
  std::array<char, 64> value{};
  std::size_t size = value.size();
  const rd_kafka_conf_res_t result =
      rd_kafka_conf_get(config.get(), "compression.codec", value.data(), &size);
  return result != RD_KAFKA_CONF_OK || std::string_view(value.data()) != "none";
}

}  // namespace

absl::StatusOr<EmbeddedCapacity> EmbeddedCapacity::Make(const KafkaOptions& options,
                                                        const traces::Catalogue& catalogue) {
  absl::StatusOr<Routes> routes = MakeRoutes(options, catalogue);
  if (!routes.ok()) return routes.status();
  const absl::StatusOr<KafkaConfig> config = MakeKafkaConfig(options.properties);
  if (!config.ok()) return config.status();
  EmbeddedCapacity capacity(options, *std::move(routes), catalogue);
  capacity.is_compressed_ = IsCompressed(*config);
  const absl::StatusOr<KafkaPartitioner> partitioner = PartitionerOf(options.properties);
  if (partitioner.ok() && options.key != MessageKey::kNone) capacity.partitioner_ = *partitioner;
  capacity.sums_.assign(
      capacity.routes_.topics().size(),
      std::vector<Sums>(capacity.partitioner_ ? static_cast<std::size_t>(options.partitions) : 1));
  return capacity;
}

EmbeddedCapacity::EmbeddedCapacity(const KafkaOptions& options, Routes routes,
                                   const traces::Catalogue& catalogue)
    : routes_(std::move(routes)),
      catalogue_(catalogue),
      key_(options.key),
      partitions_(static_cast<std::uint64_t>(options.partitions)) {
  const HeaderOptions& headers = options.headers;
  for (const bool has_one : {headers.has_position, headers.has_cause, headers.has_trace_digest}) {
    if (has_one) header_bytes_most_ += kHeaderBytesMost;
  }
}

void EmbeddedCapacity::Add(const traces::Record& record, std::string_view line) {
  const std::string_view key = KeyOf(key_, catalogue_, record, line);
  const std::uint64_t bytes = key.size() + line.size();
  std::size_t partition = 0;
  if (partitioner_ && !key.empty()) {  // otherwise librdkafka chooses at random
    partition = static_cast<std::size_t>((*partitioner_)(
        nullptr, key.data(), key.size(), static_cast<std::int32_t>(partitions_), nullptr, nullptr));
  }
  for (const std::uint32_t topic : routes_.TopicsOf(record)) {
    Sums& sums = sums_[topic][partition];
    if (!is_compressed_) sums.least += bytes + kRecordBytesLeast;
    sums.most += bytes + kRecordBytesMost + kBatchBytes + header_bytes_most_;
    // Without keys one partition may get twice its share.
    const std::uint64_t share = partitioner_ ? 1 : partitions_;
    Judge(sums, share * kEmbeddedPartitionBytes, (share + 1) / 2 * kEmbeddedPartitionBytes,
          routes_.topics()[topic]);
  }
}

void EmbeddedCapacity::Judge(const Sums& sums, std::uint64_t least_max, std::uint64_t most_max,
                             const std::string& topic) {
  if (verdict_ == Verdict::kDoesNotFit) return;
  if (sums.least > least_max) {
    verdict_ = Verdict::kDoesNotFit;
    topic_ = topic;
  } else if (verdict_ == Verdict::kFits && sums.most > most_max) {
    verdict_ = Verdict::kMayNotFit;
    topic_ = topic;
  }
}

}  // namespace groundhog::sinks
