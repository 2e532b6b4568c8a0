#include "sinks/kafka_sink.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "sinks/kafka_config.h"

namespace groundhog::sinks {
namespace {

constexpr std::chrono::milliseconds kWaitStep{1};
constexpr std::chrono::seconds kAwayNoticeAfter{2};
// Once it has given up: how long answers to what is on the wire are awaited.
constexpr std::chrono::seconds kLastAnswers{1};

// The value of trace_id in a rendered record. A quotation mark within a JSON string has a backslash
// before it, so this finds the key and nothing that looks like it.
std::string_view TraceIdOf(std::string_view line) {
  constexpr std::string_view kBefore = ",\"trace_id\":\"";
  constexpr std::size_t kDigits = 32;
  const std::size_t at = line.find(kBefore);
  return at == std::string_view::npos ? std::string_view()
                                      : line.substr(at + kBefore.size(), kDigits);
}

std::string Duration(std::chrono::nanoseconds duration) {
  return absl::FormatDuration(absl::FromChrono(duration));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> KafkaSink::Make(const SinkOptions& options,
                                                      const traces::Catalogue& catalogue) {
  absl::StatusOr<KafkaAddress> address = ParseKafkaAddress(options.to);
  if (!address.ok()) return address.status();
  if (absl::Status s = CheckTopicName(options.topic); !s.ok()) return s;
  if (!options.alerts_topic.empty()) {
    if (absl::Status s = CheckTopicName(options.alerts_topic); !s.ok()) return s;
  }
  if (options.alerts_topic == options.topic) {
    return absl::InvalidArgumentError(
        absl::StrCat("--topic and --alerts-topic are both ", options.topic,
                     ": each ERROR would stand there twice; name another, or --alerts-topic none"));
  }
  absl::StatusOr<KafkaConfig> config = MakeKafkaConfig(options.kafka_config);
  if (!config.ok()) return config.status();
  return std::unique_ptr<Sink>(
      new KafkaSink(options, *std::move(address), *std::move(config), catalogue));
}

KafkaSink::KafkaSink(SinkOptions options, KafkaAddress address, KafkaConfig config,
                     const traces::Catalogue& catalogue)
    : options_(std::move(options)),
      address_(std::move(address)),
      catalogue_(catalogue),
      config_(std::move(config)),
      patience_(options_.timeout, options_.stop_requested) {}

KafkaSink::~KafkaSink() { (void)Close(); }

std::vector<std::string> KafkaSink::Topics() const {
  if (options_.alerts_topic.empty()) return {options_.topic};
  return {options_.topic, options_.alerts_topic};
}

absl::Status KafkaSink::Open() {
  std::string brokers = address_.brokers;
  if (address_.is_embedded) {
    absl::StatusOr<std::unique_ptr<EmbeddedKafka>> embedded = EmbeddedKafka::Start(Topics());
    if (!embedded.ok()) return embedded.status();
    embedded_ = *std::move(embedded);
    brokers = embedded_->address();
  }
  absl::StatusOr<std::unique_ptr<KafkaClient>> client =
      KafkaClient::Create(std::move(config_), std::move(brokers),
                          [this](const rd_kafka_message_t& message) { ledger_.Report(message); });
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  if (address_.is_embedded) {
    Notice(absl::StrCat("embedded Kafka at ", embedded_->address()));
  } else {
    patience_.Restart();
    if (absl::Status s = client_->Connect(patience_, options_.notice); !s.ok()) return s;
    patience_.Restart();
    auto settings = PrepareTopics(*client_, Topics(), patience_);
    if (!settings.ok()) return settings.status();
    topic_settings_ = *std::move(settings);
  }
  topic_.reset(rd_kafka_topic_new(client_->handle(), options_.topic.c_str(), nullptr));
  if (!options_.alerts_topic.empty()) {
    alerts_topic_.reset(
        rd_kafka_topic_new(client_->handle(), options_.alerts_topic.c_str(), nullptr));
  }
  patience_.Restart();
  return absl::OkStatus();
}

std::string_view KafkaSink::KeyOf(const Delivery& delivery) const {
  switch (options_.key) {
    case MessageKey::kService:
      return catalogue_.services[traces::Index(delivery.record.service)].name;
    case MessageKey::kTraceId:
      return TraceIdOf(delivery.line);
    case MessageKey::kNone:
      break;
  }
  return {};
}

void KafkaSink::WarnAboutTopics(std::int64_t first_unix_milliseconds) {
  for (const auto& [topic, settings] : topic_settings_) {
    for (const std::string& warning :
         WarningsAbout(topic, settings, first_unix_milliseconds, options_.now_unix_milliseconds)) {
      Notice(warning);
    }
  }
  topic_settings_.clear();
}

absl::Status KafkaSink::Write(const Delivery& delivery) {
  if (topic_ == nullptr) return absl::FailedPreconditionError("the sink is not open");
  if (!failure_.ok() || ledger_.has_failures()) return CheckProgress();
  if (!has_written_) WarnAboutTopics(delivery.timestamp_unix_milliseconds);
  has_written_ = true;
  if (absl::Status s = Produce(topic_.get(), delivery, /*is_alert=*/false); !s.ok()) return s;
  if (alerts_topic_ == nullptr || delivery.record.level != traces::Level::kError) {
    return absl::OkStatus();
  }
  absl::Status s = Produce(alerts_topic_.get(), delivery, /*is_alert=*/true);
  // The record is on its way, so its copy is not merely untaken: it is lost.
  if (absl::IsCancelled(s)) ledger_.AddGivenUp(delivery.line.size());
  return s;
}

absl::Status KafkaSink::Produce(rd_kafka_topic_t* topic, const Delivery& delivery, bool is_alert) {
  const std::string_view key = KeyOf(delivery);
  // Nothing waited: the time without progress begins with this message.
  if (ledger_.outstanding() == 0) patience_.Restart();
  while (true) {
    // librdkafka copies key and payload; its interface only lacks the const.
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        client_->handle(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(delivery.line.data()), delivery.line.size()),
        RD_KAFKA_V_TIMESTAMP(delivery.timestamp_unix_milliseconds),
        RD_KAFKA_V_OPAQUE(ledger_.Ticket(is_alert)), RD_KAFKA_V_END);
    switch (error) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        ledger_.AddSent(delivery.line.size());
        return absl::OkStatus();
      case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        if (absl::Status s = CheckProgress(); !s.ok()) return s;
        if (patience_.IsStopRequested()) {
          return absl::CancelledError(
              absl::StrCat("stopped while waiting for Kafka at ", client_->brokers()));
        }
        std::this_thread::sleep_for(kWaitStep);
        break;
      case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        ledger_.AddGivenUp(delivery.line.size());
        return GiveUp(absl::AbortedError(
            absl::StrCat("record ", delivery.position, " has ", delivery.line.size(),
                         " bytes, more than the producer may send: raise -X message.max.bytes")));
      default:
        ledger_.AddGivenUp(delivery.line.size());
        return GiveUp(absl::AbortedError(
            absl::StrCat("Kafka at ", client_->brokers(), ": ", rd_kafka_err2str(error))));
    }
  }
}

absl::Status KafkaSink::Poll() {
  if (client_ == nullptr) return failure_;
  return CheckProgress();
}

// Gives up when a message failed or nothing was acknowledged for too long.
absl::Status KafkaSink::CheckProgress() {
  if (!failure_.ok()) return failure_;
  if (ledger_.has_failures()) return GiveUp(absl::OkStatus());
  if (absl::Status s = client_->Fatal(); !s.ok()) return GiveUp(s);
  const std::uint64_t acknowledged = ledger_.acknowledged();
  const std::uint64_t outstanding = ledger_.outstanding();
  if (outstanding == 0 || acknowledged != acknowledged_seen_) {
    acknowledged_seen_ = acknowledged;
    patience_.Restart();
    if (is_away_) Notice(absl::StrCat("Kafka at ", client_->brokers(), " answers again"));
    is_away_ = false;
    return absl::OkStatus();
  }
  const std::chrono::nanoseconds waited = patience_.Waited();
  if (waited >= options_.timeout) {
    return GiveUp(absl::UnavailableError(absl::StrCat(
        "Kafka at ", client_->brokers(), " has acknowledged nothing for ",
        Duration(options_.timeout), client_->Trouble(), ", while ", outstanding,
        " messages wait: is the broker still running? --timeout sets how long to wait")));
  }
  if (!is_away_ && waited >= kAwayNoticeAfter) {
    Notice(absl::StrCat("Kafka at ", client_->brokers(), " does not answer", client_->Trouble(),
                        "; ", outstanding, " messages wait, up to ", Duration(options_.timeout)));
    is_away_ = true;
  }
  return absl::OkStatus();
}

// `why` is OK when a message's report will say it.
absl::Status KafkaSink::GiveUp(absl::Status why) {
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE);
  WaitForReports(kLastAnswers);
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  WaitForReports(kLastAnswers);
  // A message that failed says best why; next the producer itself.
  if (!absl::IsUnavailable(why)) {
    if (absl::Status s = ledger_.FirstFailure(); !s.ok()) why = s;
    if (why.ok()) why = client_->Fatal();
  }
  failure_ = why.ok() ? absl::AbortedError("Kafka did not take a message") : why;
  return failure_;
}

