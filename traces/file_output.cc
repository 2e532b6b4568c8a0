#include "traces/file_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "text/printable.h"

namespace groundhog::traces {
namespace {

constexpr char kPartialSuffix[] = ".partial";
// The most that one call of write takes.
constexpr std::size_t kWriteBytesMax = std::size_t{1} << 30;

bool IsForWriting(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0;
}

std::string Name(const std::string& path) {
  return path == "-" ? "standard output" : text::Printable(path);
}

// Follows symbolic links, so that renaming replaces the file and not the link to it.
std::string Resolve(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string copy(resolved);
  std::free(resolved);
  return copy;
}

absl::Status CannotOpen(const std::string& path, int error_number) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write ", text::Printable(path), ": ", std::strerror(error_number)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileOutput>> FileOutput::Open(const std::string& path) {
  if (path == "-") {
    if (!IsForWriting(STDOUT_FILENO)) {
      return absl::InvalidArgumentError(
          "cannot write standard output: it is closed, or open for reading only");
    }
    const int descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (descriptor < 0) return CannotOpen("standard output", errno);
    return std::unique_ptr<FileOutput>(new FileOutput(path, "", descriptor));
  }
  if (path.empty()) return CannotOpen("''", ENOENT);
  struct stat about{};
  const bool exists = ::stat(path.c_str(), &about) == 0;
  if (!exists && errno != ENOENT) return CannotOpen(path, errno);
  if (exists && !S_ISREG(about.st_mode)) {
    if (S_ISDIR(about.st_mode)) return CannotOpen(path, EISDIR);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    // A FIFO waits here for its reader; a signal that ends the program ends the wait.
    if (descriptor < 0 && errno == EINTR) {
      return absl::CancelledError(
          absl::StrCat("stopped while waiting for a reader of ", Name(path)));
    }
    if (descriptor < 0) return CannotOpen(path, errno);
    return std::unique_ptr<FileOutput>(new FileOutput(path, "", descriptor));
  }
  // A file that may not be written must not be replaced either.
  if (exists && ::access(path.c_str(), W_OK) != 0) return CannotOpen(path, errno);
  std::string target = exists ? Resolve(path) : path;
  std::string partial = target + kPartialSuffix;
  const int descriptor =
      ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) return CannotOpen(partial, errno);
  return std::unique_ptr<FileOutput>(
      new FileOutput(std::move(target), std::move(partial), descriptor));
}

FileOutput::FileOutput(std::string path, std::string partial_path, int descriptor)
    : path_(std::move(path)), partial_path_(std::move(partial_path)), descriptor_(descriptor) {}

FileOutput::~FileOutput() { Discard(); }

absl::Status FileOutput::Failure(int error_number) const {
  const std::string name = Name(partial_path_.empty() ? path_ : partial_path_);
  const std::string what = absl::StrCat("cannot write ", name, ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(
          absl::StrCat(what, "; free some space or choose another place"));
    case EFBIG:
      return absl::ResourceExhaustedError(
          absl::StrCat(what, "; raise the limit (ulimit -f) or write less"));
    case EPIPE:
      return absl::CancelledError(what);
    default:
      return absl::UnavailableError(what);
  }
}

absl::Status FileOutput::Write(std::string_view text) {
  return Write(std::span(reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

absl::Status FileOutput::Write(std::span<const unsigned char> bytes) {
  if (descriptor_ < 0) return absl::FailedPreconditionError("the file is closed");
  while (!bytes.empty()) {
    const ssize_t written =
        ::write(descriptor_, bytes.data(), std::min(bytes.size(), kWriteBytesMax));
    if (written < 0) {
      if (errno == EINTR) continue;
      return Failure(errno);
    }
    bytes_written_ += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status FileOutput::Commit() {
  if (descriptor_ < 0) return absl::FailedPreconditionError("the file is closed");
  if (!partial_path_.empty() && ::fsync(descriptor_) != 0) return Failure(errno);
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0 && errno != EINTR) return Failure(errno);
  if (partial_path_.empty()) return absl::OkStatus();
  if (::rename(partial_path_.c_str(), path_.c_str()) != 0) return Failure(errno);
  partial_path_.clear();
  return SyncFolder();
}

// Makes the new name durable. File systems that cannot sync a folder return EINVAL; nothing more
// can be done there.
absl::Status FileOutput::SyncFolder() const {
  const std::size_t slash = path_.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path_.substr(0, slash);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return absl::OkStatus();  // a folder that may be written but not read
  const int synced = ::fsync(descriptor);
  const int error_number = errno;
  ::close(descriptor);
  if (synced != 0 && error_number != EINVAL) return Failure(error_number);
  return absl::OkStatus();
}

std::string FileOutput::Keep() {
  std::string kept = std::move(partial_path_);
  partial_path_.clear();
  Discard();
  return kept;
}

void FileOutput::Discard() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (!partial_path_.empty()) ::unlink(partial_path_.c_str());
  partial_path_.clear();
}

}  // namespace groundhog::traces
