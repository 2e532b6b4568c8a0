#include "sinks/postgres/batch_writer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sinks/postgres/copy_row.h"
#include "sinks/postgres/position_table.h"
#include "sinks/postgres/postgres_tables.h"
#include "text/time_text.h"

namespace groundhog::sinks {
namespace {

constexpr std::chrono::seconds kTellAfter{2};
constexpr std::chrono::milliseconds kPauseFirst{50};
constexpr std::chrono::milliseconds kPauseMax{1000};

// The transaction's number is what the server is asked about, should the answer to COMMIT be lost.
std::string BeginSql() {
  std::string columns;
  for (const PostgresColumn& column : kLogColumns) {
    absl::StrAppend(&columns, columns.empty() ? "" : ", ", column.name);
  }
  return absl::StrCat("begin isolation level read committed; select txid_current(); copy logs (",
                      columns, ") from stdin (format binary)");
}

}  // namespace

BatchWriter::BatchWriter(std::unique_ptr<PostgresConnection> connection, BatchWriterOptions options)
    : options_(std::move(options)),
      connection_(std::move(connection)),
      patience_(options_.timeout, nullptr),
      position_(options_.position) {
  connection_->set_wait([this] { return Wait(); });
}

absl::Status BatchWriter::Send(RowBatch& batch) { return Insist(batch, &BatchWriter::TrySend); }

absl::Status BatchWriter::Commit(RowBatch& batch) {
  if (absl::Status s = Insist(batch, &BatchWriter::TryCommit); !s.ok()) return s;
  position_ = batch.end_position();
  is_in_transaction_ = false;
  is_in_doubt_ = false;
  is_resending_ = false;
  has_told_of_silence_ = false;
  return absl::OkStatus();
}

absl::Status BatchWriter::Insist(RowBatch& batch, Step step) {
  waiting_records_ = batch.records();
  // What was before, such as a pause of the player, is no silence of the server.
  if (!is_resending_) patience_.Restart();
  while (true) {
    const absl::Status status = (this->*step)(batch);
    if (absl::IsDeadlineExceeded(status)) return GaveUp(status);
    if (!absl::IsUnavailable(status)) return status;
    const absl::StatusOr<bool> is_committed = Recover(batch, status);
    if (!is_committed.ok()) return is_committed.status();
    if (*is_committed) return absl::OkStatus();
  }
}

absl::Status BatchWriter::Begin() {
  if (!is_resending_) patience_.Restart();
  const absl::StatusOr<std::string> id = connection_->BeginCopy(BeginSql());
  if (!id.ok()) return id.status();
  transaction_id_ = *id;
  process_id_ = connection_->process_id();
  is_in_transaction_ = true;
  return connection_->Send(CopyHeader());
}

absl::Status BatchWriter::TrySend(RowBatch& batch) {
  if (!is_in_transaction_) {
    if (absl::Status s = Begin(); !s.ok()) return s;
  }
  for (std::string_view rows = batch.NextUnsent(); !rows.empty(); rows = batch.NextUnsent()) {
    if (absl::Status s = connection_->Send(rows); !s.ok()) return s;
    batch.MarkSent();
    // A batch that is sent again and again is no progress.
    if (!is_resending_) patience_.Restart();
  }
  return absl::OkStatus();
}

absl::Status BatchWriter::TryCommit(RowBatch& batch) {
  if (absl::Status s = TrySend(batch); !s.ok()) return s;
  if (absl::Status s = connection_->Send(CopyTrailer()); !s.ok()) return s;
  if (absl::Status s = connection_->EndCopy(); !s.ok()) return s;
  if (!options_.name.empty()) {
    absl::Status s =
        SavePosition(*connection_, options_.name, options_.epoch, batch.end_position());
    if (!s.ok()) return s;
  }
  is_in_doubt_ = true;
  const absl::StatusOr<PostgresRows> answer = connection_->Run("commit");
  if (!answer.ok()) return answer.status();
  if (answer->tag == "COMMIT") return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(options_.address.shown,
                                         " has rolled the transaction back instead of ending it"));
}

