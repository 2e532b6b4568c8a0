// How far a command has read its input, for commands that may take long: one line on the terminal,
// once they have run for a second, which goes when they are done.
#ifndef GROUNDHOG_CLI_SHARED_READING_PROGRESS_H_
#define GROUNDHOG_CLI_SHARED_READING_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/shared/progress_printer.h"
#include "traces/reader.h"

namespace groundhog::cli {

// How much of an input has been read.
struct AmountRead {
  enum class Unit : std::uint8_t { kBytes, kMessages };

  std::uint64_t done = 0;
  std::optional<std::uint64_t> all = 0;  // nullopt: not known, as of a pipe
  Unit unit = Unit::kBytes;

  // Both together, as of one input. They have the same unit.
  AmountRead& operator+=(const AmountRead& other);
};

AmountRead AmountOf(const traces::Reader& reader);

// What people are to call an input: "standard input" or the name of the file, without its folder.
std::string InputName(const std::string& file);

struct ReadingProgressOptions {
  std::string_view doing = "reading";
  ProgressMode mode = ProgressMode::kAuto;
  // Data goes to standard output all along, not at the end only: see ProgressPrinter.
  bool is_stdout_busy = false;
};

// One thread. With kAuto it shows nothing either while standard output is a pipe: whoever reads it
// may use the same terminal, as `less` does.
class ReadingProgress {
 public:
  // Shows nothing until Begin.
  ReadingProgress(std::string_view program, const ReadingProgressOptions& options);
  // Of one trace; `file` is its name, "-" for standard input. `reader` must outlive this.
  ReadingProgress(std::string_view program, const std::string& file, const traces::Reader& reader,
                  const ReadingProgressOptions& options);
  // Clears the line.
  ~ReadingProgress() { Clear(); }
  ReadingProgress(const ReadingProgress&) = delete;
  ReadingProgress& operator=(const ReadingProgress&) = delete;

  // Clears the line. From here on the input of this name is read; `amount` is asked when a line is
  // shown.
  void Begin(std::string name, std::function<AmountRead()> amount);
  // Call it after each chunk; it is cheap.
  void Update();
  // Takes the line off the terminal: before anything else is written to it.
  void Clear() { printer_.ClearLine(); }
  // "PROGRAM: LINE", whatever the mode.
  void Notice(std::string_view line) { printer_.Notice(line); }
  // For those that write more to the same terminal.
  ProgressPrinter& printer() { return printer_; }

 private:
  ProgressPrinter printer_;
  const std::string doing_;
  std::string name_;
  std::function<AmountRead()> amount_;
  std::chrono::steady_clock::time_point first_;  // when a line may be shown
  std::chrono::steady_clock::time_point next_;   // when one is due
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_READING_PROGRESS_H_
