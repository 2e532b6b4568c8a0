// --report FILE: opened before the replay, so that a file that cannot be written is found before
// hours of replaying, and written after it.
#ifndef GROUNDHOG_CLI_REPLAYER_REPORT_FILE_H_
#define GROUNDHOG_CLI_REPLAYER_REPORT_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "cli/shared/progress_printer.h"
#include "traces/file_output.h"

namespace groundhog::cli {

class ReportFile {
 public:
  // `path` empty: no report is wanted. Errors are FileOutput's.
  absl::Status Open(const std::string& path);
  // False: it could not be written, and the reason was printed.
  bool Write(std::string_view json, ProgressPrinter& printer);

 private:
  std::unique_ptr<traces::FileOutput> output_;
};

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_REPORT_FILE_H_
