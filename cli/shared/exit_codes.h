// The exit codes that both programs share (docs: README, "Exit codes").
#ifndef GROUNDHOG_CLI_SHARED_EXIT_CODES_H_
#define GROUNDHOG_CLI_SHARED_EXIT_CODES_H_

namespace groundhog::cli {

enum ExitCode : int {
  kExitDone = 0,
  kExitNo = 1,            // the answer is no: differs, invalid, not all delivered, broker lost
  kExitUsage = 2,         // wrong usage, unreadable input, unwritable output, broker never reached
  kExitIncomplete = 3,    // finished, but the trace was incomplete or something was lost
  kExitInterrupted = 130  // stopped by a signal, cleanly
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_EXIT_CODES_H_
