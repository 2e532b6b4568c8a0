// The name of `groundhog`, and its subcommands, one file each. A subcommand is added by a function
// here, its definition in NAME.cc, a line in main.cc and a line in CMakeLists.txt.
#ifndef GROUNDHOG_CLI_GROUNDHOG_COMMANDS_H_
#define GROUNDHOG_CLI_GROUNDHOG_COMMANDS_H_

#include "cli/shared/program.h"

namespace groundhog::cli {

inline constexpr char kProgram[] = "groundhog";

// Each registers its subcommand with `program`, and as SetRun what the subcommand does. `program`
// and `selection` outlive the call to RunProgram.
void AddAuditCommand(CLI::App& program, Selection& selection);
void AddCatCommand(CLI::App& program, Selection& selection);
void AddConvertCommand(CLI::App& program, Selection& selection);
void AddDiffCommand(CLI::App& program, Selection& selection);
void AddDigestCommand(CLI::App& program, Selection& selection);
void AddExplainCommand(CLI::App& program, Selection& selection);
void AddInfoCommand(CLI::App& program, Selection& selection);
void AddMergeCommand(CLI::App& program, Selection& selection);
void AddRecordCommand(CLI::App& program, Selection& selection);
void AddRecoverCommand(CLI::App& program, Selection& selection);
void AddScenarioCommand(CLI::App& program, Selection& selection);
void AddSliceCommand(CLI::App& program, Selection& selection);
void AddStatsCommand(CLI::App& program, Selection& selection);
void AddTreeCommand(CLI::App& program, Selection& selection);
void AddVerifyCommand(CLI::App& program, Selection& selection);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_COMMANDS_H_
