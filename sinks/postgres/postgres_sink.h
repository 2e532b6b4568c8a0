// postgres://...: each record as a row of the table logs, by COPY in transactions.
//
// A row counts as acknowledged when its transaction is committed, which is at the latest `commit`
// after it was taken; until then nobody else sees it. With exactly_once the same transaction has
// the position after its last row, so that the next run of that name goes on exactly there, however
// this one ended. Where the server goes away and comes back within `timeout`, what was not
// committed is sent again, also without exactly_once; where the answer to a COMMIT is lost, the
// server is asked whether it was carried out.
//
// Jumps backwards and runs that begin anew add their rows to those that are there.
#ifndef GROUNDHOG_SINKS_POSTGRES_POSTGRES_SINK_H_
#define GROUNDHOG_SINKS_POSTGRES_POSTGRES_SINK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/histogram.h"
#include "sinks/patience.h"
#include "sinks/postgres/copy_row.h"
#include "sinks/postgres/postgres_address.h"
#include "sinks/postgres/postgres_loader.h"
#include "sinks/postgres/postgres_tables.h"
#include "sinks/rough_clock.h"
#include "sinks/sink.h"
#include "sinks/sink_options.h"

namespace groundhog::sinks {

struct PostgresOptions {
  std::string address;   // see postgres_address.h
  bool creates = false;  // tables and views, where they are missing
};

// Errors besides those of Sink, with the address in each message, but never a password.
// From Open: PermissionDenied, NotFound, FailedPrecondition: see CheckPostgresTables and
// TakePosition. Later: those of BatchWriter.
class PostgresSink : public Sink {
 public:
  // InvalidArgument: the address is wrong. Does not connect.
  static absl::StatusOr<std::unique_ptr<Sink>> Make(const PostgresOptions& postgres,
                                                    const SinkOptions& options,
                                                    const traces::Catalogue& catalogue);
  ~PostgresSink() override;

  absl::Status Open() override;
  absl::Status Write(const Delivery& delivery) override;
  absl::Status Poll() override;
  absl::Status Flush() override;
  absl::Status Close() override;
  std::optional<SavedPosition> resumed() const override { return resumed_; }
  std::uint64_t AcknowledgedPosition() override;
  Counts counts() const override;
  const Histogram& acknowledgement_delays() const override;
  std::string Describe() const override { return address_.shown; }

 private:
  PostgresSink(const PostgresOptions& postgres, SinkOptions options, PostgresAddress address,
               const traces::Catalogue& catalogue);

  absl::StatusOr<std::unique_ptr<PostgresConnection>> Connect();
  absl::Status WaitWhileOpening();
  absl::Status Prepare(PostgresConnection& connection, BatchWriterOptions& options);
  absl::Status TakeName(PostgresConnection& connection, EarlierRows rows,
                        BatchWriterOptions& options);
  void TellOfRows(EarlierRows rows) const;
  absl::Status HandOver();
  absl::Status Failure();
  bool IsChunkFull() const;
  void PassNotices();
  void Notice(const std::string& line) const;

  const PostgresOptions postgres_;
  const SinkOptions options_;
  const PostgresAddress address_;
  const RowEncoder encoder_;
  Patience patience_;
  std::unique_ptr<PostgresLoader> loader_;  // null: not open
  bool is_closed_ = false;
  bool has_told_of_waiting_ = false;
  std::optional<SavedPosition> resumed_;
  RowChunk chunk_;
  RoughClock clock_;
  std::uint64_t records_sent_ = 0;
  std::uint64_t bytes_ = 0;
  mutable Histogram delays_;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSTGRES_SINK_H_
