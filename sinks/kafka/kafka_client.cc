#include "sinks/kafka/kafka_client.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr std::chrono::milliseconds kServeWait{1000};
// How long the serving thread pauses when another one serves.
constexpr std::chrono::milliseconds kHoldBack{1};
constexpr int kSliceMilliseconds = static_cast<int>(Patience::kSlice.count());
constexpr int kLastAnswerMilliseconds = 2'000;
constexpr std::chrono::seconds kNoticeAfter{2};

// "broker:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state
// CONNECT)" becomes "connection refused".
std::string InBrackets(std::string_view reason) {
  if (const std::size_t after = reason.rfind(" (after "); after != std::string_view::npos) {
    reason = reason.substr(0, after);
  }
  if (const std::size_t after = reason.find(": "); after != std::string_view::npos) {
    reason.remove_prefix(after + 2);
  }
  if (const std::size_t failed = reason.find(" failed: "); failed != std::string_view::npos) {
    reason.remove_prefix(failed + std::string_view(" failed: ").size());
  }
  std::string text(reason.substr(0, reason.find('\n')));
  if (text.size() > 1 && absl::ascii_islower(static_cast<unsigned char>(text[1]))) {
    text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  }
  return text;
}

// librdkafka has said the server's nonce twice since its first SCRAM; Kafka 4 no longer takes that.
std::string RemedyForScram(std::string_view reason) {
  constexpr int kFirstRightVersion = 0x020601ff;
  if (reason.find("mechanism SCRAM") == std::string_view::npos) return "";
  if (rd_kafka_version() >= kFirstRightVersion) return "";
  return absl::StrCat(" This librdkafka (", rd_kafka_version_str(),
                      ") cannot log in to Kafka 4 by SCRAM; 2.6.1 can, and PLAIN over TLS works");
}

// Collects the acknowledgements that come on this thread while it exists, and hands over many at a
// time, so that per-batch work is not done for each message.
class Acknowledgements {
 public:
  explicit Acknowledgements(const KafkaProducerHandlers& handlers) : handlers_(handlers) {
    current_ = this;
  }
  ~Acknowledgements() {
    current_ = nullptr;
    HandOver();
  }
  Acknowledgements(const Acknowledgements&) = delete;
  Acknowledgements& operator=(const Acknowledgements&) = delete;

  static Acknowledgements* Current() { return current_; }

  void Add(void* opaque) {
    opaques_[count_++] = opaque;
    if (count_ == opaques_.size()) HandOver();
  }

 private:
  void HandOver() {
    if (count_ != 0) handlers_.acknowledged({opaques_.data(), count_});
    count_ = 0;
  }

  static thread_local Acknowledgements* current_;

  const KafkaProducerHandlers& handlers_;
  std::array<void*, 256> opaques_;
  std::size_t count_ = 0;
};

thread_local Acknowledgements* Acknowledgements::current_ = nullptr;

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaClient>> KafkaClient::CreateProducer(
    KafkaConfig config, std::string brokers, KafkaProducerHandlers handlers) {
  std::unique_ptr<KafkaClient> client(new KafkaClient(std::move(brokers)));
  client->handlers_ = std::move(handlers);
  rd_kafka_conf_set_dr_msg_cb(config.get(), OnReport);
  rd_kafka_conf_set_throttle_cb(config.get(), OnThrottle);
  if (client->handlers_.statistics) rd_kafka_conf_set_stats_cb(config.get(), OnStatistics);
  if (absl::Status s = client->Start(RD_KAFKA_PRODUCER, std::move(config)); !s.ok()) return s;
  return client;
}

absl::StatusOr<std::unique_ptr<KafkaClient>> KafkaClient::CreateConsumer(KafkaConfig config,
                                                                         std::string brokers) {
  std::unique_ptr<KafkaClient> client(new KafkaClient(std::move(brokers)));
  if (absl::Status s = client->Start(RD_KAFKA_CONSUMER, std::move(config)); !s.ok()) return s;
  return client;
}

