#include "sinks/postgres/postgres_sink.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/postgres/position_table.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{128} << 10;
// How long rows may stay here before Poll hands them over.
constexpr std::chrono::milliseconds kChunkAge{20};
constexpr std::chrono::seconds kTellAfter{2};

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> PostgresSink::Make(const PostgresOptions& postgres,
                                                         const SinkOptions& options,
                                                         const traces::Catalogue& catalogue) {
  absl::StatusOr<PostgresAddress> address = ParsePostgresAddress(postgres.address);
  if (!address.ok()) return address.status();
  return std::unique_ptr<Sink>(new PostgresSink(postgres, options, *std::move(address), catalogue));
}

PostgresSink::PostgresSink(const PostgresOptions& postgres, SinkOptions options,
                           PostgresAddress address, const traces::Catalogue& catalogue)
    : postgres_(postgres),
      options_(std::move(options)),
      address_(std::move(address)),
      encoder_(catalogue),
      patience_(options_.timeout, options_.stop_requested) {}

PostgresSink::~PostgresSink() { (void)Close(); }

absl::Status PostgresSink::Open() {
  patience_.Restart();
  absl::StatusOr<std::unique_ptr<PostgresConnection>> connection = Connect();
  if (!connection.ok()) return connection.status();
  patience_.Restart();
  BatchWriterOptions writer = {
      .address = address_, .name = options_.exactly_once, .timeout = options_.timeout};
  if (absl::Status s = Prepare(**connection, writer); !s.ok()) {
    if (absl::IsDeadlineExceeded(s)) {
      return absl::UnavailableError(absl::StrCat(
          address_.shown, " did not answer for ", text::FormatDuration(options_.timeout),
          ": does somebody hold a lock on the tables? --timeout sets how long to wait"));
    }
    // Those of the checks do not say where.
    if (absl::IsCancelled(s) || s.message().find(address_.shown) != std::string::npos) return s;
    return {s.code(), absl::StrCat(address_.shown, ": ", s.message())};
  }
  loader_ =
      std::make_unique<PostgresLoader>(*std::move(connection), std::move(writer), options_.commit);
  return absl::OkStatus();
}

// Tries until the timeout, as a server that is started together with us may not listen yet.
absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresSink::Connect() {
  while (true) {
    absl::StatusOr<std::unique_ptr<PostgresConnection>> connection =
        PostgresConnection::Open(address_, [this] { return WaitWhileOpening(); });
    const absl::Status& status = connection.status();
    if (status.ok()) return connection;
    if (absl::IsDeadlineExceeded(status) ||
        (absl::IsUnavailable(status) && patience_.IsExhausted())) {
      return absl::UnavailableError(
          absl::StrCat(status.message(), " (tried for ", text::FormatDuration(options_.timeout),
                       "): is the server running, and the address right? --timeout sets how long "
                       "to wait"));
    }
    if (!absl::IsUnavailable(status)) return status;
    if (patience_.Waited() >= kTellAfter && !has_told_of_waiting_) {
      has_told_of_waiting_ = true;
      Notice(absl::StrCat(status.message(), "; trying again, for up to ",
                          text::FormatDuration(options_.timeout)));
    }
    if (absl::Status s = WaitWhileOpening(); absl::IsCancelled(s)) return s;
    std::this_thread::sleep_for(
        std::min<std::chrono::nanoseconds>(Patience::kSlice, options_.timeout));
  }
}

absl::Status PostgresSink::WaitWhileOpening() {
  if (patience_.IsStopRequested()) {
    return absl::CancelledError(absl::StrCat("stopped while waiting for ", address_.shown));
  }
  return patience_.IsExhausted()
             ? absl::DeadlineExceededError(absl::StrCat(address_.shown, " does not answer"))
             : absl::OkStatus();
}

absl::Status PostgresSink::Prepare(PostgresConnection& connection, BatchWriterOptions& options) {
  if (absl::Status s = PrepareSession(connection); !s.ok()) return s;
  if (postgres_.creates) {
    if (absl::Status s = CreatePostgresTables(connection); !s.ok()) return s;
  }
  const absl::StatusOr<EarlierRows> rows =
      CheckPostgresTables(connection, !options_.exactly_once.empty());
  if (!rows.ok()) return rows.status();
  if (!options_.exactly_once.empty()) return TakeName(connection, *rows, options);
  TellOfRows(*rows);
  return absl::OkStatus();
}

absl::Status PostgresSink::TakeName(PostgresConnection& connection, EarlierRows rows,
                                    BatchWriterOptions& options) {
  const SavedPosition beginning = {.position = 0,
                                   .anchor_unix_nanoseconds = options_.anchor_unix_nanoseconds,
                                   .identity = options_.identity};
  absl::StatusOr<TakenPosition> taken =
      TakePosition(connection, options_.exactly_once, beginning, options_.is_reset);
  if (!taken.ok()) return taken.status();
  options.epoch = taken->epoch;
  options.position = taken->saved.position;
  if (taken->is_new) {
    TellOfRows(rows);
    return absl::OkStatus();
  }
  if (taken->saved.position > 0 && rows == EarlierRows::kNone) {
    Notice(absl::StrCat("table logs is empty, though --exactly-once ", options_.exactly_once,
                        " has committed all up to position ", taken->saved.position,
                        ": its rows were taken out since (--reset begins anew)"));
  }
  resumed_ = std::move(taken->saved);
  return absl::OkStatus();
}

