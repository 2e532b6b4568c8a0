// groundhog info: what is in a trace.
#include <memory>
#include <vector>

#include "analysis/facts.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/facts_page.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "traces/column_costs.h"
#include "traces/reader.h"
#include "traces/record.h"

namespace groundhog::cli {
namespace {

struct InfoOptions {
  TraceArguments trace;
  bool is_json = false;
  bool with_columns = false;
};

int Info(const InfoOptions& options, const traces::ColumnCosts& costs, traces::Reader& reader) {
  const bool is_quiet = options.trace.is_quiet;
  // Of a complete trace the header, the footer and one chunk are read.
  const bool is_known = reader.complete() && !options.with_columns;
  if (is_known && !is_quiet) TellHeaderDamage(kProgram, reader);
  LenientReading reading(kProgram, reader, /*is_quiet=*/is_quiet || is_known);
  analysis::Facts facts = analysis::GatherFacts(
      reader, [&](std::vector<traces::Record>* records) { return reading.NextChunk(records); });
  if (options.with_columns) {
    std::vector<traces::Record> records;
    while (reading.NextChunk(&records)) {
    }
    facts.columns = analysis::ColumnShares(costs, facts.size_bytes);
  }
  if (reading.exit_code() == kExitUsage) return kExitUsage;
  return PrintData(kProgram, options.is_json ? analysis::FactsAsJson(facts) : FactsAsPage(facts),
                   kExitDone);
}

}  // namespace

void AddInfoCommand(CLI::App& program, Selection& selection) {
  CLI::App* command = AddCommand(program, "info", "Show what is in a trace",
                                 "groundhog info day.ghog\n"
                                 "groundhog info day.ghog --json | jq .services\n"
                                 "groundhog info day.ghog --columns\n"
                                 "groundhog record --duration 1h -o - | groundhog info -");
  AddNotes(*command,
           "The duration is what the trace covers; of an incomplete trace, what was asked for. "
           "Counts are those of the footer ('groundhog verify' counts again); the records of an "
           "incomplete trace are counted up to its last whole chunk.");
  AddExitCodes(*command, {{kExitDone, "printed; also for an incomplete trace, and it says so"}});
  const auto options = std::make_shared<InfoOptions>();
  AddTraceFile(*command, options->trace);
  command->add_flag("--json", options->is_json,
                    "Print a JSON object, for programs; docs/INFO.md says what its keys mean");
  command->add_flag("--columns", options->with_columns,
                    "Also show what each column costs, compressed as it is; reads the whole trace");
  AddQuiet(*command, options->trace.is_quiet, "Do not report what is damaged or missing");
  SetRun(*command, selection, [options] {
    traces::ColumnCosts costs;
    return OnTrace(options->trace.file,
                   [&](traces::Reader& reader) { return Info(*options, costs, reader); },
                   {.column_costs = options->with_columns ? &costs : nullptr});
  });
}

}  // namespace groundhog::cli
