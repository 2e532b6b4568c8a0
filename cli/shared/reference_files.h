// The files that `cmake --install` adds to the programs: manual pages and completion scripts.
#ifndef GROUNDHOG_CLI_SHARED_REFERENCE_FILES_H_
#define GROUNDHOG_CLI_SHARED_REFERENCE_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "cli/shared/command.h"

namespace groundhog::cli {

// Writes into `directory`, laid out as below share/: man/man1/*.1, a page a command, and the
// scripts of bash, zsh and fish where these look for them. Errors are those of writing a file.
absl::Status WriteReferenceFiles(const Command& program, const std::string& directory);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_REFERENCE_FILES_H_
