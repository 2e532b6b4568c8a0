// postgres://USER[:PASSWORD]@HOST[:PORT]/DB, with ?KEY=VALUE... as libpq takes them (sslmode and so
// on). What is missing libpq takes from its environment: PGPASSWORD, PGPASSFILE, ~/.pgpass ...
#ifndef GROUNDHOG_SINKS_POSTGRES_POSTGRES_ADDRESS_H_
#define GROUNDHOG_SINKS_POSTGRES_POSTGRES_ADDRESS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace groundhog::sinks {

struct PostgresAddress {
  // libpq's keywords and values, the password included.
  std::vector<std::pair<std::string, std::string>> parameters;
  // For people: "postgres://USER@HOST:PORT/DB", of what is given, without any secret.
  std::string shown;
};

// InvalidArgument: it is no such URL. The message has nothing of the password.
absl::StatusOr<PostgresAddress> ParsePostgresAddress(const std::string& address);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSTGRES_ADDRESS_H_
