#include "cli/replayer/public_address.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace groundhog::cli {
namespace {

// A part of a text, [begin, end).
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// From after the first ':' up to the last '@', as a password may hold either where it should not;
// and a '?' as well.
void AddUserPassword(std::string_view text, std::size_t begin, std::vector<Part>* parts) {
  std::size_t end = std::min(text.find('?', begin), text.size());
  const std::size_t first = text.find_first_of("@/", begin);
  if (first != std::string_view::npos && text[first] == '@') end = std::max(end, first + 1);
  const std::size_t at = text.substr(0, end).rfind('@');
  const std::size_t colon = text.find(':', begin);
  if (at == std::string_view::npos || at < begin || colon >= at) return;
  parts->push_back({.begin = colon + 1, .end = at});
}

void AddParameters(std::string_view text, std::size_t begin, std::vector<Part>* parts) {
  for (const std::string_view key :
       {"?password=", "&password=", "?sslpassword=", "&sslpassword="}) {
    for (std::size_t at = text.find(key, begin); at != std::string_view::npos;
         at = text.find(key, at + 1)) {
      const std::size_t value = at + key.size();
      parts->push_back({.begin = value, .end = std::min(text.find('&', value), text.size())});
    }
  }
}

// Where an address has its passwords. In a word such as --to=ADDRESS, too.
std::vector<Part> PasswordsIn(std::string_view text) {
  constexpr std::string_view kAfterScheme = "://";
  std::vector<Part> parts;
  const std::size_t scheme = text.find(kAfterScheme);
  if (scheme == std::string_view::npos) return parts;
  AddUserPassword(text, scheme + kAfterScheme.size(), &parts);
  AddParameters(text, scheme, &parts);
  std::sort(parts.begin(), parts.end(),
            [](const Part& one, const Part& other) { return one.begin < other.begin; });
  return parts;
}

}  // namespace

std::string PublicAddress(const std::string& address) {
  std::string shown;
  std::size_t done = 0;
  for (const Part& part : PasswordsIn(address)) {
    if (part.begin < done) continue;
    shown += address.substr(done, part.begin - done) + "***";
    done = part.end;
  }
  return shown + address.substr(done);
}

void HidePasswords(std::span<char* const> arguments) {
  for (char* const word : arguments) {
    for (const Part& part : PasswordsIn(word)) std::fill(word + part.begin, word + part.end, '*');
  }
}

}  // namespace groundhog::cli
