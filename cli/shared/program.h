// What both programs have in common: how a command line becomes one action and one exit code, and
// how errors reach a person.
//
// A program builds a Command, registers its options, or subcommands and what each of them does, and
// hands both to RunProgram. Parsing throws inside CLI11; nothing is thrown out of here. One thread.
#ifndef GROUNDHOG_CLI_SHARED_PROGRAM_H_
#define GROUNDHOG_CLI_SHARED_PROGRAM_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "cli/shared/command.h"

namespace groundhog::cli {

// What the command line asked for. `run` does the work and returns an ExitCode; it runs after
// parsing, so that an error in usage does nothing at all.
struct Selection {
  std::function<int()> run;
};

// Makes `run` the selection when the command line names `command`. Both outlive RunProgram.
void SetRun(CLI::App& command, Selection& selection, std::function<int()> run);

// Adds the commands that every program has (help, completion), parses argv and runs the selection.
// Ignores SIGPIPE and SIGXFSZ, so that a closed pipe and a file size limit come back as errors of
// write, and sees to it that descriptors 0 to 2 are taken. Returns the process's exit code.
//
// Two more first words are for machines, and not shown: `__complete WORD...`, what shells ask at
// each Tab (completion.h), and `__reference DIRECTORY`, which writes manual pages and completion
// scripts for `cmake --install`.
int RunProgram(CLI::App& program, int argc, char** argv, Selection& selection);

// Prints "PROGRAM: MESSAGE" as one line on stderr.
void PrintError(std::string_view program, std::string_view message);
void PrintError(std::string_view program, const absl::Status& status);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_PROGRAM_H_
