// groundhog-replay: streams a trace into Kafka, PostgreSQL, JSON lines or nothing, on time.
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/replayer/ctl.h"
#include "cli/replayer/options.h"
#include "cli/replayer/public_address.h"
#include "cli/replayer/run_replay.h"
#include "cli/replayer/sink_kind.h"
#include "cli/replayer/sink_kinds.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"

namespace groundhog::cli {
namespace {

// Prints what an option of a sink asks for in place of a replay; nullopt: none does.
std::optional<int> AnswerInstead(const ReplayOptions& options) {
  for (const auto& kind : options.kinds) {
    const absl::StatusOr<std::optional<std::string>> text = kind->TextAskedFor();
    if (!text.ok()) {
      PrintError(kProgram, text.status());
      return kExitUsage;
    }
    if (*text) return PrintData(kProgram, **text, kExitDone);
  }
  return std::nullopt;
}

}  // namespace
}  // namespace groundhog::cli

int main(int argc, char** argv) {
  using namespace groundhog::cli;
  const std::string absent = AbsentKind(std::span(argv, static_cast<std::size_t>(argc)));
  if (!absent.empty()) {
    PrintError(kProgram, absent);
    return kExitUsage;
  }
  ReplayOptions options;
  Command program(absl::StrCat("Stream a trace into ", DestinationsText(options.kinds),
                               ": on time, losing nothing"),
                  kProgram);
  DescribeProgram(
      program,
      KnownExamples(
          options.kinds,
          "groundhog-replay day.ghog --to kafka://localhost:9092 --speed 1440x\n"
          "groundhog-replay day.ghog --to jsonl:- --speed max | wc -l\n"
          "groundhog-replay day.ghog --to kafka://embedded --from 14h --until 14h30m\n"
          "groundhog-replay day.ghog --to null: --speed 60x --report run.json\n"
          "groundhog-replay day.ghog --to null: --loop 7 --dry-run\n"
          "groundhog-replay day.ghog --to jsonl:- --start-paused --control unix:replay.sock\n"
          "groundhog-replay day.ghog --to kafka://localhost:9092 --exactly-once nightly\n"
          "groundhog-replay day.ghog --to postgres://me@localhost/logs --create --speed max\n"
          "groundhog-replay day.ghog --check kafka://localhost:9092\n"
          "groundhog-replay day.ghog --audit kafka://localhost:9092/cleaned --keep level=ERROR\n"
          "groundhog record -o - --duration forever | groundhog-replay - --to jsonl:-"));
  AddReplayOptions(program, options);
  program.require_subcommand(0, 1);
  Selection selection;
  selection.run = [&program, &options, argc, argv]() -> int {
    HidePasswords(std::span(argv, static_cast<std::size_t>(argc)));
    if (const std::optional<int> code = AnswerInstead(options)) return *code;
    if (absl::Status status = CompleteReplayOptions(program, options); !status.ok()) {
      PrintError(kProgram, status);
      return kExitUsage;
    }
    if (!options.check.empty()) return options.kind->Check(options);
    if (!options.audited.empty()) return options.kind->Audit(options);
    return RunReplay(options);
  };
  AddCtlCommand(program, selection);
  return RunProgram(program, argc, argv, selection);
}
