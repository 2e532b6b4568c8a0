// The SQL that --create runs: the files of sinks/postgres/sql/, compiled in.
#ifndef GROUNDHOG_SINKS_POSTGRES_STATEMENTS_H_
#define GROUNDHOG_SINKS_POSTGRES_STATEMENTS_H_

namespace groundhog::sinks {

extern const char kPostgresLogsSql[];
extern const char kPostgresPositionsSql[];
extern const char kPostgresViewsSql[];

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_STATEMENTS_H_
