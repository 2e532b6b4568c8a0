// A file or pipe being read. A regular file is read at any offset; a pipe forwards only.
#ifndef GROUNDHOG_TRACES_FILE_INPUT_H_
#define GROUNDHOG_TRACES_FILE_INPUT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace groundhog::traces {

// Not thread-safe.
class FileInput {
 public:
  // `path` may be "-". `stop_requested` as in ReaderOptions. NotFound, PermissionDenied,
  // InvalidArgument (a directory, or standard input that is closed), ResourceExhausted (too many
  // files are open), Unavailable.
  static absl::StatusOr<std::unique_ptr<FileInput>> Open(const std::string& path,
                                                         std::function<bool()> stop_requested);
  ~FileInput();
  FileInput(const FileInput&) = delete;
  FileInput& operator=(const FileInput&) = delete;

  bool can_seek() const { return size_bytes_.has_value(); }
  std::optional<std::uint64_t> size_bytes() const { return size_bytes_; }
  const std::string& name() const { return name_; }  // for messages

  // Reads until `out` is full or the input ends; returns how many bytes were read. For a pipe,
  // `offset` must be the number of bytes read before.
  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset, std::span<unsigned char> out);

 private:
  FileInput(std::string name, int descriptor, std::optional<std::uint64_t> size_bytes,
            std::function<bool()> stop_requested);

  absl::Status WaitUntilReadable() const;

  std::string name_;
  int descriptor_;
  std::optional<std::uint64_t> size_bytes_;
  std::function<bool()> stop_requested_;
  std::uint64_t stream_offset_ = 0;
};

}  // namespace groundhog::traces

#endif  // GROUNDHOG_TRACES_FILE_INPUT_H_
