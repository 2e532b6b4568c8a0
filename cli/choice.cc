#include "cli/choice.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace groundhog::cli {

CLI::Option* AddWordOption(CLI::App& command, const std::string& flag,
                           const std::vector<std::string>& words, const std::string& meaning,
                           std::function<void(std::size_t)> choose) {
  const auto take = [flag, words, choose = std::move(choose)](const CLI::results_t& values) {
    for (const std::string& value : values) {
      const auto found = std::find_if(
          words.begin(), words.end(),
          [&value](const std::string& word) { return absl::EqualsIgnoreCase(word, value); });
      if (found == words.end()) {
        throw CLI::ValidationError(
            flag, absl::StrCat("'", value, "' is not one of ", absl::StrJoin(words, ", ")));
      }
      choose(static_cast<std::size_t>(found - words.begin()));
    }
    return true;
  };
  return command.add_option(flag, take, meaning)->type_name(absl::StrJoin(words, "|"));
}

}  // namespace groundhog::cli
