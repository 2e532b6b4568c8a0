// A replay's keys: space pauses, → steps, ↑ and ↓ change the speed, n and p jump between incidents,
// t asks for a time, q ends.
#ifndef GROUNDHOG_CLI_REPLAYER_KEYBOARD_H_
#define GROUNDHOG_CLI_REPLAYER_KEYBOARD_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/replayer/terminal_mode.h"
#include "cli/shared/progress_printer.h"
#include "replay/controls.h"

namespace groundhog::cli {

// One thread. One object at a time.
class Keyboard : public replay::Controls {
 public:
  // One line for a person.
  static constexpr char kHelp[] =
      "keys: space pause, → step, ↑ ↓ speed, n p incident, t time, q end";

  // On standard input, or on the controlling terminal where `stdin_is_data`. nullptr: that is no
  // terminal, standard error is none, or the program runs in the background.
  static std::unique_ptr<Keyboard> Open(bool stdin_is_data, ProgressPrinter& printer);
  ~Keyboard() override;

  // Readable when there may be a command, for poll.
  int descriptor() const { return events_; }

  std::optional<replay::Command> Next() override;
  void Answer(const absl::StatusOr<std::string>& answer) override;

 private:
  Keyboard(int terminal, bool is_owned, int events, ProgressPrinter& printer);

  void Read();
  void Watch(bool is_wanted);
  std::optional<replay::Command> TakeKey();
  std::optional<replay::Command> TakePromptKey();
  std::optional<replay::Command> EndPrompt(bool is_entered);

  const int terminal_;
  const bool is_owned_;  // the terminal was opened here
  const int events_;     // an epoll of the terminal, while it is ours to read
  ProgressPrinter& printer_;
  std::optional<TerminalMode> mode_;
  bool is_watching_ = false;
  std::string unread_;                 // keys that were pressed
  std::optional<std::string> prompt_;  // what was typed after t so far
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_KEYBOARD_H_
