// Concat: joins pieces of text into one string. (The installed Abseil's StrCat does not take
// std::string_view.)
#ifndef GROUNDHOG_MODEL_SCENARIO_CONCAT_H_
#define GROUNDHOG_MODEL_SCENARIO_CONCAT_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace groundhog::model {

inline std::string Concat(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (std::string_view piece : pieces) text += piece;
  return text;
}

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_CONCAT_H_
