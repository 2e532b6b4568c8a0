// The tables that a replay into PostgreSQL needs: made if asked for, and checked before the first
// record, so that a table of another shape or a missing right is one clear line and not half a
// replay. docs/POSTGRES.md
#ifndef GROUNDHOG_SINKS_POSTGRES_POSTGRES_TABLES_H_
#define GROUNDHOG_SINKS_POSTGRES_POSTGRES_TABLES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/postgres/postgres_connection.h"

namespace groundhog::sinks {

// Whether the table logs has rows already; kUnknown: we may not look.
enum class EarlierRows { kNone, kSome, kUnknown };

// Makes what is missing of tables and views; what is there stays as it is. PermissionDenied: we may
// not make tables. FailedPrecondition: something else has such a name.
absl::Status CreatePostgresTables(PostgresConnection& connection);

// Checks server and tables; groundhog_positions only where it is needed. FailedPrecondition: a
// table is not there, or has another shape, or the server cannot keep what was promised.
// PermissionDenied: we may not insert.
absl::StatusOr<EarlierRows> CheckPostgresTables(PostgresConnection& connection,
                                                bool needs_positions);

// Settings of the session on which the promises depend: a commit is answered when it is durable.
absl::Status PrepareSession(PostgresConnection& connection);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSTGRES_TABLES_H_
