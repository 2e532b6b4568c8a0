// A file's own words, for a terminal.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_PRINTABLE_H_
#define GROUNDHOG_TEXT_PRINTABLE_H_

#include <string>
#include <string_view>

namespace groundhog::text {

// `text` as UTF-8 with nothing in it that acts on a terminal: control characters, of one or two
// bytes, and bytes that are no UTF-8 become \xNN.
std::string Printable(std::string_view text);

// The same, but line ends stay.
std::string PrintableLines(std::string_view text);

// UTF-8 `name`, from a file that may be hostile, as a message shows it: printable, and after its
// first 100 bytes or so cut off; the second one in quotes.
std::string ShownName(std::string_view name);
std::string QuotedName(std::string_view name);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_PRINTABLE_H_
