// How far a command has read its trace, for commands that may take long: one line on the terminal,
// once they have run for a second, which goes when they are done.
#ifndef GROUNDHOG_CLI_SHARED_READING_PROGRESS_H_
#define GROUNDHOG_CLI_SHARED_READING_PROGRESS_H_

#include <chrono>
#include <string>
#include <string_view>

#include "cli/shared/progress_printer.h"
#include "traces/reader.h"

namespace groundhog::cli {

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
  // `file` is the trace's name, "-" for standard input. `reader` must outlive this.
  ReadingProgress(std::string_view program, const std::string& file, const traces::Reader& reader,
                  const ReadingProgressOptions& options);
  // Clears the line.
  ~ReadingProgress() { Clear(); }
  ReadingProgress(const ReadingProgress&) = delete;
  ReadingProgress& operator=(const ReadingProgress&) = delete;

  // Call it after each chunk; it is cheap.
  void Update();
  // Takes the line off the terminal: before anything else is written to it.
  void Clear() { printer_.ClearLine(); }
  // "PROGRAM: LINE", whatever the mode.
  void Notice(std::string_view line) { printer_.Notice(line); }

 private:
  std::string Text() const;  // without what it is about

  ProgressPrinter printer_;
  const traces::Reader& reader_;
  const std::string doing_;
  const std::string file_;  // without its folder
  std::chrono::steady_clock::time_point next_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_READING_PROGRESS_H_
