// A command's manual page, from the same text as its --help.
#ifndef GROUNDHOG_CLI_SHARED_MAN_PAGE_H_
#define GROUNDHOG_CLI_SHARED_MAN_PAGE_H_

#include <string>

#include "cli/shared/command.h"

namespace groundhog::cli {

// "groundhog-scenario-show", of which the page is groundhog-scenario-show.1.
std::string ManPageName(const Command& command);

// The page in roff, for section 1.
std::string ManPage(const Command& command);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_MAN_PAGE_H_
