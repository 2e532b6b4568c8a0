// The address of a Unix socket, for listening and for connecting.
#ifndef GROUNDHOG_REPLAY_SOCKET_ADDRESS_H_
#define GROUNDHOG_REPLAY_SOCKET_ADDRESS_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "absl/status/statusor.h"

namespace groundhog::replay {

// InvalidArgument, without the path: it is longer than a socket's may be.
absl::StatusOr<sockaddr_un> MakeSocketAddress(const std::string& path);

// As the calls of the system want it.
inline const sockaddr* AsSocketAddress(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace groundhog::replay

#endif  // GROUNDHOG_REPLAY_SOCKET_ADDRESS_H_
