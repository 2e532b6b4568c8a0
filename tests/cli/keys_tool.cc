// keys_tool: the replayer's keys and its terminal mode without a replay, for keys_test.py.
//   keys_tool keyboard [data]  prints "<COMMAND>" for each command until q ends it, "<none>" where
//                              there is no keyboard; with `data`, standard input is not for keys
//   keys_tool mode             holds the terminal until q is pressed; prints what it notices
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/keyboard.h"
#include "cli/replayer/terminal_mode.h"
#include "cli/shared/progress_printer.h"
#include "replay/command.h"

namespace groundhog::cli {
namespace {

using replay::Command;
using replay::CommandKind;

void Say(const std::string& text) {
  std::printf("<%s>\n", text.c_str());
  std::fflush(stdout);
}

std::string TextOf(const Command& command) {
  switch (command.kind) {
    case CommandKind::kTogglePause:
      return "toggle";
    case CommandKind::kStep:
      return absl::StrCat("step ", command.count);
    case CommandKind::kFaster:
      return "faster";
    case CommandKind::kSlower:
      return "slower";
    case CommandKind::kNextIncident:
      return "next";
    case CommandKind::kPreviousIncident:
      return "previous";
    case CommandKind::kGoTo:
      return absl::StrCat("goto ", command.time);
    case CommandKind::kQuit:
      return "quit";
    default:
      return "no key's command";
  }
}

// Waits a while for `descriptor`; whether it is readable. Not forever, as a signal may come just
// before poll.
bool Wait(int descriptor) {
  pollfd wait = {.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, /*milliseconds*/ 50) > 0;
}

// Answers as a replay does: times are unknown to it, all else is well.
int ReportCommands(bool stdin_is_data) {
  ProgressPrinter printer("keys_tool", ProgressMode::kNever, /*stdout_is_busy=*/false);
  const std::unique_ptr<Keyboard> keyboard = Keyboard::Open(stdin_is_data, printer);
  if (keyboard == nullptr) {
    Say("none");
    return 0;
  }
  Say("open");
  while (true) {
    Wait(keyboard->descriptor());
    while (const std::optional<Command> command = keyboard->Next()) {
      Say(TextOf(*command));
      if (command->kind == CommandKind::kQuit) return 0;
      if (command->kind == CommandKind::kGoTo) {
        keyboard->Answer(absl::InvalidArgumentError("no time like that"));
      } else {
        keyboard->Answer("pace=60x");
      }
    }
  }
}

int HoldMode() {
  TerminalMode mode(STDIN_FILENO);
  Say(mode.is_foreground() ? "foreground" : "background");
  for (char key = '\0'; key != 'q' && mode.is_foreground();) {
    if (Wait(STDIN_FILENO) && ::read(STDIN_FILENO, &key, 1) != 1) return 1;
    if (mode.TakeContinued()) Say("continued");
  }
  return 0;
}

}  // namespace
}  // namespace groundhog::cli

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "mode") return groundhog::cli::HoldMode();
  return groundhog::cli::ReportCommands(/*stdin_is_data=*/argc > 2);
}
