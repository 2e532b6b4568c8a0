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

// The beginning of `text` that has at most `bytes_max` bytes and cuts no character in two. In bytes
// that are not UTF-8 there may be no such place nearby: the cut is then at `bytes_max`, so that it
// is always at most 3 bytes before it.
std::string_view Utf8Beginning(std::string_view text, std::size_t bytes_max);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_UTF8_H_
