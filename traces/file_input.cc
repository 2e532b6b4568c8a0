#include "traces/file_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "text/address.h"
#include "text/printable.h"

namespace groundhog::traces {
namespace {

constexpr int kPollMilliseconds = 100;
// Without O_NONBLOCK, open() would wait for a FIFO's writer, and nothing could end that wait.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

bool IsForReading(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && (flags & O_PATH) == 0;
}

absl::Status CannotRead(const std::string& name, int error_number) {
  const std::string what = absl::StrCat("cannot read ", name, ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOENT:
      return absl::NotFoundError(what);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(what);
    case EISDIR:
    case ENOTDIR:
      return absl::InvalidArgumentError(what);
    case EMFILE:
      return absl::ResourceExhaustedError(what + "; 'ulimit -n' says how many there may be");
    default:
      return absl::UnavailableError(what);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileInput>> FileInput::Open(const std::string& path,
                                                           std::function<bool()> stop_requested) {
  const bool is_standard_input = path == "-";
  const std::string name = is_standard_input ? "standard input" : text::Printable(path);
  if (is_standard_input && !IsForReading(STDIN_FILENO)) {
    return absl::InvalidArgumentError(
        "cannot read standard input: it is closed, or open for writing only");
  }
  const int descriptor = is_standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                           : ::open(path.c_str(), kOpenFlags);
  if (descriptor < 0) {
    const int error_number = errno;
    const std::string address = text::AddressText(path, "-");
    if (error_number == ENOENT && !address.empty()) return absl::NotFoundError(address);
    return CannotRead(name, error_number);
  }
  struct stat about{};
  if (::fstat(descriptor, &about) != 0 || S_ISDIR(about.st_mode)) {
    const int error_number = S_ISDIR(about.st_mode) ? EISDIR : errno;
    ::close(descriptor);
    return CannotRead(name, error_number);
  }
  // If standard input is a file whose offset is not 0, read it as a stream from that offset.
  const bool stands_at_start = !is_standard_input || ::lseek(descriptor, 0, SEEK_CUR) == 0;
  std::optional<std::uint64_t> size_bytes;
  if (S_ISREG(about.st_mode) && stands_at_start) {
    size_bytes = static_cast<std::uint64_t>(about.st_size);
  }
  return std::unique_ptr<FileInput>(
      new FileInput(name, descriptor, size_bytes, std::move(stop_requested)));
}

FileInput::FileInput(std::string name, int descriptor, std::optional<std::uint64_t> size_bytes,
                     std::function<bool()> stop_requested)
    : name_(std::move(name)),
      descriptor_(descriptor),
      size_bytes_(size_bytes),
      stop_requested_(std::move(stop_requested)) {}

FileInput::~FileInput() { ::close(descriptor_); }

absl::Status FileInput::WaitUntilReadable() const {
  while (true) {
    if (stop_requested_ && stop_requested_())
      return absl::CancelledError("stopped while waiting for " + name_);
    struct pollfd wanted = {.fd = descriptor_, .events = POLLIN, .revents = 0};
    // poll() reports a FIFO as readable only after a writer has opened it: with data, or with the
    // end when all writers have closed it.
    const int ready = ::poll(&wanted, 1, stop_requested_ ? kPollMilliseconds : -1);
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return CannotRead(name_, errno);
  }
}

absl::StatusOr<std::size_t> FileInput::ReadAt(std::uint64_t offset, std::span<unsigned char> out) {
  sim::Check(can_seek() || offset == stream_offset_, "a pipe is read in order");
  std::size_t done = 0;
  // No file reaches so far, and the system refuses to read there.
  constexpr std::uint64_t kOffsetMax = std::numeric_limits<off_t>::max();
  if (offset > kOffsetMax - std::min<std::uint64_t>(kOffsetMax, out.size())) return done;
  while (done < out.size()) {
    ssize_t count = 0;
    if (can_seek()) {
      count = ::pread(descriptor_, out.data() + done, out.size() - done,
                      static_cast<off_t>(offset + done));
    } else {
      if (absl::Status s = WaitUntilReadable(); !s.ok()) return s;
      count = ::read(descriptor_, out.data() + done, out.size() - done);
    }
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return CannotRead(name_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  stream_offset_ = offset + done;
  return done;
}

}  // namespace groundhog::traces
