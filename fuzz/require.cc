#include "fuzz/require.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "text/printable.h"
#include "text/utf8.h"

namespace groundhog::fuzz {

void Require(bool holds, std::string_view claim, std::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s: %.*s\n", static_cast<int>(claim.size()), claim.data(),
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

bool IsOneLine(std::string_view message) {
  return !message.empty() && text::Printable(message) == message;
}

bool IsJsonLine(std::string_view line) {
  return text::IsUtf8(line) && std::none_of(line.begin(), line.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20;
         });
}

}  // namespace groundhog::fuzz
