#include "cli/replayer/sink_kind.h"

#include "cli/shared/choice.h"

namespace groundhog::cli {

CLI::Option* AddKeyOption(CLI::App& program, sinks::MessageKey& key) {
  return AddChoice<sinks::MessageKey>(
      program, "--key", key,
      {{"service", sinks::MessageKey::kService},
       {"trace_id", sinks::MessageKey::kTraceId},
       {"none", sinks::MessageKey::kNone}},
      "The key of messages; those with one key stay in order: service (default), trace_id "
      "or none");
}

}  // namespace groundhog::cli
