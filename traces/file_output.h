// A file being written: a new or regular target grows as PATH.partial and gets its name only when
// it is whole and durable; devices, FIFOs and "-" (standard output) are written directly.
#ifndef GROUNDHOG_TRACES_FILE_OUTPUT_H_
#define GROUNDHOG_TRACES_FILE_OUTPUT_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace groundhog::traces {

// Not thread-safe. Unbuffered: every Write is handed to the operating system before it returns.
// SIGPIPE and SIGXFSZ must be ignored for closed pipes and size limits to come back as errors.
class FileOutput {
 public:
  // InvalidArgument: `path` is a directory, or can't be created, or standard output is closed; the
  // message says why.
  static absl::StatusOr<std::unique_ptr<FileOutput>> Open(const std::string& path);

  // Discards what was not committed.
  ~FileOutput();
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  // Writes all of it. ResourceExhausted: no space, quota or size limit. Cancelled: a closed pipe.
  // Unavailable: any other error.
  absl::Status Write(std::span<const unsigned char> bytes);
  absl::Status Write(std::string_view text);

  // Makes the file durable and gives it its name. Once; nothing can be written afterwards.
  absl::Status Commit();

  // Closes, and removes the .partial file if there is one. Idempotent.
  void Discard();

  // Closes, and leaves the .partial file: an incomplete file that is worth keeping. Returns its
  // name, empty when the target was written directly. Nothing can be written afterwards.
  std::string Keep();

  // True: a device, a FIFO or standard output. False: it grows as PATH.partial.
  bool is_direct() const { return partial_path_.empty(); }
  // To wait until a pipe takes more. -1 when closed.
  int descriptor() const { return descriptor_; }

  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  FileOutput(std::string path, std::string partial_path, int descriptor);

  absl::Status Failure(int error_number) const;
  absl::Status SyncFolder() const;

  std::string path_;          // for messages, and the name to take
  std::string partial_path_;  // empty: written directly
  int descriptor_;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_FILE_OUTPUT_H_
