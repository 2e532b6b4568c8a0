#include "cli/groundhog/writer_options.h"

#include <unistd.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "cli/groundhog/commands.h"
#include "cli/shared/choice.h"
#include "cli/shared/parsed_option.h"
#include "cli/shared/program.h"
#include "traces/compression.h"

namespace groundhog::cli {

CLI::Option* AddTraceOutput(CLI::App& command, std::string& output) {
  return command
      .add_option("-o,--output", output, "The trace file to write; - for standard output")
      ->type_name("FILE")
      ->check(NeedsName)
      ->required();
}

void AddWriterOptions(CLI::App& command, traces::WriterOptions& options) {
  AddChoice(command, "--compression", options.compression, traces::kCompressionNames,
            "How chunks are stored (default: zstd)");
  AddParsed(command,
            {"--level", "N",
             absl::StrCat("How hard zstd compresses, from 1, fastest, to ", traces::kZstdLevelMax,
                          ", smallest file (default: ", traces::kZstdLevelDefault, ")")},
            NumberInto(&options.level, 1, traces::kZstdLevelMax));
  AddParsed(command,
            {"--chunk-records", "N",
             "Put at most N records into a chunk, from 1 to 65536: fewer for finer seeking, more "
             "for a smaller file (default: 8192)"},
            NumberInto<std::uint32_t>(&options.chunk_records, 1, 65'536));
}

bool CheckTraceOutput(const CLI::App& command, const std::string& output,
                      const traces::WriterOptions& options) {
  const CLI::Option* const level = command.get_option_no_throw("--level");
  if (level != nullptr && level->count() > 0 && options.compression != traces::Compression::kZstd) {
    PrintError(kProgram, "--level goes with --compression zstd only; leave one of them out");
    return false;
  }
  if (output != "-" || isatty(STDOUT_FILENO) == 0) return true;
  PrintError(kProgram, "a trace is no text: write to a file (-o day.ghog) or into a pipe");
  return false;
}

}  // namespace groundhog::cli
