#include "cli/shared/choice.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/shared/command.h"
#include "text/printable.h"
#include "text/suggestion.h"

namespace groundhog::cli {
namespace {

// "none, packed or zstd"
std::string Alternatives(const std::vector<std::string>& words) {
  if (words.size() < 2) return absl::StrJoin(words, "");
  const auto last = words.end() - 1;
  return absl::StrCat(absl::StrJoin(words.begin(), last, ", "), " or ", *last);
}

}  // namespace

CLI::Option* AddWordOption(CLI::App& command, const std::string& flag,
                           const std::vector<std::string>& words, const std::string& meaning,
                           std::function<void(std::size_t)> choose) {
  const auto take = [flag, words, choose = std::move(choose)](const CLI::results_t& values) {
    for (const std::string& value : values) {
      const auto found = std::find_if(
          words.begin(), words.end(),
          [&value](const std::string& word) { return absl::EqualsIgnoreCase(word, value); });
      if (found == words.end()) {
        const std::vector<std::string_view> known(words.begin(), words.end());
        const std::string guess = text::DidYouMean(value, known);
        throw CLI::ValidationError(absl::StrCat(flag, " ", text::QuotedName(value)),
                                   absl::StrCat("write ", Alternatives(words), guess));
      }
      choose(static_cast<std::size_t>(found - words.begin()));
    }
    return true;
  };
  CLI::Option* const option = command.add_option(flag, take, meaning);
  OfferValues(command, option, {.words = words});
  return option->type_name(absl::StrJoin(words, "|"));
}

}  // namespace groundhog::cli
