// Where the commands write that make a trace from others: convert, slice, recover and merge.
#ifndef GROUNDHOG_CLI_GROUNDHOG_COPY_OUTPUT_H_
#define GROUNDHOG_CLI_GROUNDHOG_COPY_OUTPUT_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/shared/progress_printer.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"
#include "traces/writer.h"

namespace groundhog::cli {

struct CopyOutputOptions {
  std::string path;
  traces::WriterOptions writer;
  ProgressMode progress = ProgressMode::kAuto;
  bool is_quiet = false;
};

// Adds -o, --progress and -q.
void AddCopyOutputOptions(CLI::App& command, CopyOutputOptions& options);

// Whether a trace can be written there as the options say, and writing would not destroy one of the
// `inputs`; prints why not.
bool CheckCopyOutput(const CLI::App& command, const CopyOutputOptions& options,
                     std::span<const std::string> inputs);

// Whether Ctrl-C was pressed or a signal like it came, since CopyOutput::Run.
bool IsCopyInterrupted();

// One use; one thread.
class CopyOutput {
 public:
  // `options` must outlive this. `done`: "copied".
  CopyOutput(const CopyOutputOptions& options, const char* done);

  // Opens the trace, has `copy` append to it, and finishes it. `copy` looks at IsCopyInterrupted,
  // and returns the exit code of its reading; kExitUsage: its input can't be read on, which it has
  // printed. Returns the command's exit code; errors are printed.
  int Run(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
          const std::function<absl::StatusOr<int>()>& copy);

  // For `copy`.
  absl::Status Append(std::span<const traces::Record> records, std::uint64_t trace_key);
  absl::Status AdvanceTo(sim::VirtualTime time) { return writer_->AdvanceTo(time); }

  // Whether the trace is whole and has its name.
  bool is_finished() const { return is_finished_; }
  std::uint64_t records() const { return records_; }

  // A line for a person, unless --quiet was given.
  void Notice(const std::string& line);

 private:
  absl::StatusOr<int> Write(const std::function<absl::StatusOr<int>()>& copy);

  const CopyOutputOptions& options_;
  const char* const done_;
  ProgressPrinter printer_;  // of notices
  std::unique_ptr<traces::Writer> writer_;
  std::uint64_t records_ = 0;
  bool is_finished_ = false;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_COPY_OUTPUT_H_
