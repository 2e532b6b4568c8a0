// A command of a program, with all that is said about it. --help, the manual pages and the
// completion of shells are made from the same definitions (see command_page.h and completion.h), so
// that a new option or command is in all of them.
//
// Every CLI::App of both programs is a Command; the functions here take CLI::App&, as CLI11 hands
// out those. One thread.
#ifndef GROUNDHOG_CLI_SHARED_COMMAND_H_
#define GROUNDHOG_CLI_SHARED_COMMAND_H_

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shared/exit_codes.h"

namespace groundhog::cli {

// What an exit code says after one command.
struct ExitCodeMeaning {
  ExitCode code = kExitDone;
  std::string meaning;
};

// What a shell can offer as the value of an option or an argument.
struct ValueOffer {
  std::vector<std::string> words;
  bool has_files = false;
  std::vector<std::string> file_prefixes;  // such as "jsonl:", before the name of a file
};

// 0 and 2, which every command may end with.
std::vector<ExitCodeMeaning> UsualExitCodes();

class Command : public CLI::App {
 public:
  using CLI::App::App;

  std::vector<std::string> usages;  // empty: made from the options
  std::vector<std::string> examples;
  std::vector<std::string> notes;           // paragraphs
  std::vector<ExitCodeMeaning> exit_codes;  // what differs from UsualExitCodes
  std::map<const CLI::Option*, ValueOffer> offers;
};

// `app` as what it is.
Command& AsCommand(CLI::App& app);
const Command& AsCommand(const CLI::App& app);

// Sets what every program has: the name, --version, and --help with `examples` below the options.
// `examples`: one a line, unindented. `program` is a Command.
void DescribeProgram(CLI::App& program, std::string_view examples);

// Adds a subcommand with --help and `examples`, and returns it for its options to be added.
Command* AddCommand(CLI::App& program, const std::string& name, const std::string& summary,
                    std::string_view examples);

// Adds a paragraph to a command's help. Its line breaks do not matter.
void AddNotes(CLI::App& command, std::string_view notes);

// Says what exit codes mean after this command, where it is not what they mean after any.
void AddExitCodes(CLI::App& command, const std::vector<ExitCodeMeaning>& codes);

// Sets what a shell can offer for a value, in addition to what OfferOf finds in the value's name.
void OfferValues(CLI::App& command, const CLI::Option* option, ValueOffer offer);

// What can be offered for `option`: what was given to OfferValues; files where the value's name has
// FILE or SOCKET, as in FILE|-; and words in lower case that stand in it, as in N|forever.
ValueOffer OfferOf(const CLI::App& command, const CLI::Option& option);

// "groundhog scenario show"
std::string FullName(const CLI::App& app);

// The commands of `app`, in the order in which they were added.
std::vector<const Command*> CommandsOf(const CLI::App& app);

// The subcommand that parsing had reached.
const Command& Innermost(const CLI::App& app);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_COMMAND_H_
