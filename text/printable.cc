#include "text/printable.h"

#include <algorithm>
#include <cstddef>

#include "text/concat.h"
#include "text/utf8.h"

namespace groundhog::text {
namespace {

constexpr std::size_t kShownBytesMax = 100;

void AppendEscaped(unsigned char byte, std::string* text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  *text += "\\x";
  *text += kDigits[byte >> 4];
  *text += kDigits[byte & 0xF];
}

// Whether the character, of `length` bytes, acts on a terminal: U+0000 to U+001F, U+007F to U+009F.
bool IsControl(std::string_view text, std::size_t length) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (length == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  return length == 2 && byte(0) == 0xC2 && byte(1) < 0xA0;
}

std::string Shown(std::string_view text, bool keeps_line_ends) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const bool is_kept =
        text.front() == '\n' ? keeps_line_ends : length > 0 && !IsControl(text, length);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    if (is_kept) {
      shown += text.substr(0, taken);
    } else {
      AppendEscaped(static_cast<unsigned char>(text[taken - 1]), &shown);
    }
    text.remove_prefix(taken);
  }
  return shown;
}

}  // namespace

std::string Printable(std::string_view text) { return Shown(text, /*keeps_line_ends=*/false); }
std::string PrintableLines(std::string_view text) { return Shown(text, /*keeps_line_ends=*/true); }

std::string ShownName(std::string_view name) {
  const std::string_view shown = Utf8Beginning(name, kShownBytesMax);
  return Concat({Printable(shown), shown.size() < name.size() ? "..." : ""});
}

std::string QuotedName(std::string_view name) { return Concat({"'", ShownName(name), "'"}); }

}  // namespace groundhog::text
