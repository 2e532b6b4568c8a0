// The scripts by which shells complete a program's command line. They hold nothing of its commands;
// they ask the program (completion.h).
#ifndef GROUNDHOG_CLI_SHARED_COMPLETION_SCRIPTS_H_
#define GROUNDHOG_CLI_SHARED_COMPLETION_SCRIPTS_H_

#include <string>
#include <string_view>
#include <vector>

namespace groundhog::cli {

// bash, zsh, fish
std::vector<std::string> CompletionShells();

// The script for `shell`, for a program of this name; empty: no such shell.
std::string CompletionScript(std::string_view shell, std::string_view program);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_COMPLETION_SCRIPTS_H_
