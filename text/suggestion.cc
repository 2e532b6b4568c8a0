#include "text/suggestion.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/printable.h"

namespace groundhog::text {
namespace {

constexpr std::size_t kLengthMax = 64;
constexpr std::size_t kPrefixMin = 3;
constexpr std::size_t kNamesShownMax = 20;

}  // namespace

int EditDistance(std::string_view a, std::string_view b) {
  a = a.substr(0, kLengthMax);
  b = b.substr(0, kLengthMax);
  // Three rows of the dynamic programme: two above and the current.
  using Row = std::array<int, kLengthMax + 1>;
  Row above_above{};
  Row above{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], above_above[j - 2] + 1);
      }
    }
    above_above = above;
    above = row;
  }
  return above[b.size()];
}

std::string_view NearestWord(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view nearest;
  int nearest_distance = 0;
  std::string_view continued;  // the first candidate that goes on where `word` stops
  for (std::string_view candidate : candidates) {
    if (continued.empty() && word.size() >= kPrefixMin && candidate.starts_with(word)) {
      continued = candidate;
    }
    const int distance = EditDistance(word, candidate);
    const int letters =
        static_cast<int>(std::min(std::max(word.size(), candidate.size()), kLengthMax));
    if (distance > std::max(1, letters / 3)) continue;
    if (distance >= letters) continue;  // nothing in common
    if (nearest.empty() || distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest.empty() ? continued : nearest;
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view nearest = NearestWord(word, candidates);
  if (nearest.empty()) return "";
  return "; did you mean " + QuotedName(nearest) + "?";
}

std::string GuessOrList(std::string_view word, std::span<const std::string_view> candidates) {
  std::string text = DidYouMean(word, candidates);
  if (!text.empty()) return text;
  text = "; it has";
  std::string_view separator = " ";
  const std::size_t shown = std::min(candidates.size(), kNamesShownMax);
  for (const std::string_view name : candidates.first(shown)) {
    text += separator;
    text += ShownName(name);
    separator = ", ";
  }
  if (shown < candidates.size()) {
    text += " and " + std::to_string(candidates.size() - shown) + " more";
  }
  return text;
}

}  // namespace groundhog::text
