#include "cli/shared/progress_printer.h"

#include <unistd.h>

#include <cstdio>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/shared/terminal_columns.h"
#include "text/wrap.h"

namespace groundhog::cli {
namespace {

constexpr std::size_t kColumnsUnknown = 79;
constexpr std::size_t kColumnsMin = 20;  // narrower than this, a notice is not broken
constexpr absl::string_view kContinued = "  ";

// In one write each, so that lines of several programs on one terminal do not mix.
void WriteError(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

ProgressPrinter::ProgressPrinter(std::string program, ProgressMode mode, bool stdout_is_busy)
    : program_(std::move(program)),
      is_terminal_(isatty(STDERR_FILENO) != 0),
      is_shown_(mode == ProgressMode::kAlways ||
                (mode == ProgressMode::kAuto && is_terminal_ &&
                 !(stdout_is_busy && isatty(STDOUT_FILENO) != 0))) {}

ProgressPrinter::~ProgressPrinter() { EndLine(); }

std::chrono::nanoseconds ProgressPrinter::interval() const {
  return is_terminal_ ? std::chrono::nanoseconds(std::chrono::milliseconds(250))
                      : std::chrono::seconds(5);
}

std::size_t ProgressPrinter::columns() const {
  if (!is_terminal_) return std::numeric_limits<std::size_t>::max();
  const std::optional<std::size_t> columns = TerminalColumns(STDERR_FILENO);
  return columns && *columns > 1 ? *columns - 1 : kColumnsUnknown;
}

void ProgressPrinter::Show(std::string_view line) {
  // Again, since another program on the terminal may have written over it.
  if (!prompt_.empty()) return ShowPrompt(std::string(prompt_));
  if (!is_shown_) return;
  if (!is_terminal_) return WriteError({line, "\n"});
  WriteError({"\r", line, "\x1b[K"});  // to the line's end: what was longer before
  is_line_open_ = true;
}

void ProgressPrinter::ShowPrompt(std::string_view line) {
  if (!is_terminal_) return;
  prompt_ = line;
  WriteError({"\r", line, "\x1b[K"});
  is_line_open_ = true;
}

void ProgressPrinter::EndPrompt() {
  if (std::exchange(prompt_, "").empty()) return;
  WriteError({"\r\x1b[K"});
  is_line_open_ = false;
}

void ProgressPrinter::Notice(std::string_view line) {
  const std::string notice = absl::StrCat(program_, ": ", std::string(line));
  // Names with blanks that belong together stay as they are.
  const bool is_narrow = columns() < kColumnsMin;
  if (notice.size() <= columns() || is_narrow || notice.find("  ") != std::string::npos) {
    return PrintAbove(notice);
  }
  std::string text;
  for (const std::string& part : text::Wrap(notice, columns() - kContinued.size())) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", text.empty() ? "" : kContinued, part);
  }
  PrintAbove(text);
}

void ProgressPrinter::PrintAbove(std::string_view line) {
  WriteError({is_line_open_ ? "\r\x1b[K" : "", line, "\n"});
  is_line_open_ = false;
  if (!prompt_.empty()) ShowPrompt(std::string(prompt_));
}

void ProgressPrinter::Print(std::string_view text) {
  EndLine();
  WriteError({text});
}

void ProgressPrinter::ClearLine() {
  if (std::exchange(is_line_open_, false)) WriteError({"\r\x1b[K"});
}

void ProgressPrinter::EndLine() {
  if (std::exchange(is_line_open_, false)) WriteError({"\n"});
}

}  // namespace groundhog::cli
