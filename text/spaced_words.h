// Words in one text, with a single space between two: "rate callers". A constant that lists some
// needs no array.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_SPACED_WORDS_H_
#define GROUNDHOG_TEXT_SPACED_WORDS_H_

#include <cstddef>
#include <string_view>
#include <vector>

namespace groundhog::text {

// Removes the first word from `*words`, which must not be empty, and returns it.
constexpr std::string_view TakeWord(std::string_view* words) {
  const std::size_t space = words->find(' ');
  const std::string_view word = words->substr(0, space);
  words->remove_prefix(space == std::string_view::npos ? words->size() : space + 1);
  return word;
}

constexpr bool HasWord(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    if (TakeWord(&words) == word) return true;
  }
  return false;
}

// Views into `words`.
inline std::vector<std::string_view> SplitWords(std::string_view words) {
  std::vector<std::string_view> split;
  while (!words.empty()) split.push_back(TakeWord(&words));
  return split;
}

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_SPACED_WORDS_H_
