// groundhog-replay ctl: gives commands to a replay that listens at a control socket.
#ifndef GROUNDHOG_CLI_REPLAYER_CTL_H_
#define GROUNDHOG_CLI_REPLAYER_CTL_H_

#include "cli/shared/program.h"

namespace groundhog::cli {

// Adds `ctl` to groundhog-replay. Both outlive RunProgram.
void AddCtlCommand(CLI::App& program, Selection& selection);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_CTL_H_
