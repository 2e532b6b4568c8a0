#include "sinks/postgres/postgres_tables.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sinks/postgres/copy_row.h"
#include "sinks/postgres/statements.h"

namespace groundhog::sinks {
namespace {

constexpr int kVersionMin = 120000;
constexpr char kLogs[] = "logs";
constexpr char kPositions[] = "groundhog_positions";
constexpr char kRemedy[] =
    ": docs/POSTGRES.md has its definition; --create makes one in an empty "
    "database or schema";
constexpr std::array kPositionColumns = {
    PostgresColumn{"name", "text"},
    PostgresColumn{"position", "bigint"},
    PostgresColumn{"identity", "text"},
    PostgresColumn{"epoch", "bigint"},
    PostgresColumn{"updated_at", "timestamp with time zone"},
};
constexpr std::array kViews = {
    "service_analytics",
    "service_analytics_hours",
    "service_analytics_days",
    "service_analytics_dependencies",
    "service_analytics_failure_patterns",
    "service_analytics_error_codes",
};

// The one text of a query with one row; empty where that is null or there is no row.
absl::StatusOr<std::string> Ask(PostgresConnection& connection, const std::string& sql,
                                const std::vector<std::string>& values = {}) {
  const absl::StatusOr<PostgresRows> found = connection.Run(sql, values);
  if (!found.ok()) return found.status();
  if (found->rows.empty()) return std::string();
  return found->rows.front().front().value_or("");
}

absl::StatusOr<bool> IsThere(PostgresConnection& connection, const std::string& name) {
  const absl::StatusOr<std::string> answer =
      Ask(connection, "select to_regclass($1) is not null", {name});
  if (!answer.ok()) return answer.status();
  return *answer == "t";
}

absl::Status CheckRight(PostgresConnection& connection, const std::string& table,
                        const std::string& right) {
  const absl::StatusOr<std::string> has =
      Ask(connection, "select has_table_privilege($1, $2)", {table, right});
  if (!has.ok()) return has.status();
  if (*has == "t") return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("user ", connection.user(), " has no right to ",
                                                  right, " on table ", table, ": GRANT ", right,
                                                  " ON ", table, " TO ", connection.user()));
}

// A column: name, type, whether a row must give it a value.
struct Column {
  std::string name;
  std::string type;
  bool is_needed = false;
};

absl::StatusOr<std::vector<Column>> ColumnsOf(PostgresConnection& connection,
                                              const std::string& table) {
  const absl::StatusOr<PostgresRows> found = connection.Run(
      "select attname, format_type(atttypid, null), "
      "attnotnull and not atthasdef and attidentity = '' "
      "from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped "
      "order by attnum",
      {table});
  if (!found.ok()) return found.status();
  std::vector<Column> columns;
  for (const auto& row : found->rows) {
    columns.push_back({.name = row[0].value_or(""),
                       .type = row[1].value_or(""),
                       .is_needed = row[2].value_or("") == "t"});
  }
  return columns;
}

absl::Status CheckShape(PostgresConnection& connection, const std::string& table,
                        std::span<const PostgresColumn> wanted) {
  const absl::StatusOr<std::vector<Column>> columns = ColumnsOf(connection, table);
  if (!columns.ok()) return columns.status();
  if (columns->empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there is no table ", table, ": --create makes it; docs/POSTGRES.md has its definition"));
  }
  const auto differs = [&](const std::string& what) {
    return absl::FailedPreconditionError(absl::StrCat("table ", table, " ", what, kRemedy));
  };
  for (const PostgresColumn& column : wanted) {
    const auto found = std::find_if(columns->begin(), columns->end(),
                                    [&](const Column& each) { return each.name == column.name; });
    if (found == columns->end()) {
      return differs(absl::StrCat("has no column ", column.name, " (", column.type, ")"));
    }
    if (found->type != column.type) {
      return differs(
          absl::StrCat("has the column ", column.name, " as ", found->type, ", not ", column.type));
    }
  }
  for (const Column& column : *columns) {
    const bool is_known = std::any_of(wanted.begin(), wanted.end(),
                                      [&](const auto& each) { return each.name == column.name; });
    if (!is_known && column.is_needed) {
      return differs(absl::StrCat("has another column, ", column.name,
                                  ", that must not be null and has no default"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckKind(PostgresConnection& connection, const std::string& table) {
  const absl::StatusOr<std::string> kind = Ask(
      connection,
      "select concat(relkind, relpersistence) from pg_class where oid = to_regclass($1)", {table});
  if (!kind.ok()) return kind.status();
  if (kind->size() == 2 && kind->front() != 'r' && kind->front() != 'p') {
    return absl::FailedPreconditionError(absl::StrCat(table, " is no table", kRemedy));
  }
  if (kind->size() == 2 && kind->back() == 'u') {
    return absl::FailedPreconditionError(
        absl::StrCat("table ", table,
                     " is UNLOGGED: a crash of the server empties it, so that "
                     "nothing can be promised; ALTER TABLE ",
                     table, " SET LOGGED"));
  }
  return absl::OkStatus();
}

absl::Status CheckTable(PostgresConnection& connection, const std::string& table,
                        std::span<const PostgresColumn> columns,
                        std::span<const char* const> rights) {
  if (absl::Status s = CheckKind(connection, table); !s.ok()) return s;
  if (absl::Status s = CheckShape(connection, table, columns); !s.ok()) return s;
  for (const char* const right : rights) {
    if (absl::Status s = CheckRight(connection, table, right); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status CheckServer(PostgresConnection& connection) {
  if (connection.server_version() < kVersionMin) {
    return absl::FailedPreconditionError(absl::StrCat("the server is a PostgreSQL ",
                                                      connection.server_version() / 10000,
                                                      "; 12 or newer is needed"));
  }
  if (const std::string encoding = connection.Parameter("server_encoding"); encoding != "UTF8") {
    return absl::FailedPreconditionError(
        absl::StrCat("the database has the encoding ", encoding,
                     ", in which not every text can be stored: make one with "
                     "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"));
  }
  const absl::StatusOr<std::string> read_only = Ask(connection, "show transaction_read_only");
  if (!read_only.ok()) return read_only.status();
  if (*read_only == "on") {
    return absl::FailedPreconditionError(
        "the server takes no writes: it is a standby, or default_transaction_read_only is on");
  }
  return absl::OkStatus();
}

absl::Status CreateMissing(PostgresConnection& connection, const std::string& name,
                           const char* sql) {
  const absl::StatusOr<bool> is_there = IsThere(connection, name);
  if (!is_there.ok()) return is_there.status();
  return *is_there ? absl::OkStatus() : connection.Run(sql).status();
}

absl::Status CreateTables(PostgresConnection& connection) {
  // Replays that begin together make them one after the other.
  absl::Status status =
      connection.Run("select pg_advisory_xact_lock(hashtext('groundhog-replay --create'))")
          .status();
  if (status.ok()) status = CreateMissing(connection, kLogs, kPostgresLogsSql);
  if (status.ok()) status = CreateMissing(connection, kPositions, kPostgresPositionsSql);
  return status;
}

// The statement of views.sql that makes this view.
std::string ViewSql(const char* view) {
  const std::string_view all = kPostgresViewsSql;
  const std::size_t begin = all.find(absl::StrCat("create view ", view, " as\n"));
  return std::string(all.substr(begin, all.find(';', begin) - begin));
}

// Only those that are missing: a view may have been changed on purpose.
absl::Status CreateViews(PostgresConnection& connection) {
  for (const char* const view : kViews) {
    const std::string sql = ViewSql(view);
    if (absl::Status s = CreateMissing(connection, view, sql.c_str()); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status CheckShapes(PostgresConnection& connection) {
  if (absl::Status s = CheckTable(connection, kLogs, kLogColumns, {}); !s.ok()) return s;
  return CheckTable(connection, kPositions, kPositionColumns, {});
}

absl::Status WhyNotCreated(const PostgresConnection& connection, const absl::Status& why) {
  if (absl::IsUnavailable(why) || absl::IsCancelled(why) || absl::IsDeadlineExceeded(why)) {
    return why;
  }
  if (absl::IsPermissionDenied(why)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "--create: ", why.message(), ": GRANT CREATE ON SCHEMA public TO ", connection.user()));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("--create: ", why.message(),
                   ": rename or drop what is in the way, or use an empty database"));
}

}  // namespace

absl::Status CreatePostgresTables(PostgresConnection& connection) {
  if (absl::Status s = CheckServer(connection); !s.ok()) return s;
  absl::Status status = connection.Run("begin isolation level read committed").status();
  if (status.ok()) status = CreateTables(connection);
  absl::Status shape;
  if (status.ok()) shape = CheckShapes(connection);
  if (status.ok() && shape.ok()) status = CreateViews(connection);
  if (status.ok() && shape.ok()) return connection.Run("commit").status();
  if (!connection.is_lost()) (void)connection.Run("rollback");
  return shape.ok() ? WhyNotCreated(connection, status) : shape;
}

absl::StatusOr<EarlierRows> CheckPostgresTables(PostgresConnection& connection,
                                                bool needs_positions) {
  constexpr std::array kInsert = {"INSERT"};
  constexpr std::array kAll = {"SELECT", "INSERT", "UPDATE"};
  if (absl::Status s = CheckServer(connection); !s.ok()) return s;
  if (absl::Status s = CheckTable(connection, kLogs, kLogColumns, kInsert); !s.ok()) return s;
  if (needs_positions) {
    if (absl::Status s = CheckTable(connection, kPositions, kPositionColumns, kAll); !s.ok()) {
      return s;
    }
  }
  const absl::StatusOr<std::string> may_look =
      Ask(connection, "select has_table_privilege($1, 'SELECT')", {kLogs});
  if (!may_look.ok()) return may_look.status();
  if (*may_look != "t") return EarlierRows::kUnknown;
  const absl::StatusOr<std::string> has_rows = Ask(connection, "select exists (select from logs)");
  if (!has_rows.ok()) return has_rows.status();
  return *has_rows == "t" ? EarlierRows::kSome : EarlierRows::kNone;
}

absl::Status PrepareSession(PostgresConnection& connection) {
  // A transaction is open from its first row to its commit, which is no statement that hangs.
  absl::Status s = connection
                       .Run(
                           "select set_config('statement_timeout', '0', false), "
                           "set_config('idle_in_transaction_session_timeout', '0', false)")
                       .status();
  if (!s.ok()) return s;
  return connection
      .Run(
          "select set_config('synchronous_commit', 'on', false) "
          "where current_setting('synchronous_commit') = 'off'")
      .status();
}

}  // namespace groundhog::sinks
