// Standard output as the place for data: large writes, and errors that become an exit code.
#ifndef GROUNDHOG_CLI_SHARED_DATA_OUTPUT_H_
#define GROUNDHOG_CLI_SHARED_DATA_OUTPUT_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "traces/file_output.h"

namespace groundhog::cli {

// Gathers what is written and hands it on in large pieces. After the first error nothing more is
// written. One thread.
class DataOutput {
 public:
  DataOutput();
  DataOutput(const DataOutput&) = delete;
  DataOutput& operator=(const DataOutput&) = delete;

  bool is_terminal() const;

  // False after an error: then the rest is not worth computing.
  bool Write(std::string_view text) {
    buffer_.append(text);
    return buffer_.size() < kBufferBytes || Flush();
  }
  bool WriteLine(std::string_view line) {
    buffer_.append(line);
    return Write("\n");
  }
  // The same for what is appended to buffer() in place.
  std::string* buffer() { return &buffer_; }
  bool Appended() { return buffer_.size() < kBufferBytes || Flush(); }
  // False after an error.
  bool Flush();

  // Flushes, and returns the command's exit code: `exit_code` when all went well or the reader of
  // our pipe has gone, which has had all it wanted (then kExitDone); else kExitUsage, the reason
  // printed in `program`'s name.
  int Finish(std::string_view program, int exit_code);

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

  std::unique_ptr<traces::FileOutput> output_;
  absl::Status status_;
  std::string buffer_;
};

// Writes `text` and returns `exit_code`, also when the reader of our pipe has gone, because the
// answer is the same. kExitUsage, after an error line, if it cannot be written.
int PrintData(std::string_view program, std::string_view text, int exit_code);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_DATA_OUTPUT_H_
