#include "sinks/postgres/postgres_error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "text/concat.h"

namespace groundhog::sinks {
namespace {

constexpr std::size_t kStateLength = 5;

// Of each, the first row whose beginning fits counts.
struct Row {
  std::string_view beginning;
  absl::StatusCode code;
};
constexpr std::array kRows = {
    Row{"08", absl::StatusCode::kUnavailable},          // the connection broke
    Row{"57P", absl::StatusCode::kUnavailable},         // shutdown, crash, starting up
    Row{"53300", absl::StatusCode::kUnavailable},       // too many connections
    Row{"40", absl::StatusCode::kUnavailable},          // a deadlock, or a serialization failure
    Row{"28", absl::StatusCode::kPermissionDenied},     // no such user, or a wrong password
    Row{"42501", absl::StatusCode::kPermissionDenied},  // no right
    Row{"3D000", absl::StatusCode::kNotFound},          // no such database
    Row{"53100", absl::StatusCode::kResourceExhausted},
    Row{"25006", absl::StatusCode::kFailedPrecondition},  // read only
    Row{"42", absl::StatusCode::kFailedPrecondition},     // no such table, column, function
};

bool IsStateCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isdigit(byte) != 0 || std::isupper(byte) != 0;
}

}  // namespace

absl::Status StatusOfSqlState(std::string_view sql_state, std::string_view text) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) {
    return sql_state.starts_with(each.beginning);
  });
  const absl::StatusCode code = row == kRows.end() ? absl::StatusCode::kAborted : row->code;
  const std::string said = FirstLine(text);
  if (code == absl::StatusCode::kAborted) {
    return {code, text::Concat({said, " (SQLSTATE ", sql_state, ")"})};
  }
  if (code == absl::StatusCode::kResourceExhausted) {
    return {code, text::Concat({said, ": the server's disk is full"})};
  }
  return {code, said};
}

std::string FirstLine(std::string_view text) {
  const std::size_t end = text.find_first_of("\r\n");
  return std::string(text.substr(0, end));
}

RefusedConnection ParseRefusedConnection(std::string_view text) {
  constexpr std::string_view kBefore = ":  ";
  RefusedConnection found;
  for (std::size_t at = text.find(kBefore); at != std::string_view::npos;
       at = text.find(kBefore, at + 1)) {
    const std::string_view rest = text.substr(at + kBefore.size());
    if (rest.size() < kStateLength + 2) break;
    const std::string_view state = rest.substr(0, kStateLength);
    if (!std::all_of(state.begin(), state.end(), IsStateCharacter)) continue;
    if (rest.substr(kStateLength, 2) != ": ") continue;
    found = {.sql_state = std::string(state), .text = FirstLine(rest.substr(kStateLength + 2))};
  }
  return found;
}

}  // namespace groundhog::sinks
