// The width of a terminal.
#ifndef GROUNDHOG_CLI_SHARED_TERMINAL_COLUMNS_H_
#define GROUNDHOG_CLI_SHARED_TERMINAL_COLUMNS_H_

#include <cstddef>
#include <optional>

namespace groundhog::cli {

// How many columns the terminal behind `descriptor` has now. Nothing when it is no terminal, or one
// that does not know. Safe to call from any thread.
std::optional<std::size_t> TerminalColumns(int descriptor);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_TERMINAL_COLUMNS_H_
