#include "sinks/kafka/kafka_sink.h"

#include <algorithm>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/kafka/earlier_messages.h"
#include "sinks/kafka/kafka_config.h"
#include "sinks/kafka/kafka_timestamp.h"
#include "sinks/kafka/message_headers.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr std::chrono::milliseconds kWaitStep{1};
// The number of messages between two checks for reports; a check costs less than a message.
constexpr int kServeEvery = 64;
// The time between two checks of outstanding messages: at first about one round trip.
constexpr std::chrono::milliseconds kFlushFirst{1};
constexpr std::chrono::milliseconds kFlushMax{20};
constexpr std::chrono::seconds kAwayNoticeAfter{2};
// How long to wait, after giving up, for answers to messages on the wire.
constexpr std::chrono::seconds kLastAnswers{1};

absl::Status CannotContinue(const std::string& what, const absl::Status& why) {
  return absl::FailedPreconditionError(
      absl::StrCat(what, " cannot go on: ", why.message(),
                   ": use the same options and trace, another name, or --reset to begin anew"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> KafkaSink::Make(const KafkaOptions& kafka,
                                                      const SinkOptions& options,
                                                      const traces::Catalogue& catalogue) {
  absl::StatusOr<KafkaAddress> address = ParseKafkaAddress(kafka.address);
  if (!address.ok()) return address.status();
  if (address->is_embedded && !options.exactly_once.empty()) {
    return absl::InvalidArgumentError(
        "--exactly-once needs a Kafka that keeps transactions; the embedded one forgets them and "
        "dies with the process: scripts/kafka start starts a real one");
  }
  if (kafka.headers.has_trace_digest && options.trace_digest.empty()) {
    return absl::InvalidArgumentError(
        "--headers trace_digest needs a complete trace in a file, whose digest is known");
  }
  absl::StatusOr<Routes> routes = MakeRoutes(kafka, catalogue);
  if (!routes.ok()) return routes.status();
  const std::string id = TransactionalId(options.exactly_once, kafka.topic);
  absl::StatusOr<KafkaConfig> config = MakeKafkaConfig(kafka.properties, id);
  if (!config.ok()) return config.status();
  const std::chrono::milliseconds timeout = TransactionTimeoutOf(*config);
  if (!id.empty() && options.commit.time > timeout / 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("--commit-interval ", text::FormatDuration(options.commit.time),
                     " is too long: the brokers end a ",
                     "transaction that is open for -X transaction.timeout.ms (",
                     text::FormatDuration(timeout), "); commit after at most half of that"));
  }
  return std::unique_ptr<Sink>(new KafkaSink(kafka, options, *std::move(address),
                                             *std::move(routes), *std::move(config), catalogue));
}

KafkaSink::KafkaSink(KafkaOptions kafka, SinkOptions options, KafkaAddress address, Routes routes,
                     KafkaConfig config, const traces::Catalogue& catalogue)
    : kafka_(std::move(kafka)),
      options_(std::move(options)),
      address_(std::move(address)),
      routes_(std::move(routes)),
      catalogue_(catalogue),
      config_(std::move(config)),
      batch_bytes_(BatchBytesOf(config_)),
      patience_(options_.timeout, options_.stop_requested),
      transaction_timeout_(TransactionTimeoutOf(config_)),
      transaction_age_(options_.commit.time, nullptr) {}

KafkaSink::~KafkaSink() { (void)Close(); }

absl::Status KafkaSink::Open() {
  if (absl::Status s = OpenCluster(); !s.ok()) return s;
  for (const std::string& topic : routes_.topics()) {
    topics_.emplace_back(rd_kafka_topic_new(client_->handle(), topic.c_str(), nullptr));
  }
  absl::Status ready;
  if (!options_.exactly_once.empty()) {
    ready = OpenTransactions();
  } else if (!address_.is_embedded) {
    ready = WarnIfTopicsHaveMessages(*client_, topics_, patience_, options_);
  }
  if (!ready.ok()) return ready;
  patience_.Restart();
  is_open_ = true;
  return absl::OkStatus();
}

absl::Status KafkaSink::OpenCluster() {
  std::string brokers = address_.brokers;
  if (address_.is_embedded) {
    absl::StatusOr<std::unique_ptr<EmbeddedKafka>> embedded =
        EmbeddedKafka::Start(routes_.topics(), kafka_.partitions);
    if (!embedded.ok()) return embedded.status();
    embedded_ = *std::move(embedded);
    brokers = embedded_->inner_address();
  }
  if (absl::Status s = MakeClient(std::move(config_), std::move(brokers)); !s.ok()) return s;
  if (address_.is_embedded) {
    Notice(absl::StrCat("embedded Kafka at ", embedded_->address()));
    Notice(
        "it speaks Kafka 2.3's protocol: a client that knows only newer ones, such as "
        "@platformatic/kafka, gets nothing from it");
    return absl::OkStatus();
  }
  patience_.Restart();
  if (absl::Status s = client_->Connect(patience_, options_.notice); !s.ok()) return s;
  patience_.Restart();
  auto settings =
      PrepareTopics(*client_, routes_.topics(), kafka_.partitions, patience_, options_.notice);
  if (!settings.ok()) return settings.status();
  topic_settings_ = *std::move(settings);
  return FitBatches();
}

absl::Status KafkaSink::MakeClient(KafkaConfig config, std::string brokers) {
  absl::StatusOr<std::unique_ptr<KafkaClient>> client = KafkaClient::CreateProducer(
      std::move(config), std::move(brokers),
      {.acknowledged = [this](std::span<void* const> tickets) { ledger_.Acknowledge(tickets); },
       .failed = [this](const rd_kafka_message_t& message) { ledger_.Fail(message); },
       .statistics = kafka_.statistics});
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  return absl::OkStatus();
}

// Brokers hold a whole batch against a topic's max.message.bytes. What it is we know only now, and
// a client's batch size is settled when it is made: so another client takes over, where the batches
// of this one would be refused. A batch.size of the user's stays.
absl::Status KafkaSink::FitBatches() {
  const std::optional<std::int64_t> most = LeastBatchMax(topic_settings_);
  if (!most || *most >= batch_bytes_) return absl::OkStatus();
  std::vector<std::string> properties = {
      absl::StrCat("batch.size=", std::max<std::int64_t>(*most, 1))};
  properties.insert(properties.end(), kafka_.properties.begin(), kafka_.properties.end());
  absl::StatusOr<KafkaConfig> config =
      MakeKafkaConfig(properties, TransactionalId(options_.exactly_once, kafka_.topic));
  if (!config.ok()) return config.status();
  if (BatchBytesOf(*config) == batch_bytes_) return absl::OkStatus();
  const std::string brokers = client_->brokers();
  client_.reset();
  if (absl::Status s = MakeClient(*std::move(config), brokers); !s.ok()) return s;
  patience_.Restart();
  return client_->Connect(patience_, options_.notice);
}

// Takes over, and settles where to go on. A replay that begins commits its beginning at once: so a
// missing right is known now, and options are held against it from its first record.
absl::Status KafkaSink::OpenTransactions() {
  transactions_ = std::make_unique<KafkaTransactions>(
      *client_, TransactionalId(options_.exactly_once, kafka_.topic), routes_.topics().front());
  if (absl::Status s = transactions_->Init(patience_, options_.notice); !s.ok()) return s;
  absl::StatusOr<std::optional<SavedPosition>> saved =
      transactions_->Read(kafka_.properties, patience_, options_.notice);
  if (!saved.ok() && !(options_.is_reset && absl::IsFailedPrecondition(saved.status()))) {
    return saved.status();
  }
  if (saved.ok() && *saved && !options_.is_reset) {
    if (absl::Status s = options_.identity.CheckContinues((*saved)->identity); !s.ok()) {
      return CannotContinue(absl::StrCat("--exactly-once ", options_.exactly_once), s);
    }
    position_ = **saved;
    resumed_ = *std::move(saved);
    return absl::OkStatus();
  }
  if (!options_.is_reset) {
    // A user who expects it to continue must learn that it starts from the beginning.
    const absl::Status told = TellOfEarlierMessages(
        *client_, topics_, patience_, options_,
        absl::StrCat(", and Kafka knows of no position of --exactly-once ", options_.exactly_once,
                     " (it forgets them after offsets.retention.minutes): beginning anew"));
    if (!told.ok()) return told;
  }
  position_ = {.position = 0,
               .anchor_unix_nanoseconds = options_.anchor_unix_nanoseconds,
               .identity = options_.identity};
  if (absl::Status s = transactions_->Begin(); !s.ok()) return s;
  return transactions_->Commit(position_, patience_);
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
  if (!is_open_) return absl::FailedPreconditionError("the sink is not open");
  if (!failure_.ok() || ledger_.has_failures()) return CheckProgress();
  if (!has_written_) WarnAboutTopics(delivery.timestamp_unix_milliseconds);
  has_written_ = true;
  if (delivery.timestamp_unix_milliseconds == 0 && !has_told_of_zero_) {
    Notice(
        "records dated 1970-01-01T00:00:00.000Z get that time and 1 ms in Kafka (not in their "
        "text): its client library takes 0 for the present time");
    has_told_of_zero_ = true;
  }
  if (transactions_ != nullptr) {
    if (absl::Status s = BeginTransaction(); !s.ok()) return s;
  }
  bool is_copy = false;
  for (const std::uint32_t topic : routes_.TopicsOf(delivery.record)) {
    absl::Status s = Produce(topics_[topic].get(), delivery, is_copy);
    if (is_copy && absl::IsCancelled(s)) {
      // The record is on its way, so its copy is lost. Half a record must not be committed, as the
      // position is before it.
      ledger_.AddGivenUp(delivery.line.size());
      if (transactions_ != nullptr) return GiveUp(s);
    }
    if (!s.ok()) return s;
    is_copy = true;
  }
  position_.position = delivery.position + 1;
  ledger_.EndRecord(position_.position);
  return transactions_ == nullptr ? absl::OkStatus() : CommitWhenDue();
}

rd_kafka_resp_err_t KafkaSink::TryProduce(rd_kafka_topic_t* topic, const Delivery& delivery,
                                          bool is_copy) {
  const std::string_view key = KeyOf(kafka_.key, catalogue_, delivery.record, delivery.line);
  // librdkafka copies key and payload; its interface only lacks the const.
  void* const value = const_cast<char*>(delivery.line.data());
  if (!kafka_.headers.any()) {
    return rd_kafka_producev(
        client_->handle(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(value, delivery.line.size()),
        RD_KAFKA_V_TIMESTAMP(KafkaTimestamp(delivery.timestamp_unix_milliseconds)),
        RD_KAFKA_V_OPAQUE(ledger_.Ticket(is_copy)), RD_KAFKA_V_END);
  }
  KafkaHeaders headers = MakeHeaders(kafka_.headers, options_.trace_digest, catalogue_, delivery);
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client_->handle(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(value, delivery.line.size()),
      RD_KAFKA_V_TIMESTAMP(KafkaTimestamp(delivery.timestamp_unix_milliseconds)),
      RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_OPAQUE(ledger_.Ticket(is_copy)),
      RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) (void)headers.release();  // the message's now
  return error;
}

absl::Status KafkaSink::Produce(rd_kafka_topic_t* topic, const Delivery& delivery, bool is_copy) {
  // Nothing waited: the time without progress begins with this message.
  if (ledger_.outstanding() == 0) patience_.Restart();
  std::optional<Patience> grace;  // after a stop, for a record that is on its way already
  while (true) {
    const rd_kafka_resp_err_t error = TryProduce(topic, delivery, is_copy);
    switch (error) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        ledger_.AddSent(delivery.line.size());
        if (++messages_since_served_ >= kServeEvery) ServeReports(std::chrono::milliseconds(0));
        return absl::OkStatus();
      case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        if (absl::Status s = CheckProgress(); !s.ok()) return s;
        if (!grace) grace = patience_.WithTimeout(options_.timeout);
        if (!patience_.IsStopRequested()) {
          grace->Restart();
        } else if (!is_copy || grace->IsGraceOver()) {
          return absl::CancelledError(
              absl::StrCat("stopped while waiting for Kafka at ", client_->brokers()));
        }
        ServeReports(kWaitStep);
        break;
      case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        ledger_.AddGivenUp(delivery.line.size());
        return GiveUp(absl::AbortedError(
            absl::StrCat("record ", delivery.position, " has ", delivery.line.size(),
                         " bytes, more than the producer may send: raise -X message.max.bytes")));
      default:
        ledger_.AddGivenUp(delivery.line.size());
        return GiveUp(absl::AbortedError(absl::StrCat(
            "Kafka at ", client_->brokers(), " takes no message for topic ",
            rd_kafka_topic_name(topic), ": ", rd_kafka_err2str(error), RemedyFor(error))));
    }
  }
}

void KafkaSink::ServeReports(std::chrono::milliseconds wait) {
  messages_since_served_ = 0;
  client_->Serve(wait);
}

absl::Status KafkaSink::BeginTransaction() {
  if (transactions_->is_open()) return absl::OkStatus();
  if (absl::Status s = transactions_->Begin(); !s.ok()) return GiveUp(s);
  transaction_records_ = 0;
  transaction_age_.Restart();
  return absl::OkStatus();
}

absl::Status KafkaSink::CommitWhenDue() {
  ++transaction_records_;
  return transaction_records_ >= options_.commit.records.value_or(kCommitRecords)
             ? Commit()
             : absl::OkStatus();
}

absl::Status KafkaSink::Commit() {
  if (!transactions_->is_open()) return absl::OkStatus();
  if (absl::Status s = AwaitAll(); !s.ok()) return s;
  if (absl::Status s = transactions_->Commit(position_, patience_); !s.ok()) {
    return absl::IsCancelled(s) ? s : GiveUp(s);
  }
  patience_.Restart();
  committed_ = ledger_.counts();
  return absl::OkStatus();
}

absl::Status KafkaSink::Poll() {
  if (client_ == nullptr) return failure_;
  if (absl::Status s = CheckProgress(); !s.ok()) return s;
  const bool is_due =
      transactions_ != nullptr && transactions_->is_open() && transaction_age_.IsExhausted();
  return is_due ? Commit() : absl::OkStatus();
}

// Gives up when a message has failed, or nothing was acknowledged within the timeout.
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
  if (IsHeldBack(outstanding)) {
    patience_.Restart();
    return absl::OkStatus();
  }
  const std::chrono::nanoseconds waited = patience_.Waited();
  if (waited >= options_.timeout) {
    return GiveUp(absl::UnavailableError(absl::StrCat(
        "Kafka at ", client_->brokers(), " has acknowledged nothing for ",
        text::FormatDuration(options_.timeout), client_->Trouble(), ", while ", outstanding,
        " messages wait: is the broker still running? --timeout sets how long to wait")));
  }
  if (!is_away_ && waited >= kAwayNoticeAfter) {
    Notice(absl::StrCat("Kafka at ", client_->brokers(), " does not answer", client_->Trouble(),
                        "; ", outstanding, " messages wait, up to ",
                        text::FormatDuration(options_.timeout)));
    is_away_ = true;
  }
  return absl::OkStatus();
}

// A delay by a quota: the broker lives and has reported when it will answer next.
bool KafkaSink::IsHeldBack(std::uint64_t outstanding) {
  const std::chrono::nanoseconds left = client_->HeldBackFor();
  if (left <= std::chrono::nanoseconds(0)) return false;
  if (!has_told_of_quota_ && left >= kAwayNoticeAfter) {
    Notice(absl::StrCat("Kafka at ", client_->brokers(), " holds us back for ",
                        text::FormatDuration(std::chrono::ceil<std::chrono::seconds>(left)),
                        ", as a quota says (producer_byte_rate or request_percentage); ",
                        outstanding, " messages wait"));
    has_told_of_quota_ = true;
  }
  return true;
}

// `why` is OK when a message's report will say it.
absl::Status KafkaSink::GiveUp(absl::Status why) {
  const absl::Status in_time = CheckTransactionTime();
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE);
  WaitForReports(kLastAnswers);
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  WaitForReports(kLastAnswers);
  const absl::Status aborted = transactions_ != nullptr ? transactions_->Abort() : absl::OkStatus();
  // A failed message has the best reason; the second best is the producer's.
  if (!absl::IsUnavailable(why) && !absl::IsCancelled(why)) {
    if (why.ok()) why = aborted;
    if (absl::Status s = client_->Fatal(); !s.ok()) why = in_time.ok() ? s : in_time;
    if (absl::Status s = ledger_.FirstFailure(); !s.ok()) why = s;
  }
  failure_ = why.ok() ? absl::AbortedError("Kafka did not take a message") : why;
  return failure_;
}

