#include "cli/replayer/report_file.h"

#include <utility>

#include "absl/status/statusor.h"

namespace groundhog::cli {

absl::Status ReportFile::Open(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<traces::FileOutput>> output = traces::FileOutput::Open(path);
  if (!output.ok()) return output.status();
  output_ = *std::move(output);
  return absl::OkStatus();
}

bool ReportFile::Write(std::string_view json, ProgressPrinter& printer) {
  if (output_ == nullptr) return true;
  absl::Status status = output_->Write(json);
  if (status.ok()) status = output_->Commit();
  if (!status.ok()) printer.Notice(std::string(status.message()));
  return status.ok();
}

}  // namespace groundhog::cli
