#include "cli/shared/terminal_columns.h"

#include <sys/ioctl.h>

namespace groundhog::cli {

std::optional<std::size_t> TerminalColumns(int descriptor) {
  struct winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace groundhog::cli
