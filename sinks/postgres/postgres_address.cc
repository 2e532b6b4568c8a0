#include "sinks/postgres/postgres_address.h"

#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "sinks/postgres/postgres_error.h"

namespace groundhog::sinks {
namespace {

using Parsed = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

absl::Status NotAnAddress(std::string_view detail) {
  return absl::InvalidArgumentError(
      absl::StrCat("--to postgres://...: not as libpq wants it", std::string(detail),
                   ": write postgres://USER@HOST:PORT/DB; in a name or a password write %40 for @, "
                   "%3A for :, %2F for / and %3F for ?"));
}

std::string Shown(const PostgresAddress& address) {
  std::string user;
  std::string host;
  std::string port;
  std::string database;
  for (const auto& [key, value] : address.parameters) {
    if (key == "user") user = absl::StrCat(value, "@");
    if (key == "host") host = value;
    if (key == "port") port = absl::StrCat(":", value);
    if (key == "dbname") database = absl::StrCat("/", value);
  }
  return absl::StrCat("postgres://", user, host, port, database);
}

// Whether what follows the colon of HOST:PORT, of each of several hosts, is not a number. `hosts`:
// without a user.
bool HasOddPort(std::string_view hosts) {
  bool is_in_brackets = false;  // of an IPv6 address
  bool is_in_port = false;
  for (const char c : hosts) {
    if (c == '[' || c == ']') {
      is_in_brackets = c == '[';
    } else if (c == ',' || c == ':') {
      is_in_port = c == ':' && !is_in_brackets;
    } else if (is_in_port && !absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return true;
    }
  }
  return false;
}

// A password with an @, a / or a ? as they are, or one without a host behind it: libpq takes a part
// of it for a host, a port or a name, and would tell everyone.
bool HasStrayCharacters(std::string_view address) {
  address = address.substr(address.find("//") + 2);
  const std::size_t query = address.find('?');
  if (const std::size_t first = address.find_first_of("@/");
      first != std::string_view::npos && address[first] == '@' && query < first) {
    return true;
  }
  address = address.substr(0, query);
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos) return HasOddPort(address.substr(0, address.find('/')));
  return address.find('/') < at || address.find('@', at + 1) != std::string_view::npos;
}

}  // namespace

absl::StatusOr<PostgresAddress> ParsePostgresAddress(const std::string& address) {
  if (HasStrayCharacters(address)) return NotAnAddress("");
  char* raw_error = nullptr;
  const Parsed parsed(PQconninfoParse(address.c_str(), &raw_error), PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> error(raw_error, PQfreemem);
  if (parsed == nullptr) {
    // libpq's other messages quote what may be a part of the password.
    constexpr std::string_view kHarmless = "invalid URI query parameter: ";
    const std::string said = error == nullptr ? "" : FirstLine(error.get());
    return NotAnAddress(said.starts_with(kHarmless) ? absl::StrCat(" (", said, ")") : "");
  }
  PostgresAddress result;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    result.parameters.emplace_back(option->keyword, option->val);
  }
  result.shown = Shown(result);
  return result;
}

}  // namespace groundhog::sinks
