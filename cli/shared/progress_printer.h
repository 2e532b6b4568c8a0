// Where a running program's stderr is kept tidy: one progress line that is redrawn on a terminal,
// plain lines at intervals elsewhere, and notices between them.
#ifndef GROUNDHOG_CLI_SHARED_PROGRESS_PRINTER_H_
#define GROUNDHOG_CLI_SHARED_PROGRESS_PRINTER_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "text/enum_names.h"

namespace groundhog::cli {

enum class ProgressMode { kAuto, kAlways, kNever };
inline constexpr text::EnumNames kProgressModeNames(
    std::to_array<text::EnumName<ProgressMode>>({{ProgressMode::kAuto, "auto"},
                                                 {ProgressMode::kAlways, "always"},
                                                 {ProgressMode::kNever, "never"}}));

// Writes to standard error. One thread.
class ProgressPrinter {
 public:
  // kAuto shows progress when standard error is a terminal, unless `stdout_is_busy`: the program's
  // data goes to the same terminal.
  ProgressPrinter(std::string program, ProgressMode mode, bool stdout_is_busy);
  // Ends the line.
  ~ProgressPrinter();
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  bool is_shown() const { return is_shown_; }
  // How often Show should be called: 250 ms on a terminal, else 5 s.
  std::chrono::nanoseconds interval() const;

  // How long a line may be without wrapping: one less than the terminal is wide; 79 where that is
  // not known; without end where it is no terminal.
  std::size_t columns() const;

  // The progress as of now, one line without newline.
  void Show(std::string_view line);
  // A question and the typed answer, on a terminal: it replaces the progress until EndPrompt.
  void ShowPrompt(std::string_view line);
  void EndPrompt();
  // "PROGRAM: LINE", whatever the mode. On a terminal a long one is broken between words.
  void Notice(std::string_view line);
  // A line above the progress, whatever the mode.
  void PrintAbove(std::string_view line);
  // Text of several lines, each with its newline, whatever the mode.
  void Print(std::string_view text);
  // Leaves the last progress line standing.
  void EndLine();
  // Takes it off the terminal; elsewhere lines stay.
  void ClearLine();

 private:
  const std::string program_;
  const bool is_terminal_;
  const bool is_shown_;
  bool is_line_open_ = false;
  std::string prompt_;  // empty: nothing is asked
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_PROGRESS_PRINTER_H_
