// Colour on a terminal, for people. What is redirected into a file or a pipe has none.
//
// Not thread-safe.
#ifndef GROUNDHOG_CLI_SHARED_COLOUR_H_
#define GROUNDHOG_CLI_SHARED_COLOUR_H_

#include <string>
#include <string_view>

namespace groundhog::cli {

// Whether text for this descriptor may have colour: it is a terminal, and the environment variable
// NO_COLOR is empty or not set (no-color.org).
bool IsColoured(int descriptor);

enum class Colour { kNone, kBold, kDim, kRed, kGreen };

// Paints words, or leaves them as they are.
class Painter {
 public:
  explicit Painter(bool is_coloured) : is_coloured_(is_coloured) {}

  // `text`, whose columns stay the same, and after which nothing is coloured. Empty text stays so.
  std::string Paint(Colour colour, std::string_view text) const;

 private:
  bool is_coloured_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_COLOUR_H_
