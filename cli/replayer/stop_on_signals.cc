#include "cli/replayer/stop_on_signals.h"

#include "cli/replayer/terminal_mode.h"
#include "cli/shared/stop_handler.h"

namespace groundhog::cli {
namespace {

// A signal handler reaches nothing but statics.
replay::StopSignal* to_raise = nullptr;

}  // namespace

StopOnSignals::StopOnSignals(replay::StopSignal& stop) {
  to_raise = &stop;
  SetStopHandler({.on_first = [] { to_raise->Raise(); }, .on_second = TerminalMode::Restore});
}

StopOnSignals::~StopOnSignals() { ResetStopHandler(); }

}  // namespace groundhog::cli
