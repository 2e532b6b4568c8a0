// Options whose value is one of a few words.
#ifndef GROUNDHOG_CLI_SHARED_CHOICE_H_
#define GROUNDHOG_CLI_SHARED_CHOICE_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "text/enum_names.h"

namespace groundhog::cli {

// Adds an option that calls `choose` with the index of the word given, in either case, once for
// each value given. Any other word is an error in usage that lists them.
CLI::Option* AddWordOption(CLI::App& command, const std::string& flag,
                           const std::vector<std::string>& words, const std::string& meaning,
                           std::function<void(std::size_t)> choose);

template <class Row, std::size_t kRowCount>
std::vector<std::string> WordsOf(const text::EnumNames<Row, kRowCount>& names) {
  std::vector<std::string> words;
  for (const Row& row : names.rows()) words.emplace_back(row.name);
  return words;
}

// The words are the names of an enum. Sets `value`, which must outlive the parsing of the command
// line, to the last one given; it may be an optional of the enum.
template <class Value, class Row, std::size_t kRowCount>
CLI::Option* AddChoice(CLI::App& command, const std::string& flag, Value& value,
                       const text::EnumNames<Row, kRowCount>& names, const std::string& meaning) {
  return AddWordOption(command, flag, WordsOf(names), meaning, [&value](std::size_t chosen) {
    value = static_cast<decltype(Row::value)>(chosen);
  });
}

// The same, and adds each one given to `values`.
template <class Row, std::size_t kRowCount>
CLI::Option* AddChoices(CLI::App& command, const std::string& flag,
                        std::vector<decltype(Row::value)>& values,
                        const text::EnumNames<Row, kRowCount>& names, const std::string& meaning) {
  return AddWordOption(command, flag, WordsOf(names), meaning, [&values](std::size_t chosen) {
    values.push_back(static_cast<decltype(Row::value)>(chosen));
  });
}

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_CHOICE_H_
