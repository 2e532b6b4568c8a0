// A connection to PostgreSQL that never waits for longer than it is allowed to: libpq without its
// blocking calls, and with statuses for its errors.
#ifndef GROUNDHOG_SINKS_POSTGRES_POSTGRES_CONNECTION_H_
#define GROUNDHOG_SINKS_POSTGRES_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/postgres/postgres_address.h"

namespace groundhog::sinks {

// What a statement gave: rows of texts (null: nullopt), and how many rows it changed.
struct PostgresRows {
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::uint64_t changed = 0;
  std::string tag;  // "INSERT 0 1", "COMMIT"
};

// Not thread-safe; may be handed from one thread to another. Every call returns the errors of
// StatusOfSqlState, whose messages begin with the address as shown, and those of `wait`. After an
// error of `wait`, and where is_lost(), nothing more can be done with it.
class PostgresConnection {
 public:
  // Called at least ten times a second during each wait; an error ends the waiting.
  using Wait = std::function<absl::Status()>;

  // One attempt, of 10 s at most. Unavailable: the server was not reached.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const PostgresAddress& address,
                                                                  Wait wait);

  // From now on the waits ask another.
  void set_wait(Wait wait) { wait_ = std::move(wait); }

  // One statement, with $1, $2 ... for the values; without values also several, of which what the
  // last one gave is returned. `query`: with one row of one value at most.
  absl::StatusOr<PostgresRows> Run(const std::string& sql,
                                   const std::vector<std::string>& values = {});

  // Several statements, of which the last begins a COPY FROM STDIN. Returns the first value that
  // one of those before it gave.
  absl::StatusOr<std::string> BeginCopy(const std::string& sql);
  // Returns when the system has taken the bytes. An error of the server comes with EndCopy only.
  absl::Status Send(std::string_view bytes);
  absl::Status EndCopy();

  bool is_lost() const { return is_lost_ || PQstatus(handle_.get()) != CONNECTION_OK; }
  int process_id() const { return PQbackendPID(handle_.get()); }
  int server_version() const { return PQserverVersion(handle_.get()); }
  // Of a parameter that the server reports, such as server_encoding; empty: it does not.
  std::string Parameter(const char* name) const;
  std::string user() const { return PQuser(handle_.get()); }

 private:
  struct Closer {
    void operator()(PGconn* handle) const { PQfinish(handle); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Handle = std::unique_ptr<PGconn, Closer>;
  using Result = std::unique_ptr<PGresult, Closer>;

  PostgresConnection(Handle handle, std::string shown, Wait wait)
      : handle_(std::move(handle)), shown_(std::move(shown)), wait_(std::move(wait)) {}

  absl::Status Connect();
  absl::Status WhyNotConnected() const;
  absl::Status WaitFor(int events);
  absl::Status FlushOut();
  absl::StatusOr<Result> NextResult();
  absl::Status ErrorOf(const PGresult& result);
  absl::Status Lost();

  Handle handle_;
  const std::string shown_;
  Wait wait_;
  bool is_lost_ = false;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSTGRES_CONNECTION_H_
