// The words that can be at the cursor: the scripts of completion_scripts.h ask for them at each
// Tab, so that shells know the commands, options and values of the very program that they complete.
//
// The answer is lines. The first is "words", or "files PREFIX" where names of files, each behind
// PREFIX, can stand there as well. Each other line is a word as it would be typed, a tab, and what
// it means (empty where it says all by itself).
#ifndef GROUNDHOG_CLI_SHARED_COMPLETION_H_
#define GROUNDHOG_CLI_SHARED_COMPLETION_H_

#include <string>
#include <vector>

#include "cli/shared/command.h"

namespace groundhog::cli {

// `words`: the command line without the program, up to the cursor; the last one is being typed and
// may be empty.
std::string CompletionText(const Command& program, const std::vector<std::string>& words);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_COMPLETION_H_
