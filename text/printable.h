// A file's own words, for a terminal.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_PRINTABLE_H_
#define GROUNDHOG_TEXT_PRINTABLE_H_

#include <string>
#include <string_view>

namespace groundhog::text {

// UTF-8 `text` with nothing in it that acts on a terminal: control characters become \xNN, of one
// or two bytes.
std::string Printable(std::string_view text);

// UTF-8 `name`, from a file that may be hostile, as a message shows it: printable, in quotes, and
// after its first 100 bytes or so cut off.
std::string QuotedName(std::string_view name);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_PRINTABLE_H_
