// The options of groundhog-replay that read topics back instead of sending: --check and --audit.
#ifndef GROUNDHOG_CLI_REPLAYER_READING_BACK_H_
#define GROUNDHOG_CLI_REPLAYER_READING_BACK_H_

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "cli/replayer/options.h"

namespace groundhog::cli {

// The kind whose sinks can be read back; nullptr: this build has none.
const SinkKind* ReadableKind(const ReplayOptions& options);

// `options` must outlive the parsing. Adds nothing where nothing can be read back.
void AddReadingBackOptions(CLI::App& program, ReplayOptions& options);

// Sets `to` where something is to be read back. InvalidArgument: an option has no meaning with what
// else was given.
absl::Status SettleReadingBack(const CLI::App& program, ReplayOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_READING_BACK_H_
