// What is UTF-8, and where text stops being it.
//
// Well-formed as Unicode 15, table 3-7, has it: no overlong forms, no surrogates, nothing above
// U+10FFFF. Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_UTF8_H_
#define GROUNDHOG_TEXT_UTF8_H_

#include <cstddef>
#include <string_view>

namespace groundhog::text {

// The length in bytes of the character that `text`, which is not empty, begins with; 0 if it begins
// with none.
std::size_t Utf8Length(std::string_view text);

// The offset of the first byte that does not belong to well-formed UTF-8; npos when all is well.
std::size_t FirstInvalidUtf8(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_UTF8_H_
