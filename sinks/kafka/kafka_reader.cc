#include "sinks/kafka/kafka_reader.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/kafka_address.h"
#include "sinks/kafka/kafka_handles.h"
#include "sinks/kafka/partition_ranges.h"
#include "sinks/kafka/topic_metadata.h"

namespace groundhog::sinks {
namespace {

constexpr int kSliceMilliseconds = static_cast<int>(Patience::kSlice.count());
constexpr std::size_t kBatch = 512;
// How long to wait, over all partitions, for an open transaction to end.
constexpr int kHeldUpSlicesMax = std::chrono::seconds(5) / Patience::kSlice;

using Message = std::unique_ptr<rd_kafka_message_t, KafkaDeleter<rd_kafka_message_destroy>>;

absl::Status MayNotRead(const std::string& topic) {
  return absl::InvalidArgumentError(
      absl::StrCat("we may not read topic ", topic, ": ask for the right Read on it"));
}

std::string HeadersOf(const rd_kafka_message_t& message) {
  std::string text;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return text;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    absl::StrAppend(&text, name, "=", std::string(static_cast<const char*>(value), size), ";");
  }
  return text;
}

}  // namespace

struct KafkaReader::Partition {
  std::int64_t begin = 0;  // when reading began
  std::int64_t end = 0;
  bool is_started = false;
  bool has_ended = false;
  bool is_held_up = false;  // by a transaction
  std::deque<Message> fetched;
  Message given;  // holds what the caller looks at
};

struct KafkaReader::Topic {
  std::string name;
  KafkaTopic handle;
  std::vector<Partition> partitions;
};

KafkaReader::KafkaReader(KafkaReaderOptions options, KafkaPartitioner partitioner)
    : options_(std::move(options)),
      patience_(options_.timeout, options_.stop_requested),
      partitioner_(partitioner) {}

KafkaReader::~KafkaReader() {
  for (const std::unique_ptr<Topic>& topic : topics_) {
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      if (!topic->partitions[i].is_started) continue;
      rd_kafka_consume_stop(topic->handle.get(), static_cast<std::int32_t>(i));
    }
  }
  topics_.clear();
}

absl::StatusOr<std::unique_ptr<KafkaReader>> KafkaReader::Open(KafkaReaderOptions options) {
  const absl::StatusOr<KafkaAddress> address = ParseKafkaAddress(options.address);
  if (!address.ok()) return address.status();
  if (address->is_embedded) {
    return absl::InvalidArgumentError(
        "an embedded Kafka has died with its replay; only kafka://HOST:PORT can be read back");
  }
  const absl::StatusOr<KafkaPartitioner> partitioner = PartitionerOf(options.kafka_config);
  if (!partitioner.ok()) return partitioner.status();
  std::unique_ptr<KafkaReader> reader(new KafkaReader(std::move(options), *partitioner));
  absl::StatusOr<std::vector<PartitionRange>> ranges = reader->FindAllRanges(address->brokers);
  if (!ranges.ok()) return ranges.status();
  absl::StatusOr<KafkaConfig> config =
      MakeKafkaReaderConfig(reader->options_.kafka_config, Isolation::kCommitted, ranges->size());
  if (!config.ok()) return config.status();
  absl::StatusOr<std::unique_ptr<KafkaClient>> client =
      KafkaClient::CreateConsumer(*std::move(config), address->brokers);
  if (!client.ok()) return client.status();
  reader->client_ = *std::move(client);
  if (absl::Status s = reader->OpenTopics(*std::move(ranges)); !s.ok()) return s;
  return reader;
}

// Of all topics' partitions, in order.
absl::StatusOr<std::vector<PartitionRange>> KafkaReader::FindAllRanges(const std::string& brokers) {
  absl::StatusOr<KafkaConfig> config =
      MakeKafkaReaderConfig(options_.kafka_config, Isolation::kAll, /*partitions=*/1);
  if (!config.ok()) return config.status();
  const absl::StatusOr<std::unique_ptr<KafkaClient>> client =
      KafkaClient::CreateConsumer(*std::move(config), brokers);
  if (!client.ok()) return client.status();
  patience_.Restart();
  if (absl::Status s = (*client)->Connect(patience_, options_.notice); !s.ok()) return s;
  std::vector<KafkaTopic> handles;
  for (const std::string& topic : options_.topics) {
    handles.emplace_back(rd_kafka_topic_new((*client)->handle(), topic.c_str(), nullptr));
  }
  patience_.Restart();
  const absl::StatusOr<std::vector<int>> counts = CountPartitions(**client, handles, patience_);
  if (!counts.ok()) return counts.status();
  std::vector<PartitionRange> ranges;
  for (std::size_t i = 0; i < options_.topics.size(); ++i) {
    if ((*counts)[i] == 0 && options_.notice) {
      options_.notice(
          absl::StrCat("there is no topic ", options_.topics[i], " at Kafka at ", brokers));
    }
    for (int k = 0; k < (*counts)[i]; ++k) {
      ranges.push_back({.topic = options_.topics[i], .partition = k});
    }
  }
  const absl::Status found =
      FindRanges(**client, ranges, patience_,
                 [](const PartitionRange& hidden) { return MayNotRead(hidden.topic); });
  if (!found.ok()) return found;
  return ranges;
}

