#include "cli/shared/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace groundhog::cli {

// A place in the file system without the right to read or write. It is a folder, since /dev/stdout
// opens anew, with all rights, what descriptor 1 stands for.
absl::Status OccupyStandardDescriptors() {
  for (const int descriptor : std::array{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest that is free: this one.
    if (::open("/", O_PATH) < 0) {
      return absl::ResourceExhaustedError(absl::StrCat("cannot open '/': ", std::strerror(errno)));
    }
  }
  return absl::OkStatus();
}

}  // namespace groundhog::cli
