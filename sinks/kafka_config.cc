#include "sinks/kafka_config.h"

#include <algorithm>
#include <array>
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

constexpr Property kDefaults[] = {
    {"client.id", "groundhog-replay"},
    {"compression.codec", "none"},
    {"linger.ms", "5"},
    {"partitioner", "murmur2_random"},
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
    {"transactional.id", "", "transactions are not used"},
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

}  // namespace

absl::StatusOr<KafkaConfig> MakeKafkaConfig(const std::vector<std::string>& properties) {
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
  return config;
}

}  // namespace groundhog::sinks
