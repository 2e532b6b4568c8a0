// The signals that ask a program to end cleanly: SIGINT (Ctrl-C), SIGTERM, and SIGHUP, which comes
// when a terminal is closed.
#ifndef GROUNDHOG_CLI_SHARED_STOP_HANDLER_H_
#define GROUNDHOG_CLI_SHARED_STOP_HANDLER_H_

namespace groundhog::cli {

using SignalHandler = void (*)(int);

// For the first of them; SIG_DFL undoes it. A SIGHUP that is ignored stays ignored: that is what
// nohup is for.
void SetStopHandler(SignalHandler handler) noexcept;

// For SIGINT and SIGTERM after the first. Further SIGHUPs are ignored, as the closing of one
// terminal may send two: one by the shell, one by the system. For signal handlers, too.
void SetSecondStopHandler(SignalHandler handler) noexcept;

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_STOP_HANDLER_H_
