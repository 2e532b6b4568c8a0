// Options whose value is one of a few words.
#ifndef GROUNDHOG_CLI_SHARED_CHOICE_H_
#define GROUNDHOG_CLI_SHARED_CHOICE_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace groundhog::cli {

// Adds an option that calls `choose` with the index of the word given, in either case, once for
// each value given. Any other word is an error in usage that lists them.
CLI::Option* AddWordOption(CLI::App& command, const std::string& flag,
                           const std::vector<std::string>& words, const std::string& meaning,
                           std::function<void(std::size_t)> choose);

// Sets `value`, which must outlive the parsing of the command line, to the meaning of the given
// word.
template <class Value>
CLI::Option* AddChoice(CLI::App& command, const std::string& flag, Value& value,
                       const std::vector<std::pair<std::string, Value>>& choices,
                       const std::string& meaning) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  return AddWordOption(command, flag, words, meaning,
                       [&value, choices](std::size_t chosen) { value = choices[chosen].second; });
}

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_CHOICE_H_
