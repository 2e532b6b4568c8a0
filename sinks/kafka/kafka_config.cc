#include "sinks/kafka/kafka_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

struct Property {
  const char* key;
  const char* value;
};

constexpr Property kFixed[] = {
    {"enable.idempotence", "true"},
    {"enable.gapless.guarantee", "true"},
    {"acks", "all"},
    {"message.timeout.ms", "0"},
    {"delivery.report.only.error", "false"},
    {"log.queue", "true"},  // log lines come by rd_kafka_poll, not from librdkafka's threads
};

constexpr char kPartitionerDefault[] = "murmur2_random";
constexpr Property kDefaults[] = {
    {"client.id", "groundhog-replay"},
    {"compression.codec", "none"},
    {"linger.ms", "5"},
    {"partitioner", kPartitionerDefault},
    // A last small piece of a batch does not wait for the one before to be acknowledged.
    {"socket.nagle.disable", "true"},
    {"queue.buffering.max.messages", "100000"},
    {"queue.buffering.max.kbytes", "65536"},
    // A broker that restarts is found again soon.
    {"reconnect.backoff.max.ms", "1000"},
};

// What must not come by -X, and what to do instead. Synonyms stand here too.
struct Refusal {
  const char* key;
  const char* accepted;  // the one value that says what holds anyway; empty: none
  const char* reason;
};

constexpr Refusal kRefusals[] = {
    {"enable.idempotence", "true", "without it a retry could double or reorder messages"},
    {"enable.gapless.guarantee", "true", "without it messages could be sent on past a lost one"},
    {"acks", "all", "without it an acknowledged message could be lost"},
    {"request.required.acks", "all", "without it an acknowledged message could be lost"},
    {"message.timeout.ms", "0", "how long a message may wait is said by --timeout"},
    {"delivery.timeout.ms", "0", "how long a message may wait is said by --timeout"},
    {"delivery.report.only.error", "false", "every message is accounted for"},
    {"log.queue", "true", "librdkafka's log lines are folded into ours"},
    {"bootstrap.servers", "", "the brokers stand in --to kafka://HOST:PORT"},
    {"metadata.broker.list", "", "the brokers stand in --to kafka://HOST:PORT"},
    {"test.mock.num.brokers", "", "the cluster in this process is --to kafka://embedded"},
    {"transactional.id", "", "--exactly-once NAME sets it"},
};

absl::Status Set(rd_kafka_conf_t* config, const std::string& key, const std::string& value) {
  std::array<char, 512> error{};
  const rd_kafka_conf_res_t result =
      rd_kafka_conf_set(config, key.c_str(), value.c_str(), error.data(), error.size());
  if (result == RD_KAFKA_CONF_OK) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("-X ", key, ": ", error.data()));
}

absl::Status SetByUser(rd_kafka_conf_t* config, const std::string& property) {
  const std::size_t equals = property.find('=');
  const std::string key = property.substr(0, equals);
  if (equals == std::string::npos || key.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("-X ", key, ": write it as KEY=VALUE"));
  }
  const std::string value = property.substr(equals + 1);
  const auto* const refusal = std::find_if(std::begin(kRefusals), std::end(kRefusals),
                                           [&](const Refusal& one) { return key == one.key; });
  if (refusal == std::end(kRefusals)) return Set(config, key, value);
  if (!value.empty() && value == refusal->accepted) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("-X ", key, " cannot be changed: ", refusal->reason));
}

std::int64_t NumberOf(const KafkaConfig& config, const char* key) {
  std::array<char, 32> text{};
  std::size_t size = text.size();
  std::int64_t number = 0;
  if (rd_kafka_conf_get(config.get(), key, text.data(), &size) == RD_KAFKA_CONF_OK) {
    std::from_chars(text.data(), text.data() + size, number);
  }
  return number;
}

