#include "sinks/postgres/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "sinks/patience.h"
#include "sinks/postgres/postgres_error.h"

namespace groundhog::sinks {
namespace {

constexpr std::chrono::seconds kAttemptMax{10};

// For what the address does not say. A server whose machine has gone is noticed within 15 s.
constexpr std::array<std::array<const char*, 2>, 4> kDefaults = {{
    {"fallback_application_name", "groundhog-replay"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "2"},
}};

void IgnoreNotice(void* /*argument*/, const PGresult* /*result*/) {}

std::string Field(const PGresult& result, int field) {
  const char* const text = PQresultErrorField(&result, field);
  return text == nullptr ? "" : text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const PostgresAddress& address, Wait wait) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  const auto has = [&](std::string_view wanted) {
    return std::any_of(address.parameters.begin(), address.parameters.end(),
                       [&](const auto& parameter) { return parameter.first == wanted; });
  };
  for (const auto& [key, value] : address.parameters) {
    if (key == "client_encoding") continue;
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  for (const auto& [key, value] : kDefaults) {
    if (has(key)) continue;
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back("client_encoding");  // that of our texts
  values.push_back("UTF8");
  keys.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectStartParams(keys.data(), values.data(), 0));
  if (handle == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(std::move(handle), address.shown, std::move(wait)));
  if (absl::Status s = connection->Connect(); !s.ok()) return s;
  return connection;
}

absl::Status PostgresConnection::Connect() {
  PGconn* const handle = handle_.get();
  // The verbose form of errors, because only it has the SQLSTATE of a refusal.
  PQsetErrorVerbosity(handle, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(handle, IgnoreNotice, nullptr);
  Patience patience(kAttemptMax, nullptr);
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (PQstatus(handle) == CONNECTION_BAD) return WhyNotConnected();
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) return WhyNotConnected();
    struct pollfd wanted = {
        .fd = PQsocket(handle),
        .events = static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT),
        .revents = 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(Patience::kSlice.count()));
    if (ready > 0) {
      next = PQconnectPoll(handle);
      continue;
    }
    if (absl::Status s = wait_(); !s.ok()) return s;
    if (patience.IsExhausted()) {
      return absl::UnavailableError(absl::StrCat(shown_, " was not reached: it does not answer"));
    }
  }
  if (PQsetnonblocking(handle, 1) != 0) return Lost();
  return absl::OkStatus();
}

absl::Status PostgresConnection::WhyNotConnected() const {
  const std::string said = PQerrorMessage(handle_.get());
  const RefusedConnection refused = ParseRefusedConnection(said);
  if (!refused.sql_state.empty()) {
    const absl::Status status = StatusOfSqlState(refused.sql_state, refused.text);
    if (absl::IsPermissionDenied(status)) {
      return absl::PermissionDeniedError(
          absl::StrCat(shown_, " does not let us in: ", status.message(),
                       ": are user and password right? The password may also be in PGPASSWORD or "
                       "~/.pgpass"));
    }
    if (absl::IsNotFound(status)) {
      return absl::NotFoundError(
          absl::StrCat(shown_, ": ", status.message(), ": 'createdb' makes a database"));
    }
    return absl::Status(status.code(), absl::StrCat(shown_, ": ", status.message()));
  }
  if (PQconnectionNeedsPassword(handle_.get()) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(shown_,
                     " wants a password: put it in PGPASSWORD, in ~/.pgpass, or after the "
                     "user in the address"));
  }
  // The last line with a reason; those after it, indented, ask whether the server is running.
  std::string reason;
  for (std::size_t at = 0; at < said.size();) {
    const std::string line = FirstLine(std::string_view(said).substr(at));
    if (!line.empty() && line.front() != '\t' && line.front() != ' ') reason = line;
    at += line.size() + 1;
  }
  return absl::UnavailableError(absl::StrCat(shown_, " was not reached: ", reason));
}

std::string PostgresConnection::Parameter(const char* name) const {
  const char* const value = PQparameterStatus(handle_.get(), name);
  return value == nullptr ? "" : value;
}

// Waits once, for a slice at most.
absl::Status PostgresConnection::WaitFor(int events) {
  struct pollfd wanted = {
      .fd = PQsocket(handle_.get()), .events = static_cast<short>(events), .revents = 0};
  const int ready = ::poll(&wanted, 1, static_cast<int>(Patience::kSlice.count()));
  if (ready > 0) return absl::OkStatus();
  if (ready < 0 && errno != EINTR) {
    is_lost_ = true;
    return absl::UnavailableError(absl::StrCat(shown_, ": ", std::strerror(errno)));
  }
  absl::Status status = wait_();
  if (!status.ok()) is_lost_ = true;
  return status;
}

