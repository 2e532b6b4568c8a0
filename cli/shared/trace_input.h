// Opening and reading traces for people: errors and what is damaged or missing become lines on
// stderr, and all of it together one exit code.
#ifndef GROUNDHOG_CLI_SHARED_TRACE_INPUT_H_
#define GROUNDHOG_CLI_SHARED_TRACE_INPUT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shared/exit_codes.h"
#include "cli/shared/reading_progress.h"
#include "traces/reader.h"

namespace groundhog::cli {

// FILE's description in a command's --help.
inline constexpr char kTraceFileHelp[] = "The trace; - for standard input";

// Opens `path`, or prints why not and returns nullptr: the command ends with kExitUsage.
std::unique_ptr<traces::Reader> OpenTrace(std::string_view program, const std::string& path,
                                          traces::ReaderOptions options = {});

// Reports that the header is damaged and was read from the footer, if so: for commands that read no
// chunk; reading a chunk reports it, too.
void TellHeaderDamage(std::string_view program, const traces::Reader& reader);

// Reads a trace's chunks and passes over damaged ones. Reports each damage with its byte offset (at
// most ten, then how many more), and an incomplete trace. One thread.
class LenientReading {
 public:
  // `reader` and `program` must outlive this. Quiet: only exit_code() shows damage and
  // incompleteness; a file that can no longer be read is still reported. `progress`, which must
  // outlive this, is kept up to date, and cleared at the end of the trace; null: there is none.
  LenientReading(std::string_view program, traces::Reader& reader, bool is_quiet,
                 ReadingProgress* progress = nullptr)
      : program_(program), reader_(reader), is_quiet_(is_quiet), progress_(progress) {}

  // As Reader::NextChunk, but reports errors. False at the end, and when reading can't continue.
  bool NextChunk(std::vector<traces::Record>* records);

  // So far: kExitDone, kExitIncomplete when anything was damaged or missing, kExitUsage when the
  // file could not be read.
  ExitCode exit_code() const { return exit_code_; }

 private:
  void Tell(const absl::Status& status);
  void Print(const absl::Status& status);
  void End();

  std::string_view program_;
  traces::Reader& reader_;
  const bool is_quiet_;
  ReadingProgress* const progress_;
  std::uint64_t damages_ = 0;
  ExitCode exit_code_ = kExitDone;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_TRACE_INPUT_H_