// Connects again. True: the batch was committed; false: it is to be sent again.
absl::StatusOr<bool> BatchWriter::Recover(RowBatch& batch, absl::Status why) {
  if (!is_resending_) {
    patience_.Restart();
    options_.notice(absl::StrCat(why.message(), ": connecting again, for up to ",
                                 text::FormatDuration(options_.timeout), "; ", batch.records(),
                                 " rows are not committed and go again"));
  }
  has_told_of_silence_ = true;
  is_resending_ = true;
  is_in_transaction_ = false;
  connection_.reset();
  batch.MarkUnsent();
  for (std::chrono::nanoseconds pause = kPauseFirst;;
       pause = std::min<std::chrono::nanoseconds>(2 * pause, kPauseMax)) {
    if (absl::Status s = Pause(pause); !s.ok()) {
      return absl::IsDeadlineExceeded(s) ? GaveUp(why) : s;
    }
    absl::StatusOr<std::unique_ptr<PostgresConnection>> connection =
        PostgresConnection::Open(options_.address, [this] { return Wait(); });
    const absl::StatusOr<bool> is_committed =
        connection.ok() ? Settle(**connection, batch) : absl::StatusOr<bool>(connection.status());
    if (is_committed.ok()) {
      connection_ = *std::move(connection);
      is_in_doubt_ = false;
      options_.notice(absl::StrCat(options_.address.shown, " answers again"));
      return is_committed;
    }
    if (absl::IsDeadlineExceeded(is_committed.status())) return GaveUp(why);
    if (!absl::IsUnavailable(is_committed.status())) return is_committed.status();
    why = is_committed.status();
  }
}

// Whether the batch was committed though the answer was lost, and whether the position is ours.
absl::StatusOr<bool> BatchWriter::Settle(PostgresConnection& connection, const RowBatch& batch) {
  if (absl::Status s = PrepareSession(connection); !s.ok()) return s;
  std::string fate;
  if (is_in_doubt_) {
    absl::StatusOr<std::string> found = FateOfTransaction(connection);
    if (!found.ok()) return found.status();
    fate = *std::move(found);
  }
  if (options_.name.empty()) return fate == "committed";
  const absl::StatusOr<std::uint64_t> position =
      ReadPosition(connection, options_.name, options_.epoch);
  if (!position.ok()) return position.status();
  if (is_in_doubt_ && *position == batch.end_position()) return true;
  if (*position == position_) return false;
  return absl::AbortedError(
      absl::StrCat(options_.address.shown, " has position ", *position, " of --exactly-once ",
                   options_.name, ", and not ", position_,
                   ", which it had committed: another server, or an older state of it, "
                   "has taken over; the same command again goes on from there"));
}

// "committed" or "aborted", or, where a position decides, anything that says that it is over. Ends
// the transaction where the server has not noticed yet that nobody is at its other end.
absl::StatusOr<std::string> BatchWriter::FateOfTransaction(PostgresConnection& connection) {
  const auto ended = connection.Run(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and "
      "backend_xid::text::bigint = $2::bigint % 4294967296",
      {absl::StrCat(process_id_), transaction_id_});
  if (!ended.ok()) return ended.status();
  while (true) {
    const auto found = connection.Run("select txid_status($1)", {transaction_id_});
    if (absl::IsUnavailable(found.status()) || connection.is_lost()) return found.status();
    const std::string fate =
        found.ok() && !found->rows.empty() ? found->rows.front().front().value_or("") : "";
    if (fate == "committed" || fate == "aborted") return fate;
    // After a crash a server may not know a number that it has given; then the position tells.
    if (fate != "in progress" && !options_.name.empty()) return fate;
    if (fate != "in progress") {
      return absl::AbortedError(
          absl::StrCat(options_.address.shown, " cannot tell whether it has committed the last ",
                       waiting_records_, " rows: is it another server than before?"));
    }
    if (absl::Status s = Pause(kPauseFirst); !s.ok()) return s;
  }
}

absl::Status BatchWriter::Pause(std::chrono::nanoseconds length) {
  while (length > std::chrono::nanoseconds(0)) {
    const auto slice = std::min<std::chrono::nanoseconds>(length, Patience::kSlice);
    std::this_thread::sleep_for(slice);
    length -= slice;
    if (absl::Status s = Wait(); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status BatchWriter::Wait() {
  if (options_.is_abandoned()) return absl::CancelledError("stopped");
  const std::chrono::nanoseconds waited = patience_.Waited();
  if (waited >= options_.timeout) {
    return absl::DeadlineExceededError(absl::StrCat(options_.address.shown, " does not answer"));
  }
  if (waited >= kTellAfter && !has_told_of_silence_) {
    has_told_of_silence_ = true;
    options_.notice(absl::StrCat(options_.address.shown, " does not answer; ", waiting_records_,
                                 " rows wait, up to ", text::FormatDuration(options_.timeout)));
  }
  return absl::OkStatus();
}

absl::Status BatchWriter::GaveUp(const absl::Status& why) const {
  if (is_in_doubt_) {
    return absl::UnavailableError(absl::StrCat(
        why.message(), ": it is not known whether the last ", waiting_records_,
        " rows were committed, as the answer did not come within ",
        text::FormatDuration(options_.timeout),
        options_.name.empty() ? "" : "; the same command again finds out and goes on from there"));
  }
  return absl::UnavailableError(
      absl::StrCat(why.message(), ": nothing was committed for ",
                   text::FormatDuration(options_.timeout), ", while ", waiting_records_,
                   " rows wait: is the server still running? --timeout sets how long to wait"));
}

}  // namespace groundhog::sinks
