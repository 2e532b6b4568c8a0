#include "cli/replayer/terminal_mode.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace groundhog::cli {
namespace {

// Signal handlers reach nothing but statics. `terminal_in_use` is set last and cleared first.
volatile std::sig_atomic_t terminal_in_use = -1;
volatile std::sig_atomic_t was_continued = 0;
struct termios mode_before;
struct termios mode_of_keys;

// The signals that end a program and can be handled, except those that ask for a clean end, which
// are for StopOnSignals.
constexpr std::array kEnding = {SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
std::array<struct sigaction, kEnding.size()> ending_before;
struct sigaction stop_before;
struct sigaction continue_before;

bool IsForeground(int terminal) { return ::tcgetpgrp(terminal) == ::getpgrp(); }

void TakeKeys(int terminal) {
  if (IsForeground(terminal)) ::tcsetattr(terminal, TCSANOW, &mode_of_keys);
}

void Set(int signal_number, void (*handler)(int), struct sigaction* before) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal_number, &action, before);
}

// Puts the terminal back, then lets the signal do what it would have done without us.
void OnEnding(int signal_number) {
  TerminalMode::Restore();
  for (std::size_t i = 0; i < kEnding.size(); ++i) {
    if (kEnding[i] == signal_number) ::sigaction(signal_number, &ending_before[i], nullptr);
  }
  ::raise(signal_number);  // taken when this handler returns
}

void OnStop(int) {
  const int error_number = errno;
  TerminalMode::Restore();
  struct sigaction ours{};
  ::sigaction(SIGTSTP, &stop_before, &ours);
  sigset_t only_stop;
  sigemptyset(&only_stop);
  sigaddset(&only_stop, SIGTSTP);
  ::raise(SIGTSTP);
  ::sigprocmask(SIG_UNBLOCK, &only_stop, nullptr);  // here it stops, and here it goes on
  ::sigaction(SIGTSTP, &ours, nullptr);
  errno = error_number;
}

void OnContinue(int) {
  const int error_number = errno;
  was_continued = 1;
  if (terminal_in_use >= 0) TakeKeys(terminal_in_use);
  errno = error_number;
}

}  // namespace

TerminalMode::TerminalMode(int terminal) : terminal_(terminal) {
  if (::tcgetattr(terminal, &mode_before) != 0) return;
  mode_of_keys = mode_before;
  mode_of_keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  mode_of_keys.c_cc[VMIN] = 0;
  mode_of_keys.c_cc[VTIME] = 0;
  terminal_in_use = terminal;
  for (std::size_t i = 0; i < kEnding.size(); ++i) {
    Set(kEnding[i], OnEnding, &ending_before[i]);
    // What is ignored stays so.
    if (ending_before[i].sa_handler == SIG_IGN) {
      ::sigaction(kEnding[i], &ending_before[i], nullptr);
    }
  }
  Set(SIGTSTP, OnStop, &stop_before);
  if (stop_before.sa_handler == SIG_IGN) ::sigaction(SIGTSTP, &stop_before, nullptr);
  Set(SIGCONT, OnContinue, &continue_before);
  TakeKeys(terminal);
}

TerminalMode::~TerminalMode() {
  if (terminal_in_use < 0) return;
  Restore();
  terminal_in_use = -1;
  ::sigaction(SIGCONT, &continue_before, nullptr);
  ::sigaction(SIGTSTP, &stop_before, nullptr);
  for (std::size_t i = 0; i < kEnding.size(); ++i) {
    ::sigaction(kEnding[i], &ending_before[i], nullptr);
  }
}

bool TerminalMode::is_foreground() const { return IsForeground(terminal_); }

bool TerminalMode::TakeContinued() {
  const bool is_so = was_continued != 0;
  was_continued = 0;
  return is_so;
}

void TerminalMode::Restore() noexcept {
  const int terminal = terminal_in_use;
  if (terminal >= 0 && IsForeground(terminal)) ::tcsetattr(terminal, TCSANOW, &mode_before);
}

}  // namespace groundhog::cli