absl::Status KafkaClient::Start(rd_kafka_type_t type, KafkaConfig config) {
  std::array<char, 512> error{};
  rd_kafka_conf_set(config.get(), "bootstrap.servers", brokers_.c_str(), error.data(),
                    error.size());
  rd_kafka_conf_set_opaque(config.get(), this);
  rd_kafka_conf_set_error_cb(config.get(), OnError);
  rd_kafka_conf_set_log_cb(config.get(), OnLog);
  handle_.reset(rd_kafka_new(type, config.get(), error.data(), error.size()));
  if (handle_ == nullptr) {
    const std::string_view reason(error.data());
    const auto is_of = [&](const char* what) {
      return reason.find(what) != std::string_view::npos;
    };
    // Without a mechanism it is GSSAPI.
    const char* const remedy =
        is_of(".location") ? ": is the file there, may we read it, and is it PEM?"
        : is_of("sasl.kerberos")
            ? ": is -X sasl.mechanism what it should be (PLAIN, SCRAM-SHA-256)?"
            : "";
    return absl::InvalidArgumentError(
        absl::StrCat("Kafka's configuration: ", error.data(), remedy));
  }
  (void)config.release();  // the handle owns it now
  rd_kafka_set_log_queue(handle_.get(), nullptr);
  callbacks_.reset(rd_kafka_queue_get_main(handle_.get()));
  server_ = std::thread(&KafkaClient::ServeUntilClosing, this);
  return absl::OkStatus();
}

KafkaClient::~KafkaClient() {
  is_closing_ = true;
  if (!server_.joinable()) return;
  rd_kafka_queue_yield(callbacks_.get());
  server_.join();
}

void KafkaClient::ServeUntilClosing() {
  while (!is_closing_) {
    if (is_served_elsewhere_.exchange(false)) {
      std::this_thread::sleep_for(kHoldBack);
    } else {
      ServeOnce(kServeWait);
    }
  }
}

void KafkaClient::Serve(std::chrono::milliseconds wait) {
  is_served_elsewhere_ = true;
  ServeOnce(wait);
}

void KafkaClient::Flush(std::chrono::milliseconds wait) {
  is_served_elsewhere_ = true;
  // Not collected: this call continues after the first reports, which would wait for the last.
  rd_kafka_flush(handle_.get(), static_cast<int>(wait.count()));
}

void KafkaClient::ServeOnce(std::chrono::milliseconds wait) {
  Acknowledgements gathered(handlers_);
  rd_kafka_poll(handle_.get(), static_cast<int>(wait.count()));
}

void KafkaClient::OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  const KafkaProducerHandlers& handlers = static_cast<KafkaClient*>(opaque)->handlers_;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    handlers.failed(*message);
  } else if (Acknowledgements* const gathered = Acknowledgements::Current(); gathered != nullptr) {
    gathered->Add(message->_private);
  } else {  // librdkafka polls by itself
    handlers.acknowledged({&message->_private, 1});
  }
}

int KafkaClient::OnStatistics(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
  KafkaClient& client = *static_cast<KafkaClient*>(opaque);
  const std::lock_guard lock(client.statistics_mutex_);
  client.handlers_.statistics(std::string_view(json, size));
  return 0;  // librdkafka frees it
}

void KafkaClient::OnError(rd_kafka_t*, int error, const char* reason, void* opaque) {
  static_cast<KafkaClient*>(opaque)->Remember(static_cast<rd_kafka_resp_err_t>(error), reason);
}

// A broker answers at once, and then reads nothing more from us for this time.
void KafkaClient::OnThrottle(rd_kafka_t*, const char*, std::int32_t, int milliseconds,
                             void* opaque) {
  KafkaClient& client = *static_cast<KafkaClient*>(opaque);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  const std::lock_guard lock(client.mutex_);
  client.held_back_until_ = std::max(client.held_back_until_, until);
}

std::chrono::nanoseconds KafkaClient::HeldBackFor() const {
  const std::lock_guard lock(mutex_);
  return std::max<std::chrono::nanoseconds>(held_back_until_ - std::chrono::steady_clock::now(),
                                            std::chrono::nanoseconds(0));
}

// Everything important also comes by OnError.
void KafkaClient::OnLog(const rd_kafka_t*, int, const char*, const char*) {}

