#include "cli/shared/stop_handler.h"

#include <array>
#include <csignal>

namespace groundhog::cli {
namespace {

constexpr std::array kAll = {SIGINT, SIGTERM, SIGHUP};

// A signal handler reaches nothing but statics.
StopHandler current;

using SignalHandler = void (*)(int);

void Set(int signal_number, SignalHandler handler) noexcept {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  for (const int other : kAll) sigaddset(&action.sa_mask, other);
  ::sigaction(signal_number, &action, nullptr);
}

bool IsIgnored(int signal_number) noexcept {
  struct sigaction action{};
  ::sigaction(signal_number, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

void SetAll(SignalHandler handler) noexcept {
  Set(SIGINT, handler);
  Set(SIGTERM, handler);
  if (!IsIgnored(SIGHUP)) Set(SIGHUP, handler);
}

void OnSecond(int signal_number) {
  if (current.on_second != nullptr) current.on_second();
  Set(signal_number, SIG_DFL);
  ::raise(signal_number);  // taken when this handler returns
}

void OnFirst(int) {
  Set(SIGINT, OnSecond);
  Set(SIGTERM, OnSecond);
  Set(SIGHUP, SIG_IGN);
  current.on_first();
}

}  // namespace

void SetStopHandler(const StopHandler& handler) noexcept {
  current = handler;
  SetAll(OnFirst);
}

void ResetStopHandler() noexcept { SetAll(SIG_DFL); }

}  // namespace groundhog::cli
