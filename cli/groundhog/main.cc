// groundhog: records traces of a simulated day, and looks into them.
#include "cli/groundhog/commands.h"
#include "cli/shared/program.h"

int main(int argc, char** argv) {
  using namespace groundhog::cli;
  Command program("Live the same day of a microservice system again and again, bit for bit",
                  kProgram);
  DescribeProgram(program,
                  "groundhog record -o day.ghog\n"
                  "groundhog info day.ghog\n"
                  "groundhog cat day.ghog --level ERROR --from 14h --until 14h30m\n"
                  "groundhog help record");
  program.require_subcommand(1);
  Selection selection;
  AddRecordCommand(program, selection);
  AddInfoCommand(program, selection);
  AddCatCommand(program, selection);
  AddStatsCommand(program, selection);
  AddDigestCommand(program, selection);
  AddVerifyCommand(program, selection);
  AddDiffCommand(program, selection);
  AddExplainCommand(program, selection);
  AddTreeCommand(program, selection);
  AddSliceCommand(program, selection);
  AddMergeCommand(program, selection);
  AddConvertCommand(program, selection);
  AddRecoverCommand(program, selection);
  AddAuditCommand(program, selection);
  AddScenarioCommand(program, selection);
  return RunProgram(program, argc, argv, selection);
}
