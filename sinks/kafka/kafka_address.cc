#include "sinks/kafka/kafka_address.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

constexpr std::string_view kScheme = "kafka://";
constexpr std::string_view kForm = "; write kafka://HOST:PORT[,HOST:PORT...] or kafka://embedded";

absl::Status Invalid(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("--to kafka: ", std::string(what), std::string(kForm)));
}

bool IsPort(std::string_view text) {
  std::uint32_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && last == end && port >= 1 && port <= 65535;
}

// HOST or HOST:PORT, with the port filled in.
absl::StatusOr<std::string> ParseBroker(std::string_view broker) {
  const std::size_t bracket = broker.rfind(']');
  std::size_t colon = broker.rfind(':');
  if (bracket != std::string_view::npos && colon != std::string_view::npos && colon < bracket) {
    colon = std::string_view::npos;
  }
  const std::string_view host = broker.substr(0, colon);
  if (host.empty()) return Invalid("a host is missing");
  const bool is_bracketed = host.front() == '[' && host.back() == ']';
  if (!is_bracketed && host.find_first_of(":[]") != std::string_view::npos) {
    return Invalid(
        absl::StrCat("an IPv6 address stands in brackets, not '", std::string(host), "'"));
  }
  if (colon == std::string_view::npos) return absl::StrCat(std::string(host), ":9092");
  const std::string_view port = broker.substr(colon + 1);
  if (!IsPort(port)) return Invalid(absl::StrCat("'", std::string(port), "' is no port"));
  return std::string(broker);
}

}  // namespace

absl::StatusOr<KafkaAddress> ParseKafkaAddress(std::string_view to) {
  if (!to.starts_with(kScheme)) return Invalid("// is missing");
  std::string_view rest = to.substr(kScheme.size());
  if (rest == "embedded") return KafkaAddress{.is_embedded = true};
  if (rest.find('@') != std::string_view::npos) {
    return Invalid("user and password go to -X sasl.username=... and -X sasl.password=...");
  }
  if (rest.find('/') != std::string_view::npos) {
    return Invalid("no path may follow the port; the topic goes to --topic");
  }
  if (rest.find_first_of(" \t\n") != std::string_view::npos)
    return Invalid("there is a space in it");
  KafkaAddress address;
  while (true) {
    const std::size_t comma = rest.find(',');
    const absl::StatusOr<std::string> broker = ParseBroker(rest.substr(0, comma));
    if (!broker.ok()) return broker.status();
    absl::StrAppend(&address.brokers, address.brokers.empty() ? "" : ",", *broker);
    if (comma == std::string_view::npos) return address;
    rest.remove_prefix(comma + 1);
  }
}

absl::StatusOr<KafkaTopicsAddress> ParseKafkaTopicsAddress(std::string_view address) {
  const std::size_t from = address.starts_with(kScheme) ? kScheme.size() : 0;
  const std::size_t slash = address.find('/', from);
  KafkaTopicsAddress parsed = {.address = std::string(address.substr(0, slash))};
  std::string_view rest = slash == std::string_view::npos ? "" : address.substr(slash + 1);
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string topic(rest.substr(0, comma));
    if (topic.empty() || topic.find('/') != std::string::npos) {
      return absl::InvalidArgumentError("a topic is missing; write kafka://HOST:PORT/TOPIC");
    }
    if (std::find(parsed.topics.begin(), parsed.topics.end(), topic) != parsed.topics.end()) {
      return absl::InvalidArgumentError(absl::StrCat("topic ", topic, " is in it twice"));
    }
    parsed.topics.push_back(topic);
    if (comma == std::string_view::npos) return parsed;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace groundhog::sinks