absl::Status PostgresConnection::Lost() {
  is_lost_ = true;
  const std::string said = FirstLine(PQerrorMessage(handle_.get()));
  const RefusedConnection refused = ParseRefusedConnection(said);
  return absl::UnavailableError(absl::StrCat(shown_, ": ",
                                             !refused.text.empty() ? refused.text
                                             : said.empty() ? std::string("the connection broke")
                                                            : said));
}

absl::Status PostgresConnection::FlushOut() {
  while (true) {
    const int left = PQflush(handle_.get());
    if (left == 0) return absl::OkStatus();
    if (left < 0) return Lost();
    // The server may want to be read before it reads on.
    if (absl::Status s = WaitFor(POLLIN | POLLOUT); !s.ok()) return s;
    if (PQconsumeInput(handle_.get()) == 0) return Lost();
  }
}

absl::StatusOr<PostgresConnection::Result> PostgresConnection::NextResult() {
  if (absl::Status s = FlushOut(); !s.ok()) return s;
  while (PQisBusy(handle_.get()) != 0) {
    if (absl::Status s = WaitFor(POLLIN); !s.ok()) return s;
    if (PQconsumeInput(handle_.get()) == 0) return Lost();
  }
  return Result(PQgetResult(handle_.get()));
}

absl::Status PostgresConnection::ErrorOf(const PGresult& result) {
  const std::string state = Field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) return Lost();
  const absl::Status status = StatusOfSqlState(state, Field(result, PG_DIAG_MESSAGE_PRIMARY));
  return {status.code(), absl::StrCat(shown_, ": ", status.message())};
}

absl::StatusOr<PostgresRows> PostgresConnection::Run(const std::string& sql,
                                                     const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  const int sent = values.empty() ? PQsendQuery(handle_.get(), sql.c_str())
                                  : PQsendQueryParams(handle_.get(), sql.c_str(),
                                                      static_cast<int>(values.size()), nullptr,
                                                      pointers.data(), nullptr, nullptr, 0);
  if (sent == 0) return Lost();
  PostgresRows found;
  absl::Status error;
  while (true) {
    absl::StatusOr<Result> result = NextResult();
    if (!result.ok()) return result.status();
    const PGresult* const given = result->get();
    if (given == nullptr) break;
    const ExecStatusType kind = PQresultStatus(given);
    if (kind == PGRES_FATAL_ERROR || kind == PGRES_BAD_RESPONSE) {
      if (error.ok()) error = ErrorOf(*given);
      continue;
    }
    found = {.tag = PQcmdStatus(result->get())};
    const std::string_view changed = PQcmdTuples(result->get());
    std::from_chars(changed.data(), changed.data() + changed.size(), found.changed);
    for (int row = 0; row < PQntuples(given); ++row) {
      auto& texts = found.rows.emplace_back();
      for (int column = 0; column < PQnfields(given); ++column) {
        const bool is_null = PQgetisnull(given, row, column) != 0;
        texts.push_back(is_null ? std::nullopt
                                : std::optional<std::string>(PQgetvalue(given, row, column)));
      }
    }
  }
  if (!error.ok()) return error;
  if (is_lost()) return Lost();
  return found;
}

absl::StatusOr<std::string> PostgresConnection::BeginCopy(const std::string& sql) {
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0) return Lost();
  std::string value;
  absl::Status error;
  while (true) {
    absl::StatusOr<Result> result = NextResult();
    if (!result.ok()) return result.status();
    const PGresult* const given = result->get();
    if (given == nullptr) break;
    const ExecStatusType kind = PQresultStatus(given);
    if (kind == PGRES_COPY_IN) return value;
    if (kind == PGRES_TUPLES_OK && value.empty() && PQntuples(given) == 1) {
      value = PQgetvalue(given, 0, 0);
    }
    if (kind == PGRES_FATAL_ERROR && error.ok()) error = ErrorOf(*given);
  }
  return error.ok() ? Lost() : error;
}

absl::Status PostgresConnection::Send(std::string_view bytes) {
  if (bytes.empty()) return absl::OkStatus();
  while (true) {
    const int taken = PQputCopyData(handle_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (taken < 0) return Lost();
    if (taken > 0) return FlushOut();
    if (absl::Status s = WaitFor(POLLOUT); !s.ok()) return s;
  }
}

absl::Status PostgresConnection::EndCopy() {
  while (true) {
    const int taken = PQputCopyEnd(handle_.get(), nullptr);
    if (taken < 0) return Lost();
    if (taken > 0) break;
    if (absl::Status s = WaitFor(POLLOUT); !s.ok()) return s;
  }
  absl::Status error;
  while (true) {
    absl::StatusOr<Result> result = NextResult();
    if (!result.ok()) return result.status();
    if (*result == nullptr) break;
    if (PQresultStatus(result->get()) == PGRES_FATAL_ERROR && error.ok()) error = ErrorOf(**result);
  }
  if (error.ok() && is_lost()) return Lost();
  return error;
}

}  // namespace groundhog::sinks
