// A file's own words, for a terminal.
#ifndef GROUNDHOG_FORMATS_PRINTABLE_H_
#define GROUNDHOG_FORMATS_PRINTABLE_H_

#include <string>
#include <string_view>

namespace groundhog::formats {

// UTF-8 `text` with nothing in it that acts on a terminal: control characters become \xNN, of one
// or two bytes.
std::string Printable(std::string_view text);

}  // namespace groundhog::formats

#endif  // GROUNDHOG_FORMATS_PRINTABLE_H_
