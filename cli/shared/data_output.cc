#include "cli/shared/data_output.h"

#include <unistd.h>

#include <utility>

#include "absl/status/statusor.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"

namespace groundhog::cli {

DataOutput::DataOutput() {
  absl::StatusOr<std::unique_ptr<traces::FileOutput>> output = traces::FileOutput::Open("-");
  if (output.ok()) {
    output_ = *std::move(output);
  } else {
    status_ = output.status();
  }
}

bool DataOutput::is_terminal() const { return isatty(STDOUT_FILENO) != 0; }

bool DataOutput::Flush() {
  if (status_.ok() && !buffer_.empty()) status_ = output_->Write(buffer_);
  buffer_.clear();
  return status_.ok();
}

int DataOutput::Finish(std::string_view program, int exit_code) {
  if (Flush()) status_ = output_->Commit();
  if (status_.ok()) return exit_code;
  if (absl::IsCancelled(status_)) return kExitDone;
  PrintError(program, status_);
  return kExitUsage;
}

int PrintData(std::string_view program, std::string_view text, int exit_code) {
  DataOutput output;
  output.Write(text);
  const int written = output.Finish(program, kExitDone);
  return written == kExitDone ? exit_code : written;
}

}  // namespace groundhog::cli
