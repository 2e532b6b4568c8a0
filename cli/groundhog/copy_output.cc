#include "cli/groundhog/copy_output.h"

#include <csignal>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/replaced_input.h"
#include "cli/groundhog/trace_command.h"
#include "cli/groundhog/writer_options.h"
#include "cli/shared/choice.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/stop_handler.h"
#include "text/numbers.h"
#include "text/printable.h"
#include "traces/hash128.h"
#include "traces/summary.h"

namespace groundhog::cli {
namespace {

// A signal handler reaches nothing but statics.
volatile std::sig_atomic_t interrupted = 0;

// Whether the output is a file already. A shorter trace must not replace it: it may be the input.
bool IsThere(const std::string& output) {
  std::error_code error;
  return output != "-" && std::filesystem::is_regular_file(output, error);
}

}  // namespace

void AddCopyOutputOptions(CLI::App& command, CopyOutputOptions& options) {
  AddTraceOutput(command, options.path);
  AddChoice(command, "--progress", options.progress, kProgressModeNames,
            "Whether to show progress on standard error; auto (default): on a terminal");
  AddQuiet(command, options.is_quiet, "Print nothing but errors");
}

bool CheckCopyOutput(const CLI::App& command, const CopyOutputOptions& options,
                     std::span<const std::string> inputs) {
  if (!CheckTraceOutput(command, options.path, options.writer)) return false;
  const std::string output = text::Printable(options.path);
  for (const std::string& input : inputs) {
    if (WouldReplace(options.path, input)) {
      PrintError(kProgram, absl::StrCat("--output would replace ", output,
                                        ", which is a trace to read: choose another name"));
      return false;
    }
    if (WouldGrowIn(options.path, input)) {
      PrintError(kProgram, absl::StrCat(output, " is written as ", output,
                                        ".partial first, which is a trace to read: give that "
                                        "another name, or choose another --output"));
      return false;
    }
  }
  return true;
}

bool IsCopyInterrupted() { return interrupted != 0; }

CopyOutput::CopyOutput(const CopyOutputOptions& options, const char* done)
    : options_(options),
      done_(done),
      printer_(kProgram, ProgressMode::kNever, /*stdout_is_busy=*/false) {}

int CopyOutput::Run(const traces::TraceInfo& info, const traces::Catalogue& catalogue,
                    const std::function<absl::StatusOr<int>()>& copy) {
  absl::StatusOr<std::unique_ptr<traces::Writer>> writer =
      traces::Writer::Open(options_.path, info, catalogue, options_.writer);
  absl::StatusOr<int> exit_code = kExitUsage;
  if (!writer.ok()) {
    exit_code = writer.status();
  } else {
    writer_ = *std::move(writer);
    SetStopHandler({.on_first = [] { interrupted = 1; }});
    exit_code = Write(copy);
  }
  if (!exit_code.ok() && !absl::IsCancelled(exit_code.status())) {
    PrintError(kProgram, exit_code.status());
    return kExitUsage;
  }
  if (interrupted != 0) return kExitInterrupted;
  return exit_code.ok() ? *exit_code : kExitDone;  // our pipe's reader has gone
}

absl::StatusOr<int> CopyOutput::Write(const std::function<absl::StatusOr<int>()>& copy) {
  absl::StatusOr<int> exit_code = copy();
  if (!exit_code.ok() || (*exit_code == kExitUsage && interrupted == 0)) return exit_code;
  if (interrupted != 0 && IsThere(options_.path)) {
    writer_->Abandon();
    Notice(absl::StrCat("stopped; ", text::Printable(options_.path), " is as it was before"));
    return kExitInterrupted;
  }
  if (absl::Status status = writer_->Finish(); !status.ok()) return status;
  is_finished_ = true;
  Notice(absl::StrCat(done_, " ", text::WithCommas(records_),
                      records_ == 1 ? " record: " : " records: ", text::Printable(options_.path)));
  Notice(absl::StrCat("digest ", traces::ToHex(writer_->summary().digest)));
  return exit_code;
}

absl::Status CopyOutput::Append(std::span<const traces::Record> records, std::uint64_t trace_key) {
  if (records.empty()) return absl::OkStatus();
  if (absl::Status status = writer_->AppendForeign(records, trace_key); !status.ok()) return status;
  records_ += records.size();
  return absl::OkStatus();
}

void CopyOutput::Notice(const std::string& line) {
  if (!options_.is_quiet) printer_.Notice(line);
}

}  // namespace groundhog::cli
