#include "text/printable.h"

#include <cstddef>

#include "text/concat.h"

namespace groundhog::text {
namespace {

constexpr std::size_t kShownBytesMax = 100;

void AppendEscaped(unsigned char byte, std::string* text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  *text += "\\x";
  *text += kDigits[byte >> 4];
  *text += kDigits[byte & 0xF];
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are C2 80 to C2 9F.
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) {
      AppendEscaped(static_cast<unsigned char>(text[++i]), &shown);
    } else if (byte < 0x20 || byte == 0x7F) {
      AppendEscaped(byte, &shown);
    } else {
      shown.push_back(text[i]);
    }
  }
  return shown;
}

std::string QuotedName(std::string_view name) {
  if (name.size() <= kShownBytesMax) return Concat({"'", Printable(name), "'"});
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return Concat({"'", Printable(name.substr(0, end)), "...'"});
}

}  // namespace groundhog::text
