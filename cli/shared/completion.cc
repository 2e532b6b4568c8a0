#include "cli/shared/completion.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace groundhog::cli {
namespace {

// The command line up to the cursor, read as the parser would.
class CommandLine {
 public:
  CommandLine(const Command& program, const std::vector<std::string>& words)
      : program_(program), command_(&program) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) Take(words[i]);
  }

  const Command& command() const { return *command_; }
  // The option whose value comes next; nullptr if none.
  const CLI::Option* open_option() const { return open_option_; }
  // Whether the words to come name a command whose help is wanted.
  bool is_help() const { return is_help_; }
  bool are_options_over() const { return are_options_over_; }
  bool has_argument() const { return arguments_ > 0; }

  bool CanTake(const CLI::Option* option) const {
    const bool may_repeat = option->get_multi_option_policy() != CLI::MultiOptionPolicy::Throw;
    return may_repeat || std::find(given_.begin(), given_.end(), option) == given_.end();
  }

  // The argument whose turn it is; nullptr if there is none any more.
  const CLI::Option* NextArgument() const {
    std::size_t number = arguments_;
    for (const CLI::Option* option : command_->get_options()) {
      if (!option->get_positional()) continue;
      if (number == 0 || option->get_items_expected_max() > 1) return option;
      --number;
    }
    return nullptr;
  }

 private:
  void Take(const std::string& word) {
    if (open_option_ != nullptr) {
      open_option_ = nullptr;
    } else if (!are_options_over_ && word == "--") {
      are_options_over_ = true;
    } else if (!are_options_over_ && word.size() > 1 && word[0] == '-') {
      TakeOption(word);
    } else {
      TakeArgument(word);
    }
  }

  void TakeOption(const std::string& word) {
    const bool is_long = word.starts_with("--");
    const std::size_t equals = is_long ? word.find('=') : std::string::npos;
    const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
    const CLI::Option* const option = command_->get_option_no_throw(name);
    if (option == nullptr) return;
    given_.push_back(option);
    const bool has_value = is_long ? equals != std::string::npos : word.size() > 2;
    if (!has_value && option->get_items_expected_max() > 0) open_option_ = option;
  }

  void TakeArgument(const std::string& word) {
    for (const Command* sub : CommandsOf(*command_)) {
      if (sub->get_name() != word || arguments_ > 0) continue;
      // `help` takes the names of the other commands.
      is_help_ = is_help_ || (command_ == &program_ && word == "help");
      command_ = is_help_ && word == "help" ? &program_ : sub;
      given_.clear();
      return;
    }
    ++arguments_;
  }

  const Command& program_;
  const Command* command_;
  const CLI::Option* open_option_ = nullptr;
  std::vector<const CLI::Option*> given_;
  std::size_t arguments_ = 0;
  bool are_options_over_ = false;
  bool is_help_ = false;
};

class Answer {
 public:
  explicit Answer(std::string typed) : typed_(std::move(typed)) {}

  bool empty() const { return lines_.empty() && !has_files_; }

  void Add(const std::string& word, const std::string& meaning) {
    if (absl::StartsWithIgnoreCase(word, typed_))
      absl::StrAppend(&lines_, word, "\t", meaning, "\n");
  }

  // `before`: the part of the typed word before the value, as in --level=.
  void AddValues(const ValueOffer& offer, const std::string& before) {
    for (const std::string& word : offer.words) Add(before + word, "");
    if (offer.has_files) AddFiles(before);
    for (const std::string& prefix : offer.file_prefixes) {
      Add(before + prefix, "");
      if (typed_.starts_with(before + prefix)) AddFiles(before + prefix);
    }
  }

  void AddCommands(const Command& command, bool is_help) {
    for (const Command* sub : CommandsOf(command)) {
      if (!is_help || sub->get_name() != "help") Add(sub->get_name(), sub->get_description());
    }
  }

  void AddOptions(const CommandLine& line) {
    for (const CLI::Option* option : line.command().get_options()) {
      if (option->get_positional() || !line.CanTake(option)) continue;
      Add(option->get_name(), option->get_description());
    }
  }

  std::string Text() const {
    return absl::StrCat(has_files_ ? "files " + files_prefix_ : "words", "\n", lines_);
  }

 private:
  void AddFiles(std::string prefix) {
    has_files_ = true;
    files_prefix_ = std::move(prefix);
  }

  const std::string typed_;
  std::string lines_;
  bool has_files_ = false;
  std::string files_prefix_;
};

}  // namespace

std::string CompletionText(const Command& program, const std::vector<std::string>& words) {
  const std::string typed = words.empty() ? "" : words.back();
  const CommandLine line(program, words);
  const Command& command = line.command();
  Answer answer(typed);
  if (line.open_option() != nullptr) {
    answer.AddValues(OfferOf(command, *line.open_option()), "");
    return answer.Text();
  }
  if (line.is_help()) {
    answer.AddCommands(command, true);
    return answer.Text();
  }
  const std::size_t equals = typed.starts_with("--") ? typed.find('=') : std::string::npos;
  if (equals != std::string::npos) {
    const CLI::Option* const option = command.get_option_no_throw(typed.substr(0, equals));
    if (option != nullptr) {
      answer.AddValues(OfferOf(command, *option), typed.substr(0, equals + 1));
    }
    return answer.Text();
  }
  if (typed.starts_with("-") && !line.are_options_over()) {
    answer.AddOptions(line);
    return answer.Text();
  }
  // A command stands before all arguments or nowhere.
  if (!line.has_argument()) answer.AddCommands(command, false);
  const CLI::Option* const argument = line.NextArgument();
  if (argument != nullptr) answer.AddValues(OfferOf(command, *argument), "");
  if (answer.empty() && typed.empty()) answer.AddOptions(line);
  return answer.Text();
}

}  // namespace groundhog::cli
