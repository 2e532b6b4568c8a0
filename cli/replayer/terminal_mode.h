// A terminal that hands over each key as it is pressed, and is put back as it was whatever happens:
// at the end, on every signal that ends or stops the program, and for a second Ctrl-C.
#ifndef GROUNDHOG_CLI_REPLAYER_TERMINAL_MODE_H_
#define GROUNDHOG_CLI_REPLAYER_TERMINAL_MODE_H_

namespace groundhog::cli {

// One object at a time. Ctrl-C and Ctrl-Z keep their meaning.
class TerminalMode {
 public:
  // `terminal` outlives this. While the program is in the background, the terminal is left alone.
  explicit TerminalMode(int terminal);
  ~TerminalMode();
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;

  // Whether the terminal is ours to read, which a program in the background must not.
  bool is_foreground() const;
  // Whether the program was stopped and went on since this was last asked.
  bool TakeContinued();

  // Puts the terminal back, if there is an object; for signal handlers, too.
  static void Restore() noexcept;

 private:
  const int terminal_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_TERMINAL_MODE_H_
