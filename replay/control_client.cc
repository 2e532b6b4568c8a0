#include "replay/control_client.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "replay/socket_address.h"

namespace groundhog::replay {
namespace {

constexpr std::size_t kReadBytes = 4'096;

bool IsSomethingElse(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode);
}

absl::Status CannotConnect(const std::string& path, int error_number) {
  if (IsSomethingElse(path)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is no socket; name the PATH of a replay's --control unix:PATH"));
  }
  switch (error_number) {
    case ENOENT:
      return absl::NotFoundError(
          absl::StrCat(path, ": no replay listens there; start one with --control unix:", path));
    case ECONNREFUSED:
      return absl::NotFoundError(
          absl::StrCat(path,
                       ": the replay that listened there has ended; start one with "
                       "--control unix:",
                       path));
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(
          absl::StrCat(path, ": only the user who runs the replay may control it"));
    default:
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(error_number)));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlClient>> ControlClient::Connect(const std::string& path) {
  const absl::StatusOr<sockaddr_un> address = MakeSocketAddress(path);
  if (!address.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", address.status().message()));
  }
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return CannotConnect(path, errno);
  std::unique_ptr<ControlClient> client(new ControlClient(descriptor));
  if (::connect(descriptor, AsSocketAddress(*address), sizeof *address) != 0) {
    return CannotConnect(path, errno);
  }
  return client;
}

ControlClient::~ControlClient() { ::close(socket_); }

absl::StatusOr<std::string> ControlClient::Ask(std::string_view line) {
  // Errors of sending are ignored: a replay that has closed the connection may have said why.
  const std::string sent = absl::StrCat(std::string(line), "\n");
  for (std::size_t done = 0; done < sent.size();) {
    const ssize_t bytes = ::send(socket_, sent.data() + done, sent.size() - done, MSG_NOSIGNAL);
    if (bytes > 0) done += static_cast<std::size_t>(bytes);
    if (bytes <= 0 && errno != EINTR) break;
  }
  while (true) {
    if (const std::size_t end = unread_.find('\n'); end != std::string::npos) {
      std::string answer = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return answer;
    }
    std::array<char, kReadBytes> some{};
    const ssize_t bytes = ::recv(socket_, some.data(), some.size(), 0);
    if (bytes > 0) {
      unread_.append(some.data(), static_cast<std::size_t>(bytes));
    } else if (bytes == 0 || errno != EINTR) {
      return absl::UnavailableError(
          absl::StrCat("the replay ended before it answered '", std::string(line), "'"));
    }
  }
}

}  // namespace groundhog::replay
