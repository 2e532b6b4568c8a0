// Where text stops being UTF-8. Scenarios are checked before anything else looks at them.
#ifndef GROUNDHOG_TEXT_UTF8_H_
#define GROUNDHOG_TEXT_UTF8_H_

#include <cstddef>
#include <string_view>

namespace groundhog::text {

// The offset of the first byte that does not belong to well-formed UTF-8 (Unicode 15, table 3-7: no
// overlong forms, no surrogates, nothing above U+10FFFF); npos when all is well.
std::size_t FirstInvalidUtf8(std::string_view text);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_UTF8_H_
