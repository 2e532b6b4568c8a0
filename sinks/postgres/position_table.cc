#include "sinks/postgres/position_table.h"

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

namespace groundhog::sinks {
namespace {

absl::Status TakenOver(const std::string& name) {
  return absl::AbortedError(
      absl::StrCat("another run of --exactly-once ", name,
                   " has taken over, or its row of groundhog_positions was deleted: let one run at "
                   "a time"));
}

absl::StatusOr<std::uint64_t> ParsePosition(const std::string& text) {
  std::uint64_t position = 0;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, position).ptr != end) {
    return absl::FailedPreconditionError(
        absl::StrCat("groundhog_positions has the position '", text, "', which is none"));
  }
  return position;
}

absl::Status CannotContinue(const std::string& name, const absl::Status& why) {
  return absl::FailedPreconditionError(
      absl::StrCat("--exactly-once ", name, " cannot go on: ", why.message(),
                   ": use the same options and trace, another name, or --reset to begin anew"));
}

// The row of `name`, locked; it is made where there is none.
absl::StatusOr<TakenPosition> LockRow(PostgresConnection& connection, const std::string& name,
                                      const SavedPosition& beginning) {
  const absl::StatusOr<PostgresRows> made = connection.Run(
      "insert into groundhog_positions (name, position, identity, epoch, updated_at) "
      "values ($1, 0, $2, 0, now()) on conflict (name) do nothing",
      {name, EncodeIdentity(beginning)});
  if (!made.ok()) return made.status();
  const absl::StatusOr<PostgresRows> row = connection.Run(
      "select position, identity, epoch from groundhog_positions where name = $1 for update",
      {name});
  if (!row.ok()) return row.status();
  if (row->rows.size() != 1) return TakenOver(name);
  const auto& texts = row->rows.front();
  const absl::StatusOr<std::uint64_t> position = ParsePosition(texts[0].value_or(""));
  if (!position.ok()) return position.status();
  absl::StatusOr<SavedPosition> saved = DecodeIdentity(texts[1].value_or(""), *position);
  if (!saved.ok()) return CannotContinue(name, saved.status());
  return TakenPosition{
      .saved = *std::move(saved), .epoch = texts[2].value_or(""), .is_new = made->changed == 1};
}

absl::StatusOr<TakenPosition> Take(PostgresConnection& connection, const std::string& name,
                                   const SavedPosition& beginning, bool is_reset) {
  absl::StatusOr<TakenPosition> taken = LockRow(connection, name, beginning);
  if (!taken.ok() && !(is_reset && absl::IsFailedPrecondition(taken.status()))) return taken;
  if (is_reset) {
    taken = TakenPosition{.saved = beginning, .is_new = true};
  } else if (absl::Status s = beginning.identity.CheckContinues(taken->saved.identity); !s.ok()) {
    return CannotContinue(name, s);
  }
  const absl::StatusOr<PostgresRows> row = connection.Run(
      "update groundhog_positions set epoch = epoch + 1, position = $2, identity = $3, "
      "updated_at = now() where name = $1 returning epoch",
      {name, absl::StrCat(taken->saved.position), EncodeIdentity(taken->saved)});
  if (!row.ok()) return row.status();
  if (row->rows.size() != 1) return TakenOver(name);
  taken->epoch = row->rows.front().front().value_or("");
  return taken;
}

}  // namespace

absl::StatusOr<TakenPosition> TakePosition(PostgresConnection& connection, const std::string& name,
                                           const SavedPosition& beginning, bool is_reset) {
  if (const auto begun = connection.Run("begin isolation level read committed"); !begun.ok()) {
    return begun.status();
  }
  absl::StatusOr<TakenPosition> taken = Take(connection, name, beginning, is_reset);
  if (!taken.ok()) {
    if (!connection.is_lost()) (void)connection.Run("rollback");
    return taken;
  }
  if (const auto done = connection.Run("commit"); !done.ok()) return done.status();
  return taken;
}

absl::Status SavePosition(PostgresConnection& connection, const std::string& name,
                          const std::string& epoch, std::uint64_t position) {
  const absl::StatusOr<PostgresRows> row = connection.Run(
      "update groundhog_positions set position = $3, updated_at = now() "
      "where name = $1 and epoch = $2",
      {name, epoch, absl::StrCat(position)});
  if (!row.ok()) return row.status();
  return row->changed == 1 ? absl::OkStatus() : TakenOver(name);
}

absl::StatusOr<std::uint64_t> ReadPosition(PostgresConnection& connection, const std::string& name,
                                           const std::string& epoch) {
  const absl::StatusOr<PostgresRows> row = connection.Run(
      "select position from groundhog_positions where name = $1 and epoch = $2", {name, epoch});
  if (!row.ok()) return row.status();
  if (row->rows.size() != 1) return TakenOver(name);
  return ParsePosition(row->rows.front().front().value_or(""));
}

}  // namespace groundhog::sinks