void KafkaClient::Remember(rd_kafka_resp_err_t error, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  switch (error) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:  // says only how many
    case RD_KAFKA_RESP_ERR__FATAL:             // see Fatal
      return;
    case RD_KAFKA_RESP_ERR__RESOLVE: {
      unknown_names_.insert(std::string(reason.substr(0, reason.find('/'))));
      const auto commas = std::count(brokers_.begin(), brokers_.end(), ',');
      if (unknown_names_.size() == static_cast<std::size_t>(commas) + 1) {
        hopeless_ =
            absl::UnavailableError(absl::StrCat("could not reach Kafka at ", brokers_, ": ",
                                                InBrackets(reason), ": is the name right?"));
      }
      break;
    }
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      held_back_until_ = {};
      break;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      hopeless_ = absl::InvalidArgumentError(absl::StrCat(
          "Kafka at ", brokers_, " does not let us in: ", InBrackets(reason),
          ": are sasl.mechanism, sasl.username and sasl.password right?", RemedyForScram(reason)));
      break;
    case RD_KAFKA_RESP_ERR__SSL:
      hopeless_ = absl::InvalidArgumentError(
          absl::StrCat("no TLS connection to Kafka at ", brokers_, ": ", InBrackets(reason),
                       ": are security.protocol and ssl.ca.location right?"));
      break;
    default:
      break;
  }
  trouble_ = InBrackets(reason);
}

std::string KafkaClient::Trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_.empty() ? "" : absl::StrCat(" (", trouble_, ")");
}

absl::Status KafkaClient::Hopeless() const {
  const std::lock_guard lock(mutex_);
  return hopeless_;
}

absl::Status KafkaClient::Fatal() const {
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t error =
      rd_kafka_fatal_error(handle_.get(), reason.data(), reason.size());
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return absl::AbortedError(
          absl::StrCat("Kafka at ", brokers_,
                       " has given our place to another replay of the same --exactly-once "
                       "name, which goes on where this one had committed last"));
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return absl::PermissionDeniedError(absl::StrCat(
          "Kafka at ", brokers_, ": ", reason.data(),
          ": ask for the right to write the topics (Write, or IdempotentWrite on the cluster)"));
    default:
      return absl::AbortedError(absl::StrCat("Kafka at ", brokers_, ": ", reason.data()));
  }
}

absl::Status KafkaClient::CouldNotReach(std::chrono::nanoseconds within) const {
  return absl::UnavailableError(absl::StrCat(
      "could not reach Kafka at ", brokers_, " within ", text::FormatDuration(within), Trouble(),
      ": is the broker running, and are host and port right? scripts/kafka start starts one"));
}

absl::Status KafkaClient::CheckWaiting(Patience& patience) const {
  if (absl::Status s = Hopeless(); !s.ok()) return s;
  if (absl::Status s = Fatal(); !s.ok()) return s;
  if (patience.IsStopRequested()) {
    return absl::CancelledError(absl::StrCat("stopped while connecting to Kafka at ", brokers_));
  }
  return patience.IsExhausted() ? CouldNotReach(patience.timeout()) : absl::OkStatus();
}

absl::Status KafkaClient::Connect(Patience& patience,
                                  const std::function<void(std::string_view)>& notice) {
  bool has_noticed = false;
  // The first answer of any broker names the controller.
  while (rd_kafka_controllerid(handle_.get(), kSliceMilliseconds) < 0) {
    if (absl::Status s = CheckWaiting(patience); !s.ok()) return s;
    if (!has_noticed && patience.Waited() >= kNoticeAfter && notice) {
      notice(absl::StrCat("Kafka at ", brokers_, " does not answer yet", Trouble(),
                          "; waiting up to ", text::FormatDuration(patience.timeout())));
      has_noticed = true;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<KafkaEvent> KafkaClient::Await(rd_kafka_queue_t* queue, Patience& patience) {
  while (true) {
    KafkaEvent event(rd_kafka_queue_poll(queue, kSliceMilliseconds));
    if (event != nullptr) return event;
    if (absl::Status s = CheckWaiting(patience); !s.ok()) {
      // Without any permission to write, a producer stops finally; the answer may name the topic.
      if (!Fatal().ok()) event.reset(rd_kafka_queue_poll(queue, kLastAnswerMilliseconds));
      if (event != nullptr) return event;
      return s;
    }
  }
}

}  // namespace groundhog::sinks
