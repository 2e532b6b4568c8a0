// What is said about one command, gathered from its definition: the one text behind --help and the
// manual page.
#ifndef GROUNDHOG_CLI_SHARED_COMMAND_PAGE_H_
#define GROUNDHOG_CLI_SHARED_COMMAND_PAGE_H_

#include <string>
#include <vector>

#include "cli/shared/command.h"

namespace groundhog::cli {

// A line of a list: an option, an argument, a command.
struct PageEntry {
  std::string name;   // "-o, --output", "FILE", "record"
  std::string value;  // of an option that takes one: "FILE|-"
  std::string meaning;
};

struct PageGroup {
  std::string title;
  std::vector<PageEntry> entries;
};

struct CommandPage {
  std::string name;     // "groundhog record"
  std::string summary;  // without a full stop
  std::vector<std::string> usages;
  // Arguments, commands and options, under the titles of --help.
  std::vector<PageGroup> groups;
  std::vector<std::string> examples;
  std::vector<std::string> notes;
  // All of them, in order; none where there are only commands below this one.
  std::vector<ExitCodeMeaning> exit_codes;
};

CommandPage PageOf(const Command& command);

// The page as text for a terminal of 80 columns.
std::string HelpText(const Command& command);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_COMMAND_PAGE_H_
