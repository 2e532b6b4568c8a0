#include "cli/replayer/sink_kind.h"

#include "cli/shared/choice.h"

namespace groundhog::cli {

CLI::Option* AddKeyOption(CLI::App& program, sinks::MessageKey& key) {
  return AddChoice(
      program, "--key", key, sinks::kMessageKeyNames,
      "The key of messages; those with one key stay in order: service (default), trace_id "
      "or none");
}

}  // namespace groundhog::cli
