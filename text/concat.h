// Concat: joins pieces of text into one string. (The installed Abseil's StrCat does not take
// std::string_view.)
#ifndef GROUNDHOG_TEXT_CONCAT_H_
#define GROUNDHOG_TEXT_CONCAT_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace groundhog::text {

inline std::string Concat(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (std::string_view piece : pieces) text += piece;
  return text;
}

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_CONCAT_H_