void KafkaSink::WaitForReports(std::chrono::nanoseconds at_most) {
  Patience patience(at_most, nullptr);
  while (ledger_.outstanding() > 0 && !patience.IsExhausted()) {
    std::this_thread::sleep_for(kWaitStep);
  }
}

absl::Status KafkaSink::Flush() {
  if (client_ == nullptr) return failure_;
  Patience grace(std::min<std::chrono::nanoseconds>(Patience::kGraceAfterStop, options_.timeout),
                 nullptr);
  while (true) {
    if (absl::Status s = CheckProgress(); !s.ok()) return s;
    const std::uint64_t outstanding = ledger_.outstanding();
    if (outstanding == 0) return ledger_.has_failures() ? CheckProgress() : absl::OkStatus();
    if (!patience_.IsStopRequested()) {
      grace.Restart();
    } else if (grace.IsExhausted()) {
      return absl::CancelledError(absl::StrCat("stopped with ", outstanding,
                                               " messages that Kafka at ", client_->brokers(),
                                               " has not acknowledged", client_->Trouble()));
    }
    std::this_thread::sleep_for(kWaitStep);
  }
}

absl::Status KafkaSink::Close() {
  if (is_closed_) return absl::OkStatus();
  is_closed_ = true;
  if (client_ != nullptr && ledger_.outstanding() > 0 && failure_.ok()) {
    (void)GiveUp(absl::AbortedError("closed before all messages were acknowledged"));
  }
  topic_.reset();
  alerts_topic_.reset();
  client_.reset();
  if (embedded_ != nullptr && has_written_) {
    Patience linger(options_.linger, options_.stop_requested);
    while (!linger.IsExhausted() && !linger.IsStopRequested()) {
      std::this_thread::sleep_for(
          std::min<std::chrono::nanoseconds>(Patience::kSlice, options_.linger));
    }
  }
  embedded_.reset();
  return absl::OkStatus();
}

Counts KafkaSink::counts() const {
  Counts counts = ledger_.counts();
  // No report will come any more for what is left.
  if (!failure_.ok()) counts.messages_failed += ledger_.outstanding();
  return counts;
}

const Histogram& KafkaSink::acknowledgement_delays() const {
  delays_ = ledger_.Delays();
  return delays_;
}

std::string KafkaSink::Describe() const {
  return absl::StrCat("kafka://", address_.is_embedded ? "embedded" : address_.brokers, " ",
                      options_.topic);
}

void KafkaSink::Notice(const std::string& line) const {
  if (options_.notice) options_.notice(line);
}

}  // namespace groundhog::sinks
