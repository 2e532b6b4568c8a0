// The table groundhog_positions, where a replay with --exactly-once NAME keeps how far it has come,
// in the same transactions as its rows.
//
// A run that begins takes the position of its name, by which `epoch` grows; a run that commits must
// find its own epoch still there. So of two runs of one name only the newer can commit.
#ifndef GROUNDHOG_SINKS_POSTGRES_POSITION_TABLE_H_
#define GROUNDHOG_SINKS_POSTGRES_POSITION_TABLE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sinks/postgres/postgres_connection.h"
#include "sinks/saved_position.h"

namespace groundhog::sinks {

struct TakenPosition {
  SavedPosition saved;
  std::string epoch;
  bool is_new = false;  // there was none of this name, or it was reset
};

// Takes the position of `name`; where there is none yet, or with `is_reset`, that is `beginning`,
// which is committed at once. Waits for a commit of another run that is under way.
// FailedPrecondition: it is of another replay; nothing was changed.
absl::StatusOr<TakenPosition> TakePosition(PostgresConnection& connection, const std::string& name,
                                           const SavedPosition& beginning, bool is_reset);

// Within the transaction of the rows. Aborted: another run has taken the position.
absl::Status SavePosition(PostgresConnection& connection, const std::string& name,
                          const std::string& epoch, std::uint64_t position);

// What is committed. Aborted: as above, or there is no such name any more.
absl::StatusOr<std::uint64_t> ReadPosition(PostgresConnection& connection, const std::string& name,
                                           const std::string& epoch);

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_POSTGRES_POSITION_TABLE_H_
