#include "replay/control_socket.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "replay/socket_address.h"

namespace groundhog::replay {
namespace {

constexpr std::size_t kClientsMax = 16;
constexpr std::size_t kLineBytesMax = 4'096;

absl::Status Refused(const std::string& path, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("--control unix:", path, ": ", std::string(why)));
}

// Whether `path` may be bound, after removing a socket without a listener.
absl::Status MakeRoom(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return absl::OkStatus();  // bind will tell
  if (!S_ISSOCK(found.st_mode)) return Refused(path, "exists, and is no socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return Refused(path, std::strerror(errno));
  const int result = ::connect(probe, AsSocketAddress(address), sizeof address);
  const int error_number = errno;
  ::close(probe);
  if (result == 0 || error_number == EAGAIN) return Refused(path, "another replay listens there");
  if (error_number != ECONNREFUSED) return Refused(path, std::strerror(error_number));
  ::unlink(path.c_str());
  return absl::OkStatus();
}

bool Watch(int events, int descriptor) {
  struct epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  return ::epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlSocket>> ControlSocket::Listen(const std::string& path) {
  const absl::StatusOr<sockaddr_un> address = MakeSocketAddress(path);
  if (!address.ok()) return Refused(path, std::string(address.status().message()));
  if (absl::Status s = MakeRoom(path, *address); !s.ok()) return s;
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int events = ::epoll_create1(EPOLL_CLOEXEC);
  std::unique_ptr<ControlSocket> socket(new ControlSocket(path, listener, events));
  if (listener < 0 || events < 0) return Refused(path, std::strerror(errno));
  const mode_t mask = ::umask(0177);
  const int bound = ::bind(listener, AsSocketAddress(*address), sizeof *address);
  const int error_number = errno;
  ::umask(mask);
  if (bound != 0) return Refused(path, std::strerror(error_number));
  struct stat made{};
  if (::lstat(path.c_str(), &made) == 0) {
    socket->device_ = made.st_dev;
    socket->inode_ = made.st_ino;
  }
  if (::listen(listener, static_cast<int>(kClientsMax)) != 0 || !Watch(events, listener)) {
    return Refused(path, std::strerror(errno));
  }
  return socket;
}

ControlSocket::ControlSocket(std::string path, int listener, int events)
    : path_(std::move(path)), listener_(listener), events_(events) {}

ControlSocket::~ControlSocket() {
  for (const auto& [descriptor, client] : clients_) ::close(descriptor);
  if (events_ >= 0) ::close(events_);
  if (listener_ >= 0) ::close(listener_);
  struct stat found{};
  if (inode_ != 0 && ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ &&
      found.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

std::optional<Command> ControlSocket::Next() {
  while (true) {
    if (lines_.empty()) TakeEvents();
    if (lines_.empty()) return std::nullopt;
    const Line line = std::move(lines_.front());
    lines_.pop_front();
    if (!clients_.contains(line.client)) continue;
    absl::StatusOr<Command> command = ParseCommand(line.text);
    if (command.ok()) {
      asker_ = line.client;
      return *std::move(command);
    }
    Reply(line.client, command.status());
  }
}

void ControlSocket::Answer(const absl::StatusOr<std::string>& answer) {
  Reply(std::exchange(asker_, -1), answer);
}

void ControlSocket::TakeEvents() {
  std::array<struct epoll_event, kClientsMax + 1> ready{};
  const int count = ::epoll_wait(events_, ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    const int descriptor = ready[static_cast<std::size_t>(i)].data.fd;
    if (descriptor == listener_) {
      Accept();
    } else {
      Read(descriptor);
    }
  }
}

void ControlSocket::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  if (clients_.size() < kClientsMax && Watch(events_, client)) {
    clients_.emplace(client, Client{});
    return;
  }
  constexpr std::string_view kFull = "error too many clients\n";
  (void)::send(client, kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(client);
}

void ControlSocket::Read(int client) {
  Client& state = clients_.at(client);
  std::array<char, kLineBytesMax> some{};
  const ssize_t bytes = ::recv(client, some.data(), some.size(), 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes <= 0) {
    // It may still wait for answers to what it has sent.
    state.has_ended = true;
    ::epoll_ctl(events_, EPOLL_CTL_DEL, client, nullptr);
    if (!state.unread.empty()) lines_.push_back({.client = client, .text = state.unread});
    state.unread.clear();
    HangUpIfDone(client);
    return;
  }
  state.unread.append(some.data(), static_cast<std::size_t>(bytes));
  std::size_t begin = 0;
  for (std::size_t end; (end = state.unread.find('\n', begin)) != std::string::npos;) {
    lines_.push_back({.client = client, .text = state.unread.substr(begin, end - begin)});
    begin = end + 1;
  }
  state.unread.erase(0, begin);
  if (state.unread.size() < kLineBytesMax) return;
  Reply(client,
        absl::InvalidArgumentError(absl::StrCat("a line has at most ", kLineBytesMax, " bytes")));
  HangUp(client);
}

// Writes the whole line or nothing: a client whose buffer is full does not read.
void ControlSocket::Reply(int client, const absl::StatusOr<std::string>& answer) {
  if (!clients_.contains(client)) return;
  std::string line = answer.ok() ? absl::StrCat("ok ", *answer)
                                 : absl::StrCat("error ", answer.status().message());
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  const ssize_t sent = ::send(client, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(line.size())) {
    HangUp(client);
  } else {
    HangUpIfDone(client);
  }
}

void ControlSocket::HangUpIfDone(int client) {
  if (!clients_.at(client).has_ended) return;
  for (const Line& line : lines_) {
    if (line.client == client) return;
  }
  HangUp(client);
}

void ControlSocket::HangUp(int client) {
  clients_.erase(client);
  std::erase_if(lines_, [client](const Line& line) { return line.client == client; });
  ::close(client);
}

}  // namespace groundhog::replay
