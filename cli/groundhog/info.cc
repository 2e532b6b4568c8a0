// groundhog info: what is in a trace.
#include <memory>
#include <optional>
#include <string>

#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_facts.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "traces/reader.h"

namespace groundhog::cli {
namespace {

struct InfoOptions {
  std::string file;
  bool is_json = false;
  bool is_quiet = false;
};

int Info(const InfoOptions& options) {
  const std::unique_ptr<traces::Reader> reader = OpenTrace("groundhog", options.file);
  if (reader == nullptr) return kExitUsage;
  const std::optional<TraceFacts> facts = GatherFacts(*reader, options.is_quiet);
  if (!facts) return kExitUsage;
  return PrintData("groundhog", options.is_json ? FactsAsJson(*facts) : FactsAsPage(*facts),
                   kExitDone);
}

}  // namespace

void AddInfoCommand(CLI::App& program, Selection& selection) {
  CLI::App* command = AddCommand(program, "info", "Show what is in a trace",
                                 "groundhog info day.ghog\n"
                                 "groundhog info day.ghog --json | jq .services\n"
                                 "groundhog record --duration 1h -o - | groundhog info -");
  AddNotes(*command,
           "The duration is what the trace covers; of an incomplete trace, what was asked for. "
           "Counts are those of the footer ('groundhog verify' counts again); the records of an "
           "incomplete trace are counted up to its last whole chunk.");
  AddExitCodes(*command, {{kExitDone, "printed; also for an incomplete trace, and it says so"}});
  const auto options = std::make_shared<InfoOptions>();
  command->add_option("FILE", options->file, kTraceFileHelp)->required();
  command->add_flag("--json", options->is_json,
                    "Print a JSON object, for programs; docs/INFO.md says what its keys mean");
  command->add_flag("-q,--quiet", options->is_quiet, "Do not report what is damaged or missing");
  command->callback(
      [&selection, options] { selection.run = [options] { return Info(*options); }; });
}

}  // namespace groundhog::cli
