// Commands over a Unix socket, for scripts: each line is a command (command.h), and each is
// answered by one line, "ok ..." or "error ...". Several clients may talk at once.
#ifndef GROUNDHOG_REPLAY_CONTROL_SOCKET_H_
#define GROUNDHOG_REPLAY_CONTROL_SOCKET_H_

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "replay/controls.h"

namespace groundhog::replay {

// One thread. The cost of clients is bounded: at most 16 of them, lines of at most 4,096 bytes, and
// a client that does not read its answers is disconnected.
class ControlSocket : public Controls {
 public:
  // Listens at `path`, for this user only. Replaces a socket that has no listener any more.
  // InvalidArgument: something else is there, or another replay listens; the path is too long or
  // cannot be bound.
  static absl::StatusOr<std::unique_ptr<ControlSocket>> Listen(const std::string& path);

  // Hangs up, and removes the socket's file if it is still ours.
  ~ControlSocket() override;
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // Readable when there may be a command, for poll.
  int descriptor() const { return events_; }

  std::optional<Command> Next() override;
  void Answer(const absl::StatusOr<std::string>& answer) override;

 private:
  struct Client {
    std::string unread;  // what came, up to the line that is not whole yet
    bool has_ended = false;
  };
  struct Line {
    int client;
    std::string text;
  };

  ControlSocket(std::string path, int listener, int events);

  void TakeEvents();
  void Accept();
  void Read(int client);
  void Reply(int client, const absl::StatusOr<std::string>& answer);
  void HangUp(int client);
  void HangUpIfDone(int client);

  const std::string path_;
  const int listener_;
  const int events_;  // an epoll of the listener and the clients
  dev_t device_ = 0;  // of the socket's file
  ino_t inode_ = 0;
  std::map<int, Client> clients_;  // by descriptor
  std::deque<Line> lines_;
  int asker_ = -1;  // the client that gave the last command
};

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_CONTROL_SOCKET_H_
