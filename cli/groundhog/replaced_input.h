// Whether writing a trace would destroy one that is read: a slice in place of its day, or what was
// recovered in place of the damaged original.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_CLI_GROUNDHOG_REPLACED_INPUT_H_
#define GROUNDHOG_CLI_GROUNDHOG_REPLACED_INPUT_H_

#include <string>

namespace groundhog::cli {

// Whether both are the same regular file, whatever their names are: by a symbolic or hard link,
// too. `input` may be "-", which is the file that standard input was redirected from, if it was.
// False for pipes and devices, and where one of them is not there.
bool WouldReplace(const std::string& output, const std::string& input);

// The same of OUTPUT.partial, as which the output grows: 'recover day.ghog.partial -o day.ghog'
// comes to mind first.
bool WouldGrowIn(const std::string& output, const std::string& input);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_REPLACED_INPUT_H_
