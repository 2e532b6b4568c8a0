// groundhog digest: print what a trace's content amounts to, in 32 hex digits.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/groundhog/trace_command.h"
#include "cli/shared/data_output.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"
#include "cli/shared/trace_input.h"
#include "text/printable.h"
#include "traces/hash128.h"
#include "traces/reader.h"
#include "traces/summary.h"

namespace groundhog::cli {
namespace {

struct DigestOptions {
  std::vector<std::string> files;
  bool is_quiet = false;
};

// A pipe's footer is known only when everything before it has been read.
ExitCode ReadToFooter(traces::Reader& reader, bool is_quiet) {
  if (reader.can_seek()) return kExitDone;
  LenientReading reading(kProgram, reader, is_quiet);
  std::vector<traces::Record> records;
  while (reading.NextChunk(&records)) continue;
  return reading.exit_code() == kExitIncomplete ? kExitNo : reading.exit_code();
}

int Digest(const DigestOptions& options, const std::string& file, DataOutput& output,
           traces::Reader& reader) {
  if (!options.is_quiet) TellHeaderDamage(kProgram, reader);
  if (const ExitCode code = ReadToFooter(reader, options.is_quiet); code != kExitDone) return code;
  if (reader.summary() == nullptr) {
    if (!options.is_quiet) {
      PrintError(kProgram, text::Printable(file) +
                               ": no digest, as the trace is incomplete; 'groundhog verify' "
                               "tells what is missing");
    }
    return kExitNo;
  }
  output.WriteLine(
      absl::StrCat(traces::ToHex(reader.summary()->digest), "  ", text::Printable(file)));
  return kExitDone;
}

int DigestAll(const DigestOptions& options) {
  DataOutput output;
  int worst = kExitDone;
  for (const std::string& file : options.files) {
    const int exit_code = OnTrace(
        file, [&](traces::Reader& reader) { return Digest(options, file, output, reader); });
    worst = std::max(worst, exit_code);
  }
  return output.Finish(kProgram, worst);
}

}  // namespace

void AddDigestCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "digest", "Print the digest of a trace's content, as its footer has it",
                 "groundhog digest day.ghog\n"
                 "groundhog digest monday.ghog tuesday.ghog\n"
                 "groundhog record -o - | groundhog digest -");
  AddNotes(*command,
           "The digest covers the records with their truth and all names, not how the file is "
           "encoded. It is read from the footer; 'groundhog verify' computes it again.");
  AddExitCodes(*command, {{kExitNo, "a trace is incomplete and has no digest"}});
  const auto options = std::make_shared<DigestOptions>();
  command->add_option("FILE", options->files, "The traces; - for standard input")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  AddQuiet(*command, options->is_quiet);
  SetRun(*command, selection, [options] { return DigestAll(*options); });
}

}  // namespace groundhog::cli
