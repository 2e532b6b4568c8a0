// What the commands that read a trace share: FILE, --quiet, opening it, errors and the exit code.
#ifndef GROUNDHOG_CLI_GROUNDHOG_TRACE_COMMAND_H_
#define GROUNDHOG_CLI_GROUNDHOG_TRACE_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/shared/reading_progress.h"
#include "traces/reader.h"

namespace groundhog::cli {

struct TraceArguments {
  std::string file;
  bool is_quiet = false;
};

// Adds FILE, which is required.
void AddTraceFile(CLI::App& command, TraceArguments& trace);

// Adds -q,--quiet with its help text.
inline constexpr char kQuietHelp[] =
    "Do not report what is damaged or missing; the exit code says it";
void AddQuiet(CLI::App& command, bool& is_quiet, const char* meaning = kQuietHelp);

// Shows how far a command is that prints its result at the end; nothing when it is to be quiet.
ReadingProgress ProgressOf(const TraceArguments& trace, const traces::Reader& reader);

// Opens the trace and returns the exit code that `run` gives for it. What goes wrong in opening it,
// or comes back as a status, is printed and gives kExitUsage.
int OnTrace(const std::string& file, const std::function<absl::StatusOr<int>(traces::Reader&)>& run,
            traces::ReaderOptions options = {});

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_TRACE_COMMAND_H_
