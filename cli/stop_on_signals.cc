#include "cli/stop_on_signals.h"

#include <csignal>

#include "cli/terminal_mode.h"

namespace groundhog::cli {
namespace {

// A signal handler reaches nothing but statics.
replay::StopSignal* to_raise = nullptr;

void SetHandlers(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// The second one, at its default but for a terminal that is put back first.
void OnSecondSignal(int signal_number) {
  TerminalMode::Restore();
  SetHandlers(SIG_DFL);
  ::raise(signal_number);
}

void OnSignal(int) {
  SetHandlers(OnSecondSignal);
  to_raise->Raise();
}

}  // namespace

StopOnSignals::StopOnSignals(replay::StopSignal& stop) {
  to_raise = &stop;
  SetHandlers(OnSignal);
}

StopOnSignals::~StopOnSignals() { SetHandlers(SIG_DFL); }

}  // namespace groundhog::cli
