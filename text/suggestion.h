// Finding what a person probably meant: the nearest known word to a misspelt one.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_TEXT_SUGGESTION_H_
#define GROUNDHOG_TEXT_SUGGESTION_H_

#include <span>
#include <string>
#include <string_view>

namespace groundhog::text {

// The number of single-character insertions, deletions, replacements and swaps of neighbours that
// turn `a` into `b` (optimal string alignment distance; Boytsov 2011, section 2.2). Words are cut
// to their first 64 bytes.
int EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, the first among equals, if it may be what was meant (a third of
// the letters differ at most); else the first that begins with `word`, three letters at least; else
// empty.
std::string_view NearestWord(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'timeout'?", or empty when nothing is near.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates);

// The same, or when nothing is near, the first 20 candidates: "; it has auth, web and 3 more".
std::string GuessOrList(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace groundhog::text

#endif  // GROUNDHOG_TEXT_SUGGESTION_H_
