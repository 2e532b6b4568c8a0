// What is wrong with a command line, for a person: what, which value, what is allowed.
#ifndef GROUNDHOG_CLI_SHARED_USAGE_MESSAGE_H_
#define GROUNDHOG_CLI_SHARED_USAGE_MESSAGE_H_

#include <string>

#include "cli/shared/command.h"

namespace groundhog::cli {

// One line about the `error` that parsing `program`'s command line ended with: with a guess at what
// a mistyped command or option should be, or where to look.
std::string UsageMessage(const CLI::App& program, const CLI::ParseError& error);

// "unknown command 'hlep'; did you mean 'help'?" if `word` was taken as a file that does not exist
// and looks like a command of `app`; otherwise empty.
std::string CommandSlip(const CLI::App& app, const std::string& word);

// "; did you mean 'record'?", or empty when no command of `app` is near.
std::string CommandGuess(const CLI::App& app, const std::string& word);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_USAGE_MESSAGE_H_
