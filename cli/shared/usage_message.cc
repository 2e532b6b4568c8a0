#include "cli/shared/usage_message.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "text/printable.h"
#include "text/suggestion.h"

namespace groundhog::cli {
namespace {

bool IsOption(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

std::string Pointer(const CLI::App& app) {
  return absl::StrCat("; see '", FullName(app), " --help'");
}

// The commands from `program` to the one that parsing reached.
std::vector<const Command*> Path(const CLI::App& program) {
  std::vector<const Command*> path = {&AsCommand(program)};
  while (!path.back()->get_subcommands().empty()) {
    path.push_back(&AsCommand(*path.back()->get_subcommands().front()));
  }
  return path;
}

// "; did you mean '--seed'?", whatever dashes and value were typed.
std::string OptionGuess(const CLI::App& app, const std::string& word) {
  std::vector<std::string_view> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.emplace_back(name);
  }
  const std::string bare = word.substr(word.find_first_not_of('-'));
  const std::string_view nearest = text::NearestWord(bare, names);
  if (bare.size() < 2 || nearest.empty()) return Pointer(app);
  return absl::StrCat("; did you mean '--", std::string(nearest), "'?");
}

std::string UnknownOption(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const bool has_name = name.find_first_not_of('-') != std::string::npos;
  return absl::StrCat("unknown option ", text::QuotedName(name),
                      has_name ? OptionGuess(app, name) : Pointer(app));
}

std::string UnknownCommand(const CLI::App& app, const std::string& word) {
  std::string text = absl::StrCat("unknown command ", text::QuotedName(word));
  const std::string guess = CommandGuess(app, word);
  if (!guess.empty()) return text + guess;
  text += "; the commands are";
  for (const Command* command : CommandsOf(app)) text += " " + command->get_name();
  return text;
}

// What is left over after everything that `app` takes.
std::string Surplus(const CLI::App& app, const std::vector<std::string>& words) {
  std::string text = words.size() == 1 ? "surplus argument " : "surplus arguments ";
  for (const std::string& word : words) {
    text += absl::StrCat(&word == &words[0] ? "" : ", ", text::QuotedName(word));
  }
  std::string taken;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    taken += absl::StrCat(taken.empty() ? "" : " and ", "one ", option->get_name(true));
  }
  return absl::StrCat(text, ": '", FullName(app), "' takes ",
                      taken.empty() ? "no arguments" : taken + " only", Pointer(app));
}

// About the words that `app` could make no sense of; empty if there are none.
std::string AboutRemaining(const Command& app) {
  std::vector<std::string> words = app.remaining();
  words.erase(std::remove(words.begin(), words.end(), "--"), words.end());
  if (words.empty()) return "";
  const bool takes_command = app.get_require_subcommand_min() > 0;
  if (takes_command && !IsOption(words[0])) return UnknownCommand(app, words[0]);
  for (const std::string& word : words) {
    if (IsOption(word)) return UnknownOption(app, word);
  }
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional() || option->count() == 0) continue;
    std::string slip = CommandSlip(app, option->results()[0]);
    if (!slip.empty()) return slip;
  }
  return Surplus(app, words);
}

// The option that CLI11 names at the beginning of its messages; nullptr if it names none.
const CLI::Option* OptionNamedBy(const CLI::App& app, std::string_view message) {
  constexpr std::string_view kConversion = "Could not convert: ";
  if (message.starts_with(kConversion)) message.remove_prefix(kConversion.size());
  const std::string name(message.substr(0, message.find_first_of(": ")));
  return app.get_option_no_throw(name);
}

std::string WithMeaning(const CLI::Option& option) {
  std::string meaning = option.get_description();
  meaning[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(meaning[0])));
  const std::string value = option.get_positional() ? "" : " " + option.get_type_name();
  return absl::StrCat(option.get_name(), value, " is missing: ", meaning);
}

// CLI11's own words, as one line.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

}  // namespace

std::string CommandGuess(const CLI::App& app, const std::string& word) {
  std::vector<std::string_view> names;
  for (const Command* command : CommandsOf(app)) names.emplace_back(command->get_name());
  return text::DidYouMean(word, names);
}

std::string CommandSlip(const CLI::App& app, const std::string& word) {
  std::error_code error;
  if (std::filesystem::exists(word, error)) return "";
  const std::string guess = CommandGuess(app, word);
  return guess.empty() ? "" : absl::StrCat("unknown command ", text::QuotedName(word), guess);
}

std::string UsageMessage(const CLI::App& program, const CLI::ParseError& error) {
  for (const Command* command : Path(program)) {
    std::string unknown = AboutRemaining(*command);
    if (!unknown.empty()) return unknown;
  }
  const Command& reached = Innermost(program);
  const CLI::Option* option = OptionNamedBy(reached, error.what());
  if (option == nullptr) return OneLine(error.what()) + Pointer(reached);
  const std::string name = option->get_name();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return WithMeaning(*option) + Pointer(reached);
  }
  const bool is_flag = option->get_items_expected_max() == 0;
  if (is_flag) return name + " takes no value" + Pointer(reached);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    if (option->count() > 1) {
      return absl::StrCat(name, " is given ", option->count(), " times; give it once");
    }
    return absl::StrCat(name, " needs a value: ", option->get_type_name(), Pointer(reached));
  }
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    const std::string_view words = error.what();
    return absl::StrCat(name, " and ", std::string(words.substr(words.rfind(' ') + 1)),
                        " exclude each other: give one of them");
  }
  // A value that CLI11 checked, as ours are: "--trace-id 'x': ..."
  std::string text = OneLine(error.what());
  if (text.starts_with(name + ": '")) text.erase(name.size(), 1);
  return text.ends_with("?") ? text : text + Pointer(reached);
}

}  // namespace groundhog::cli