// Starts reading all partitions at once: one by one, each would wait for its own answer.
absl::Status KafkaReader::OpenTopics(std::vector<PartitionRange> ranges) {
  std::size_t next = 0;
  for (const std::string& name : options_.topics) {
    topics_.push_back(std::make_unique<Topic>());
    Topic& topic = *topics_.back();
    topic.name = name;
    topic.handle.reset(rd_kafka_topic_new(client_->handle(), name.c_str(), nullptr));
    for (; next < ranges.size() && ranges[next].topic == name; ++next) {
      const PartitionRange& range = ranges[next];
      topic.partitions.push_back(
          {.begin = range.begin, .end = range.end, .has_ended = range.begin >= range.end});
    }
  }
  patience_.Restart();
  // Also so that the client knows all leaders by one answer.
  if (const auto s = AskForMetadata(*client_, nullptr, patience_); !s.ok()) return s.status();
  for (const std::unique_ptr<Topic>& topic : topics_) {
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      Partition& partition = topic->partitions[i];
      if (partition.has_ended) continue;
      if (rd_kafka_consume_start(topic->handle.get(), static_cast<std::int32_t>(i),
                                 partition.begin) != 0) {
        return absl::UnavailableError(absl::StrCat("cannot read topic ", topic->name, ": ",
                                                   rd_kafka_err2str(rd_kafka_last_error())));
      }
      partition.is_started = true;
    }
  }
  return absl::OkStatus();
}

int KafkaReader::partitions(std::size_t topic) const {
  return static_cast<int>(topics_[topic]->partitions.size());
}

KafkaReader::Extent KafkaReader::ExtentOf(std::size_t topic, int partition) const {
  const Partition& read = topics_[topic]->partitions[static_cast<std::size_t>(partition)];
  return {.begin = read.begin, .end = std::max(read.begin, read.end)};
}

int KafkaReader::PartitionOf(std::size_t topic, std::string_view key) const {
  return partitioner_(topics_[topic]->handle.get(), key.data(), key.size(), partitions(topic),
                      nullptr, nullptr);
}

absl::StatusOr<bool> KafkaReader::HasArrivalTimes(std::size_t index) {
  Topic& topic = *topics_[index];
  for (int number = 0; number < partitions(index); ++number) {
    Partition& partition = topic.partitions[static_cast<std::size_t>(number)];
    if (absl::Status s = Fill(topic, number); !s.ok()) return s;
    if (partition.fetched.empty()) continue;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    rd_kafka_message_timestamp(partition.fetched.front().get(), &type);
    return type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
  }
  return false;
}

// Returns when there is a message to give, or the partition has ended.
absl::Status KafkaReader::Fill(Topic& topic, int number) {
  Partition& partition = topic.partitions[static_cast<std::size_t>(number)];
  patience_.Restart();
  std::array<rd_kafka_message_t*, kBatch> batch{};
  while (partition.fetched.empty() && !partition.has_ended) {
    ssize_t count = rd_kafka_consume_batch(topic.handle.get(), number, /*timeout_ms=*/0,
                                           batch.data(), batch.size());
    if (count <= 0) {  // one message, then, as waiting for more would end when there are kBatch
      batch[0] = rd_kafka_consume(topic.handle.get(), number, kSliceMilliseconds);
      count = batch[0] != nullptr ? 1 : 0;
    }
    absl::Status status;
    for (ssize_t i = 0; i < count; ++i) {
      absl::Status taken = Take(topic, number, batch[static_cast<std::size_t>(i)]);
      if (status.ok()) status = std::move(taken);
    }
    if (!status.ok()) return status;
    if (count <= 0) {
      if (absl::Status s = client_->CheckWaiting(patience_); !s.ok()) return s;
      if (partition.is_held_up && ++held_up_slices_ >= kHeldUpSlicesMax) {
        partition.has_ended = true;
        if (options_.notice) {
          options_.notice(absl::StrCat("topic ", topic.name, ", partition ", number,
                                       ": a transaction is still open; what comes after its begin "
                                       "does not count"));
        }
      }
    }
  }
  // Otherwise the broker would be asked about it, with all the others, until the end.
  if (partition.has_ended && partition.is_started) {
    rd_kafka_consume_stop(topic.handle.get(), number);
    partition.is_started = false;
  }
  return absl::OkStatus();
}

// Owns the message from here on.
absl::Status KafkaReader::Take(Topic& topic, int number, rd_kafka_message_t* raw) {
  Message message(raw);
  Partition& partition = topic.partitions[static_cast<std::size_t>(number)];
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      if (partition.has_ended) return absl::OkStatus();  // came after reading began
      partition.has_ended = message->offset + 1 >= partition.end;
      if (message->offset < partition.end) partition.fetched.push_back(std::move(message));
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // Before the end there is a transaction that is open, or just being committed.
      partition.has_ended = message->offset >= partition.end;
      partition.is_held_up = !partition.has_ended;
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return MayNotRead(topic.name);
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return absl::UnavailableError(
          absl::StrCat("topic ", topic.name, " vanished while it was read"));
    default:
      return absl::OkStatus();  // librdkafka tries again; the patience ends some time
  }
}

absl::StatusOr<bool> KafkaReader::Next(std::size_t index, int number, StoredMessage* message) {
  Topic& topic = *topics_[index];
  Partition& partition = topic.partitions[static_cast<std::size_t>(number)];
  if (partition.fetched.empty()) {
    if (absl::Status s = Fill(topic, number); !s.ok()) return s;
  }
  if (partition.fetched.empty()) return false;
  partition.given = std::move(partition.fetched.front());
  partition.fetched.pop_front();
  const rd_kafka_message_t& given = *partition.given;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  *message = {.offset = given.offset,
              .key = std::string_view(static_cast<const char*>(given.key), given.key_len),
              .value = std::string_view(static_cast<const char*>(given.payload), given.len),
              .timestamp_unix_milliseconds = rd_kafka_message_timestamp(&given, &type),
              .headers = HeadersOf(given)};
  return true;
}

}  // namespace groundhog::sinks