// A producer gets the same error when the brokers have ended its transaction as when another
// producer has taken its place.
absl::Status KafkaSink::CheckTransactionTime() const {
  if (transactions_ == nullptr || !transactions_->is_open()) return absl::OkStatus();
  if (transactions_->age() < transaction_timeout_) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("Kafka at ", client_->brokers(),
                   " has ended our transaction, which was open for longer than ",
                   "-X transaction.timeout.ms (", text::FormatDuration(transaction_timeout_),
                   "): the same command again goes on where it was committed last"));
}

void KafkaSink::WaitForReports(std::chrono::nanoseconds at_most) {
  Patience patience(at_most, nullptr);
  while (ledger_.outstanding() > 0 && !patience.IsExhausted()) {
    std::this_thread::sleep_for(kWaitStep);
  }
}

absl::Status KafkaSink::Flush() {
  if (client_ == nullptr) return failure_;
  if (transactions_ != nullptr && failure_.ok()) return Commit();
  const absl::Status status = AwaitAll();
  if (embedded_ != nullptr) CountWhatIsForgotten();
  return status;
}

// The embedded cluster makes room by itself, after it has acknowledged.
void KafkaSink::CountWhatIsForgotten() {
  const absl::StatusOr<std::uint64_t> forgotten = CountForgotten(*client_, topics_, patience_);
  if (forgotten.ok()) forgotten_ = *forgotten;
}

