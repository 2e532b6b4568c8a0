// What both programs have in common: how a command line becomes one action and one exit code, and
// how errors reach a person.
//
// A program builds a CLI::App, registers options or subcommands whose callbacks fill a Selection,
// and hands both to RunProgram. Parsing throws inside CLI11; nothing is thrown out of here. One
// thread.
#ifndef GROUNDHOG_CLI_PROGRAM_H_
#define GROUNDHOG_CLI_PROGRAM_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace groundhog::cli {

// What the command line asked for. A subcommand's callback sets `run`, which then does the work and
// returns an ExitCode; it runs after parsing, so that an error in usage does nothing at all.
struct Selection {
  std::function<int()> run;
};

// Sets what every program has: the name, --version, and --help with `examples` below the options.
// `examples`: one a line, unindented.
void DescribeProgram(CLI::App& program, std::string_view examples);

// Adds a subcommand with --help and `examples`, and returns it for its options to be added.
CLI::App* AddCommand(CLI::App& program, const std::string& name, const std::string& summary,
                     std::string_view examples);

// Adds a paragraph to a command's --help, below its examples; lines as they are to be shown.
void AddNotes(CLI::App& command, std::string_view notes);

// Parses argv and runs the selection. Ignores SIGPIPE and SIGXFSZ, so that a closed pipe and a file
// size limit come back as errors of write, and sees to it that descriptors 0 to 2 are taken.
// Returns the process's exit code.
int RunProgram(CLI::App& program, int argc, char** argv, const Selection& selection);

// Prints "PROGRAM: MESSAGE" as one line on stderr.
void PrintError(std::string_view program, std::string_view message);
void PrintError(std::string_view program, const absl::Status& status);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_PROGRAM_H_
