// The signals that ask a program to end cleanly: SIGINT (Ctrl-C), SIGTERM, and SIGHUP, which comes
// when a terminal is closed.
#ifndef GROUNDHOG_CLI_SHARED_STOP_HANDLER_H_
#define GROUNDHOG_CLI_SHARED_STOP_HANDLER_H_

namespace groundhog::cli {

// Functions that may be called within a signal handler.
struct StopHandler {
  void (*on_first)() = nullptr;
  void (*on_second)() = nullptr;  // may be left out
};

// The first of the signals calls `on_first`. A SIGINT or SIGTERM after it calls `on_second` and
// then ends the program. Further SIGHUPs are ignored, as the closing of one terminal may send two:
// one by the shell, one by the system. A SIGHUP that is ignored from the start stays ignored: that
// is what nohup is for.
void SetStopHandler(const StopHandler& handler) noexcept;

// From now on each of the signals ends the program, except a SIGHUP that was ignored.
void ResetStopHandler() noexcept;

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_STOP_HANDLER_H_