absl::Status KafkaSink::AwaitAll() {
  Patience grace = patience_.WithTimeout(options_.timeout);
  for (std::chrono::milliseconds wait = kFlushFirst;; wait = std::min(2 * wait, kFlushMax)) {
    if (absl::Status s = CheckProgress(); !s.ok()) return s;
    const std::uint64_t outstanding = ledger_.outstanding();
    if (outstanding == 0) return ledger_.has_failures() ? CheckProgress() : absl::OkStatus();
    if (!patience_.IsStopRequested()) {
      grace.Restart();
    } else if (grace.IsGraceOver()) {
      return absl::CancelledError(absl::StrCat("stopped with ", outstanding,
                                               " messages that Kafka at ", client_->brokers(),
                                               " has not acknowledged", client_->Trouble()));
    }
    client_->Flush(wait);
  }
}

absl::Status KafkaSink::Close() {
  if (is_closed_) return absl::OkStatus();
  is_closed_ = true;
  if (client_ != nullptr && ledger_.outstanding() > 0 && failure_.ok()) {
    (void)GiveUp(absl::AbortedError("closed before all messages were acknowledged"));
  }
  if (transactions_ != nullptr) (void)transactions_->Abort();
  transactions_.reset();
  topics_.clear();
  client_.reset();
  if (embedded_ != nullptr && has_written_) {
    Patience linger(kafka_.linger, options_.stop_requested);
    while (!linger.IsExhausted() && !linger.IsStopRequested()) {
      std::this_thread::sleep_for(
          std::min<std::chrono::nanoseconds>(Patience::kSlice, kafka_.linger));
    }
  }
  embedded_.reset();
  return absl::OkStatus();
}

Counts KafkaSink::counts() const {
  Counts counts = ledger_.counts();
  counts.messages_forgotten = forgotten_;
  if (!options_.exactly_once.empty()) {
    counts.messages_acknowledged = committed_.messages_acknowledged;
    counts.copies_acknowledged = committed_.copies_acknowledged;
    const bool has_ended = is_closed_ || !failure_.ok();
    counts.messages_failed = has_ended ? counts.messages_sent - counts.messages_acknowledged : 0;
    return counts;
  }
  // No report will come for the remaining messages.
  if (!failure_.ok()) counts.messages_failed += ledger_.outstanding();
  return counts;
}

const Histogram& KafkaSink::acknowledgement_delays() const {
  delays_ = ledger_.Delays();
  return delays_;
}

std::string KafkaSink::Describe() const {
  return absl::StrCat("kafka://", address_.is_embedded ? "embedded" : address_.brokers, " ",
                      kafka_.topic);
}

void KafkaSink::Notice(const std::string& line) const {
  if (options_.notice) options_.notice(line);
}

}  // namespace groundhog::sinks
