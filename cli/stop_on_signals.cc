#include "cli/stop_on_signals.h"

#include <csignal>

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

void OnSignal(int) {
  SetHandlers(SIG_DFL);
  to_raise->Raise();
}

}  // namespace

StopOnSignals::StopOnSignals(replay::StopSignal& stop) {
  to_raise = &stop;
  SetHandlers(OnSignal);
}

StopOnSignals::~StopOnSignals() { SetHandlers(SIG_DFL); }

}  // namespace groundhog::cli
