#include "cli/shared/stop_handler.h"

#include <array>
#include <csignal>

namespace groundhog::cli {
namespace {

constexpr std::array kAll = {SIGINT, SIGTERM, SIGHUP};

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

}  // namespace

void SetStopHandler(SignalHandler handler) noexcept {
  Set(SIGINT, handler);
  Set(SIGTERM, handler);
  if (!IsIgnored(SIGHUP)) Set(SIGHUP, handler);
}

void SetSecondStopHandler(SignalHandler handler) noexcept {
  Set(SIGINT, handler);
  Set(SIGTERM, handler);
  Set(SIGHUP, SIG_IGN);
}

}  // namespace groundhog::cli
