// Breaking text into lines.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_WRAP_H_
#define GROUNDHOG_TEXT_WRAP_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace groundhog::text {

// `text` as lines of at most `columns` bytes, broken at spaces, which are one each in a line. A
// word that is longer has a line of its own. Empty text gives one empty line.
std::vector<std::string> Wrap(std::string_view text, std::size_t columns);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_WRAP_H_
