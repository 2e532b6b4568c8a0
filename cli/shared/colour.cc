#include "cli/shared/colour.h"

#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace groundhog::cli {
namespace {

const char* CodeOf(Colour colour) {
  switch (colour) {
    case Colour::kNone:
      break;
    case Colour::kBold:
      return "\033[1m";
    case Colour::kDim:
      return "\033[2m";
    case Colour::kRed:
      return "\033[31m";
    case Colour::kGreen:
      return "\033[32m";
  }
  return "";
}

}  // namespace

bool IsColoured(int descriptor) {
  const char* const no_color = std::getenv("NO_COLOR");
  return isatty(descriptor) != 0 && (no_color == nullptr || *no_color == '\0');
}

std::string Painter::Paint(Colour colour, std::string_view text) const {
  if (!is_coloured_ || colour == Colour::kNone || text.empty()) return std::string(text);
  return absl::StrCat(CodeOf(colour), std::string(text), "\033[0m");
}

}  // namespace groundhog::cli
