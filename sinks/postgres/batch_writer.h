// Writes batches of rows into the table logs, each in a transaction of its own, with the replay's
// position where it has a name. When the connection breaks it connects again and sends the batch
// again, unless the server says that it was committed after all. So every batch is there once.
#ifndef GROUNDHOG_SINKS_POSTGRES_BATCH_WRITER_H_
#define GROUNDHOG_SINKS_POSTGRES_BATCH_WRITER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/patience.h"
#include "sinks/postgres/postgres_address.h"
#include "sinks/postgres/postgres_connection.h"
#include "sinks/postgres/row_batch.h"

namespace groundhog::sinks {

struct BatchWriterOptions {
  PostgresAddress address;
  std::string name;            // of --exactly-once; empty: no position is kept
  std::string epoch;           // see position_table.h
  std::uint64_t position = 0;  // committed so far
  // The longest time without progress.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  std::function<void(std::string)> notice;
  // Asked at least ten times a second while it waits; true ends the waiting.
  std::function<bool()> is_abandoned;
};

// Not thread-safe. Errors, after which nothing more is to be written: Unavailable: no progress for
// `timeout`. Cancelled: is_abandoned. Others: what the server says, see StatusOfSqlState. Aborted
// also: another run has taken the position, or it is not known whether a batch was committed.
class BatchWriter {
 public:
  // The connection has been prepared (PrepareSession).
  BatchWriter(std::unique_ptr<PostgresConnection> connection, BatchWriterOptions options);
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  // Sends what of the batch was not sent yet, in its transaction.
  absl::Status Send(RowBatch& batch);
  // Sends the rest and commits.
  absl::Status Commit(RowBatch& batch);

 private:
  using Step = absl::Status (BatchWriter::*)(RowBatch&);

  absl::Status Insist(RowBatch& batch, Step step);
  absl::Status Begin();
  absl::Status TrySend(RowBatch& batch);
  absl::Status TryCommit(RowBatch& batch);
  absl::StatusOr<bool> Recover(RowBatch& batch, absl::Status why);
  absl::StatusOr<bool> Settle(PostgresConnection& connection, const RowBatch& batch);
  absl::StatusOr<std::string> FateOfTransaction(PostgresConnection& connection);
  absl::Status Pause(std::chrono::nanoseconds length);
  absl::Status Wait();
  absl::Status GaveUp(const absl::Status& why) const;

  const BatchWriterOptions options_;
  std::unique_ptr<PostgresConnection> connection_;
  Patience patience_;
  std::uint64_t position_;
  bool is_in_transaction_ = false;
  bool is_in_doubt_ = false;  // COMMIT was sent and not answered
  bool is_resending_ = false;
  bool has_told_of_silence_ = false;
  std::uint64_t waiting_records_ = 0;
  std::string transaction_id_;
  int process_id_ = 0;  // the server's, of that transaction
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_BATCH_WRITER_H_
