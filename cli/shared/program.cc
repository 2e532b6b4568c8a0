#include "cli/shared/program.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/shared/command_page.h"
#include "cli/shared/completion.h"
#include "cli/shared/completion_scripts.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/reference_files.h"
#include "cli/shared/standard_descriptors.h"
#include "cli/shared/usage_message.h"
#include "text/printable.h"

namespace groundhog::cli {
namespace {

constexpr char kCompleteWord[] = "__complete";
constexpr char kReferenceWord[] = "__reference";

int Help(const CLI::App& program, const std::vector<std::string>& words) {
  const Command* command = &AsCommand(program);
  for (const std::string& word : words) {
    const std::vector<const Command*> commands = CommandsOf(*command);
    const auto next = std::find_if(commands.begin(), commands.end(),
                                   [&word](const Command* sub) { return sub->get_name() == word; });
    if (next == commands.end()) {
      PrintError(program.get_name(),
                 absl::StrCat("help: '", FullName(*command), "' has no command ",
                              text::QuotedName(word), CommandGuess(*command, word)));
      return kExitUsage;
    }
    command = *next;
  }
  return PrintData(program.get_name(), HelpText(*command), kExitDone);
}

void AddHelpCommand(CLI::App& program, std::vector<std::string>& words, Selection& selection) {
  const std::string& name = program.get_name();
  std::string examples = name + " help";
  if (const std::vector<const Command*> commands = CommandsOf(program); !commands.empty()) {
    absl::StrAppend(&examples, "\n", name, " help ", commands[0]->get_name());
  }
  CLI::App* const help = AddCommand(program, "help", "Print the help of a command", examples);
  help->add_option("COMMAND", words, "The command; without it, the help of the program")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  SetRun(*help, selection, [&program, &words] { return Help(program, words); });
}

void AddCompletionCommand(CLI::App& program, std::string& shell, Selection& selection) {
  const std::string& name = program.get_name();
  CLI::App* const completion = AddCommand(
      program, "completion", "Print a script that completes commands for bash, zsh or fish",
      absl::StrCat("source <(", name, " completion bash)\n", name,
                   " completion fish > ~/.config/fish/completions/", name, ".fish\n", name,
                   " completion zsh > ~/.zfunc/_", name));
  AddNotes(*completion,
           "'cmake --install' puts these scripts where the shells find them. In zsh the folder "
           "of the script must be in fpath before compinit runs.");
  CLI::Option* const option =
      completion->add_option("SHELL", shell, "bash, zsh or fish")->required();
  option->check([](const std::string& value) {
    return CompletionScript(value, "").empty()
               ? absl::StrCat(text::QuotedName(value), ": write bash, zsh or fish")
               : "";
  });
  OfferValues(*completion, option, {.words = CompletionShells()});
  SetRun(*completion, selection, [&program, &shell] {
    return PrintData(program.get_name(), CompletionScript(shell, program.get_name()), kExitDone);
  });
}

// What machines ask; nullopt if a person asks.
std::optional<int> AnswerMachine(const CLI::App& program, int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == kCompleteWord) {
    const std::vector<std::string> words(argv + 2, argv + argc);
    return PrintData(program.get_name(), CompletionText(AsCommand(program), words), kExitDone);
  }
  if (first == kReferenceWord && argc == 3) {
    const absl::Status status = WriteReferenceFiles(AsCommand(program), argv[2]);
    if (!status.ok()) PrintError(program.get_name(), status);
    return status.ok() ? kExitDone : kExitUsage;
  }
  return std::nullopt;
}

// `groundhog --x=` gives --x an empty value. CLI11 would take the next word for it.
std::vector<std::string> Words(int argc, char** argv) {
  std::vector<std::string> words;
  bool are_options_over = false;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    are_options_over = are_options_over || word == "--";
    const bool has_empty_value = !are_options_over && word.size() > 3 && word.starts_with("--") &&
                                 word.find('=') == word.size() - 1;
    if (has_empty_value) {
      word.pop_back();
      words.push_back(word);
      word.clear();
    }
    words.push_back(std::move(word));
  }
  return {words.rbegin(), words.rend()};  // as CLI11 wants them
}

// Prints what is wrong with the command line; where a command is missing, which there are.
int Refuse(const CLI::App& program, const CLI::ParseError& error) {
  const Command& reached = Innermost(program);
  const bool lacks_command = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
                             reached.get_require_subcommand_min() > 0 &&
                             reached.remaining_size() == 0;
  if (lacks_command) {
    std::fputs(HelpText(reached).c_str(), stderr);
  } else {
    PrintError(program.get_name(), UsageMessage(program, error));
  }
  return kExitUsage;
}

}  // namespace

void SetRun(CLI::App& command, Selection& selection, std::function<int()> run) {
  command.callback([&selection, run = std::move(run)] { selection.run = run; });
}

int RunProgram(CLI::App& program, int argc, char** argv, Selection& selection) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  if (absl::Status s = OccupyStandardDescriptors(); !s.ok()) {
    PrintError(program.get_name(), s);
    return kExitUsage;
  }
  std::vector<std::string> help_words;
  std::string shell;
  AddHelpCommand(program, help_words, selection);
  AddCompletionCommand(program, shell, selection);
  if (const std::optional<int> code = AnswerMachine(program, argc, argv)) return *code;
  try {
    program.parse(Words(argc, argv));
  } catch (const CLI::CallForHelp&) {
    return PrintData(program.get_name(), HelpText(Innermost(program)), kExitDone);
  } catch (const CLI::CallForVersion& version) {
    return PrintData(program.get_name(), absl::StrCat(version.what(), "\n"), kExitDone);
  } catch (const CLI::ParseError& error) {
    return Refuse(program, error);
  }
  try {
    return selection.run ? selection.run() : static_cast<int>(kExitUsage);
  } catch (const std::bad_alloc&) {
    PrintError(program.get_name(), "out of memory");
    return kExitNo;
  }
}

void PrintError(std::string_view program, std::string_view message) {
  // A message may repeat words of a file, which may be hostile.
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(),
               text::PrintableLines(message).c_str());
}

void PrintError(std::string_view program, const absl::Status& status) {
  PrintError(program, std::string_view(status.message().data(), status.message().size()));
}

}  // namespace groundhog::cli
