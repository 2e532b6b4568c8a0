#include "cli/replayer/stop_on_signals.h"

#include <csignal>

#include "cli/replayer/terminal_mode.h"
#include "cli/shared/stop_handler.h"

namespace groundhog::cli {
namespace {

// A signal handler reaches nothing but statics.
replay::StopSignal* to_raise = nullptr;

// The second one: a terminal is put back, then the default action follows.
void OnSecondSignal(int signal_number) {
  TerminalMode::Restore();
  SetSecondStopHandler(SIG_DFL);
  ::raise(signal_number);
}

void OnSignal(int) {
  SetSecondStopHandler(OnSecondSignal);
  to_raise->Raise();
}

}  // namespace

StopOnSignals::StopOnSignals(replay::StopSignal& stop) {
  to_raise = &stop;
  SetStopHandler(OnSignal);
}

StopOnSignals::~StopOnSignals() { SetStopHandler(SIG_DFL); }

}  // namespace groundhog::cli