// Who expects that only this replay's rows are there must learn otherwise.
void PostgresSink::TellOfRows(EarlierRows rows) const {
  if (rows != EarlierRows::kSome) return;
  const bool is_unknown_name = !options_.exactly_once.empty() && !options_.is_reset;
  Notice(absl::StrCat(address_.shown, ": table logs has rows already",
                      is_unknown_name
                          ? absl::StrCat(", and there is no position of --exactly-once ",
                                         options_.exactly_once, ": beginning anew")
                          : std::string("; those of this replay are added to them")));
}

bool PostgresSink::IsChunkFull() const {
  return chunk_.rows.size() >= kChunkBytes ||
         chunk_.arrivals.size() >= options_.commit.records.value_or(~0ULL);
}

absl::Status PostgresSink::Write(const Delivery& delivery) {
  if (loader_ == nullptr) return absl::FailedPreconditionError("the sink is not open");
  if (loader_->has_failed()) return Failure();
  if (IsChunkFull()) {
    if (absl::Status s = HandOver(); !s.ok()) return s;
  }
  encoder_.Append(delivery, &chunk_.rows);
  chunk_.arrivals.push_back(clock_.Now());
  chunk_.end_position = delivery.position + 1;
  ++records_sent_;
  bytes_ += delivery.line.size();
  return absl::OkStatus();
}

// Waits for room. The loader itself gives up when the server takes nothing for too long.
absl::Status PostgresSink::HandOver() {
  if (chunk_.is_empty()) return absl::OkStatus();
  const std::size_t bytes = chunk_.rows.size();
  const std::size_t records = chunk_.arrivals.size();
  while (!loader_->Offer(chunk_)) {
    PassNotices();
    if (loader_->has_failed()) return Failure();
    if (patience_.IsStopRequested()) {
      return absl::CancelledError(absl::StrCat("stopped while waiting for ", address_.shown));
    }
    loader_->WaitForChange();
  }
  PassNotices();
  // The next one will be about as large.
  chunk_.rows.reserve(bytes + bytes / 8);
  chunk_.arrivals.reserve(records + records / 8);
  return absl::OkStatus();
}

absl::Status PostgresSink::Poll() {
  if (loader_ == nullptr) return absl::OkStatus();
  PassNotices();
  if (loader_->has_failed()) return Failure();
  if (!chunk_.is_empty() && clock_.Now() - chunk_.arrivals.front() >= kChunkAge) {
    (void)loader_->Offer(chunk_);
  }
  return absl::OkStatus();
}

absl::Status PostgresSink::Flush() {
  if (loader_ == nullptr) return absl::OkStatus();
  Patience grace = patience_.WithTimeout(options_.timeout);
  while (true) {
    PassNotices();
    if (loader_->has_failed()) return Failure();
    if (chunk_.is_empty() || loader_->Offer(chunk_)) loader_->RequestCommit();
    if (chunk_.is_empty() && loader_->records_committed() == records_sent_) return absl::OkStatus();
    if (!patience_.IsStopRequested()) {
      grace.Restart();
    } else if (grace.IsGraceOver()) {
      return absl::CancelledError(
          absl::StrCat("stopped with ", records_sent_ - loader_->records_committed(), " rows that ",
                       address_.shown, " has not committed"));
    }
    loader_->WaitForChange();
  }
}

absl::Status PostgresSink::Failure() {
  PassNotices();
  return loader_->failure();
}

absl::Status PostgresSink::Close() {
  if (is_closed_) return absl::OkStatus();
  is_closed_ = true;
  if (loader_ == nullptr) return absl::OkStatus();
  loader_->Stop();
  PassNotices();
  return absl::OkStatus();
}

std::uint64_t PostgresSink::AcknowledgedPosition() {
  return loader_ == nullptr ? 0 : loader_->position_committed();
}

Counts PostgresSink::counts() const {
  Counts counts = {.messages_sent = records_sent_, .bytes = bytes_};
  if (loader_ == nullptr) return counts;
  counts.messages_acknowledged = loader_->records_committed();
  if (is_closed_ || loader_->has_failed()) {
    counts.messages_failed = counts.messages_sent - counts.messages_acknowledged;
  }
  return counts;
}

const Histogram& PostgresSink::acknowledgement_delays() const {
  if (loader_ != nullptr) delays_ = loader_->delays();
  return delays_;
}

void PostgresSink::PassNotices() {
  for (const std::string& line : loader_->TakeNotices()) Notice(line);
}

void PostgresSink::Notice(const std::string& line) const {
  if (options_.notice) options_.notice(line);
}

}  // namespace groundhog::sinks
