// The other end of a control socket (control_socket.h): gives a running replay commands and gets
// its answers.
#ifndef GROUNDHOG_REPLAY_CONTROL_CLIENT_H_
#define GROUNDHOG_REPLAY_CONTROL_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace groundhog::replay {

// One thread. It never raises SIGPIPE.
class ControlClient {
 public:
  // NotFound: no replay listens at `path` now; another try may succeed. InvalidArgument: `path` is
  // no socket or too long, so no try can succeed. PermissionDenied: it is another user's. The
  // message has the path and what to do.
  static absl::StatusOr<std::unique_ptr<ControlClient>> Connect(const std::string& path);

  ~ControlClient();
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;

  // Sends a command, one line without newline, and waits for its answer: "ok ..." or "error ...".
  // Unavailable: the replay has ended, and does not answer any more.
  absl::StatusOr<std::string> Ask(std::string_view line);

  // Between two commands readable when the replay has ended, for poll.
  int descriptor() const { return socket_; }

 private:
  explicit ControlClient(int socket) : socket_(socket) {}

  const int socket_;
  std::string unread_;
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_CONTROL_CLIENT_H_
