#include "sinks/kafka/kafka_gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sinks/kafka/kafka_translator.h"

namespace groundhog::sinks {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kMessageBytesMax = 128 << 20;
// The most bytes that wait for a reader that is slower than the other side.
constexpr std::size_t kHeldBytesMax = 4 << 20;
constexpr int kWaitingClientsMax = 128;

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Ready to be served without waiting for it.
void Prepare(const Descriptor& socket) {
  const int yes = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(socket.number(), F_SETFL, ::fcntl(socket.number(), F_GETFL) | O_NONBLOCK);
}

Descriptor ConnectTo(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(port);
  const bool is_connected =
      socket.is_open() &&
      ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return is_connected ? std::move(socket) : Descriptor();
}

// One end of a passage: a socket, what came from it, and what is to go to it.
struct End {
  Descriptor socket;
  std::string came;
  std::string to_go;

  // False: the other side has closed it, or it failed.
  bool Receive() {
    std::array<char, 64 << 10> buffer{};
    const ssize_t count = ::recv(socket.number(), buffer.data(), buffer.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    came.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  bool Send() {
    std::size_t sent = 0;
    while (sent < to_go.size()) {
      const ssize_t count =
          ::send(socket.number(), to_go.data() + sent, to_go.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (count < 0) break;
      sent += static_cast<std::size_t>(count);
    }
    to_go.erase(0, sent);
    return true;
  }
};

// Moves whole messages from one end to the other. False: what came makes no sense.
template <class Translate>
bool Move(End& from, End& to, const Translate& translate) {
  std::size_t done = 0;
  while (from.came.size() - done >= kLengthBytes) {
    std::uint32_t length = 0;
    std::memcpy(&length, from.came.data() + done, sizeof length);
    length = ntohl(length);
    if (length > kMessageBytesMax) return false;
    if (from.came.size() - done - kLengthBytes < length) break;
    const std::optional<std::string> message =
        translate(std::string_view(from.came).substr(done + kLengthBytes, length));
    if (!message) return false;
    const std::uint32_t new_length = htonl(static_cast<std::uint32_t>(message->size()));
    to.to_go.append(reinterpret_cast<const char*>(&new_length), sizeof new_length);
    to.to_go.append(*message);
    done += kLengthBytes + length;
  }
  from.came.erase(0, done);
  return true;
}

}  // namespace

// A client's connection, and the one to its broker.
class KafkaGate::Passage {
 public:
  Passage(Descriptor client, Descriptor broker, std::map<std::int32_t, std::int32_t> ports)
      : client_{.socket = std::move(client)},
        broker_{.socket = std::move(broker)},
        translator_(std::move(ports)) {
    Prepare(client_.socket);
    Prepare(broker_.socket);
  }

  std::array<pollfd, 2> Wishes() const { return {Wish(client_, broker_), Wish(broker_, client_)}; }

  // What poll said to its wishes. False: it is over.
  bool Serve(short client_events, short broker_events) {
    if (client_events != 0 && !ServeClient()) return false;
    if (broker_events != 0 && !ServeBroker()) return false;
    if (!broker_.Send() || !client_.Send()) return false;
    return broker_.socket.is_open() || !client_.to_go.empty();
  }

 private:
  static pollfd Wish(const End& one, const End& other) {
    const bool is_wanted = other.to_go.size() < kHeldBytesMax;
    const int events = (is_wanted ? POLLIN : 0) | (one.to_go.empty() ? 0 : POLLOUT);
    // For a socket without requested events, poll would report a hang-up again and again.
    return {.fd = events == 0 ? -1 : one.socket.number(),
            .events = static_cast<short>(events),
            .revents = 0};
  }

  bool ServeClient() {
    return client_.Receive() && Move(client_, broker_, [this](std::string_view message) {
             return translator_.Request(message);
           });
  }

  // What a broker said last still goes to the client.
  bool ServeBroker() {
    const bool is_open = broker_.Receive();
    const bool is_sense = Move(
        broker_, client_, [this](std::string_view message) { return translator_.Answer(message); });
    if (!is_open) {
      broker_.socket.Close();
      broker_.to_go.clear();
    }
    return is_sense;
  }

  End client_;
  End broker_;
  KafkaTranslator translator_;
};

absl::StatusOr<std::unique_ptr<KafkaGate>> KafkaGate::Open(const std::string& brokers) {
  std::unique_ptr<KafkaGate> gate(new KafkaGate());
  for (const std::string& broker : std::vector<std::string>(absl::StrSplit(brokers, ','))) {
    std::uint32_t port = 0;
    if (!absl::SimpleAtoi(broker.substr(broker.rfind(':') + 1), &port)) {
      return absl::InvalidArgumentError(absl::StrCat("no port in ", broker));
    }
    if (absl::Status s = gate->AddDoor(static_cast<std::uint16_t>(port)); !s.ok()) return s;
  }
  gate->closing_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  if (!gate->closing_.is_open()) return absl::UnavailableError(std::strerror(errno));
  gate->server_ = std::thread([raw = gate.get()] { raw->ServeUntilClosing(); });
  return gate;
}

KafkaGate::~KafkaGate() {
  if (!server_.joinable()) return;
  const std::uint64_t one = 1;
  (void)!::write(closing_.number(), &one, sizeof one);
  server_.join();
}

absl::Status KafkaGate::AddDoor(std::uint16_t broker_port) {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  if (!listener.is_open() || ::bind(listener.number(), any_address, size) != 0 ||
      ::listen(listener.number(), kWaitingClientsMax) != 0 ||
      ::getsockname(listener.number(), any_address, &size) != 0) {
    return absl::UnavailableError(std::strerror(errno));
  }
  const std::uint16_t port = ntohs(address.sin_port);
  absl::StrAppend(&address_, address_.empty() ? "" : ",", "127.0.0.1:", port);
  ports_[broker_port] = port;
  doors_.push_back({.listener = std::move(listener), .broker_port = broker_port});
  return absl::OkStatus();
}

void KafkaGate::ServeUntilClosing() {
  while (true) {
    std::vector<pollfd> all = {{.fd = closing_.number(), .events = POLLIN, .revents = 0}};
    for (const Door& door : doors_) {
      all.push_back({.fd = door.listener.number(), .events = POLLIN, .revents = 0});
    }
    for (const Passage& passage : passages_) {
      for (const pollfd& wish : passage.Wishes()) all.push_back(wish);
    }
    if (::poll(all.data(), all.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (all[0].revents != 0) break;
    std::size_t at = 1 + doors_.size();
    for (auto passage = passages_.begin(); passage != passages_.end(); at += 2) {
      const bool goes_on = passage->Serve(all[at].revents, all[at + 1].revents);
      passage = goes_on ? std::next(passage) : passages_.erase(passage);
    }
    for (std::size_t i = 0; i < doors_.size(); ++i) {
      if (all[1 + i].revents != 0) Admit(doors_[i]);
    }
  }
  passages_.clear();
}

// Also disconnects a client whose broker is away.
void KafkaGate::Admit(const Door& door) {
  Descriptor client(::accept4(door.listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client.is_open()) return;
  Descriptor broker = ConnectTo(door.broker_port);
  if (broker.is_open()) passages_.emplace_back(std::move(client), std::move(broker), ports_);
}

}  // namespace groundhog::sinks
