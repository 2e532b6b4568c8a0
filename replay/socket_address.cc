#include "replay/socket_address.h"

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace groundhog::replay {

absl::StatusOr<sockaddr_un> MakeSocketAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(absl::StrCat("the path is longer than the ",
                                                   sizeof address.sun_path - 1,
                                                   " bytes that a socket's may have"));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace groundhog::replay
