#include "cli/groundhog/trace_command.h"

#include <memory>
#include <utility>

#include "cli/groundhog/commands.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"

namespace groundhog::cli {

void AddTraceFile(CLI::App& command, TraceArguments& trace) {
  command.add_option("FILE", trace.file, kTraceFileHelp)->required();
}

void AddQuiet(CLI::App& command, bool& is_quiet, const char* meaning) {
  command.add_flag("-q,--quiet", is_quiet, meaning);
}

ReadingProgress ProgressOf(const TraceArguments& trace, const traces::Reader& reader) {
  return ReadingProgress(kProgram, trace.file, reader,
                         {.mode = trace.is_quiet ? ProgressMode::kNever : ProgressMode::kAuto});
}

int OnTrace(const std::string& file, const std::function<absl::StatusOr<int>(traces::Reader&)>& run,
            traces::ReaderOptions options) {
  const std::unique_ptr<traces::Reader> reader = OpenTrace(kProgram, file, std::move(options));
  if (reader == nullptr) return kExitUsage;
  const absl::StatusOr<int> exit_code = run(*reader);
  if (exit_code.ok()) return *exit_code;
  PrintError(kProgram, exit_code.status());
  return kExitUsage;
}

}  // namespace groundhog::cli
