// What PostgreSQL answers instead of doing what was asked, as a status that a caller acts on.
#ifndef GROUNDHOG_SINKS_POSTGRES_POSTGRES_ERROR_H_
#define GROUNDHOG_SINKS_POSTGRES_POSTGRES_ERROR_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace groundhog::sinks {

// The status of an SQLSTATE (five letters and digits, PostgreSQL's appendix "Error Codes"), with
// `text`, the server's own message, in its message:
//   Unavailable         the connection, or the server, ended or is about to; another try may work
//   PermissionDenied    who we are, or what we may do
//   NotFound            no such database
//   ResourceExhausted   the server's disk is full
//   FailedPrecondition  the server takes no writes, or a table or column is not there
//   Aborted             anything else: it refuses what we sent
absl::Status StatusOfSqlState(std::string_view sql_state, std::string_view text);

// The first line, without the line end, of what libpq says; its lines after that repeat it, or ask
// whether a server is running.
std::string FirstLine(std::string_view text);

// The SQLSTATE and the message in what libpq says in its verbose form of a connection that the
// server refused, "... FATAL:  28P01: password authentication failed ..."; of several the last.
// Empty: there is none, the server was not reached.
struct RefusedConnection {
  std::string sql_state;
  std::string text;
};
RefusedConnection ParseRefusedConnection(std::string_view text);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSTGRES_ERROR_H_