// Whether a property is a secret, by parts of its name (future properties too).
bool IsSecret(std::string_view key) {
  for (const std::string_view part : {"password", "secret", "pem", "oauthbearer.config", "jaas"}) {
    if (key.find(part) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::string KafkaPropertiesText() {
  char* text = nullptr;
  std::size_t size = 0;
  FILE* const stream = ::open_memstream(&text, &size);
  if (stream == nullptr) return "";
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  return std::string(text, size);
}

std::int64_t BatchBytesOf(const KafkaConfig& config) {
  return std::min(NumberOf(config, "batch.size"), NumberOf(config, "message.max.bytes"));
}

std::chrono::milliseconds TransactionTimeoutOf(const KafkaConfig& config) {
  return std::chrono::milliseconds(NumberOf(config, "transaction.timeout.ms"));
}

absl::StatusOr<KafkaConfig> MakeKafkaReaderConfig(const std::vector<std::string>& properties,
                                                  Isolation isolation, std::size_t partitions,
                                                  const std::string& group) {
  constexpr std::size_t kAllKibibytes = 512 * 1024;
  // librdkafka looks only once a second whether a full queue has room again, so what fits into it
  // bounds how fast a partition can be read.
  constexpr std::size_t kKibibytesMax = 32 * 1024;
  const std::size_t kibibytes = std::clamp<std::size_t>(
      kAllKibibytes / std::max<std::size_t>(partitions, 1), 64, kKibibytesMax);
  const std::string ahead = absl::StrCat(kibibytes);
  const std::string fetched = absl::StrCat(std::min<std::size_t>(kibibytes, 1024) * 1024);
  const Property reader[] = {
      {"client.id", "groundhog-replay"},
      {"isolation.level", isolation == Isolation::kAll ? "read_uncommitted" : "read_committed"},
      {"enable.partition.eof", "true"},
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "earliest"},
      {"log.queue", "true"},
      {"queued.max.messages.kbytes", ahead.c_str()},
      {"fetch.wait.max.ms", "20"},
  };
  KafkaConfig config(rd_kafka_conf_new());
  if (absl::Status s = Set(config.get(), "fetch.message.max.bytes", fetched); !s.ok()) return s;
  for (const std::string& property : properties) {
    if (absl::Status s = SetByUser(config.get(), property); !s.ok()) return s;
  }
  for (const Property& one : reader) {
    if (absl::Status s = Set(config.get(), one.key, one.value); !s.ok()) return s;
  }
  if (!group.empty()) {
    if (absl::Status s = Set(config.get(), "group.id", group); !s.ok()) return s;
  }
  return config;
}

absl::StatusOr<KafkaPartitioner> PartitionerOf(const std::vector<std::string>& properties) {
  constexpr std::string_view kKey = "partitioner=";
  std::string_view name = kPartitionerDefault;
  for (const std::string& property : properties) {
    if (property.starts_with(kKey)) name = std::string_view(property).substr(kKey.size());
  }
  constexpr std::pair<std::string_view, KafkaPartitioner> kPartitioners[] = {
      {kPartitionerDefault, rd_kafka_msg_partitioner_murmur2_random},
      {"murmur2", rd_kafka_msg_partitioner_murmur2},
      {"consistent_random", rd_kafka_msg_partitioner_consistent_random},
      {"consistent", rd_kafka_msg_partitioner_consistent},
      {"fnv1a_random", rd_kafka_msg_partitioner_fnv1a_random},
      {"fnv1a", rd_kafka_msg_partitioner_fnv1a},
  };
  for (const auto& [known, partitioner] : kPartitioners) {
    if (known == name) return partitioner;
  }
  return absl::InvalidArgumentError(absl::StrCat("-X partitioner=", std::string(name),
                                                 ": where it put a key cannot be told afterwards"));
}

absl::StatusOr<std::string> KafkaConfigText(const std::vector<std::string>& properties) {
  const absl::StatusOr<KafkaConfig> config = MakeKafkaConfig(properties);
  if (!config.ok()) return config.status();
  std::size_t count = 0;
  const char** const words = rd_kafka_conf_dump(config->get(), &count);
  std::string text;
  for (std::size_t i = 0; i + 1 < count; i += 2) {
    const std::string_view key(words[i]);
    absl::StrAppend(&text, words[i], " = ", IsSecret(key) ? "(secret)" : words[i + 1], "\n");
  }
  rd_kafka_conf_dump_free(words, count);
  return text;
}

absl::StatusOr<KafkaConfig> MakeKafkaConfig(const std::vector<std::string>& properties,
                                            const std::string& transactional_id) {
  KafkaConfig config(rd_kafka_conf_new());
  for (const Property& one : kFixed) {
    if (absl::Status s = Set(config.get(), one.key, one.value); !s.ok()) return s;
  }
  for (const Property& one : kDefaults) {
    if (absl::Status s = Set(config.get(), one.key, one.value); !s.ok()) return s;
  }
  for (const std::string& property : properties) {
    if (absl::Status s = SetByUser(config.get(), property); !s.ok()) return s;
  }
  if (!transactional_id.empty()) {
    if (absl::Status s = Set(config.get(), "transactional.id", transactional_id); !s.ok()) return s;
  }
  return config;
}

}  // namespace groundhog::sinks
