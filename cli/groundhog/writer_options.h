// The options of how a trace is stored: --compression, --level, --chunk-records.
#ifndef GROUNDHOG_CLI_GROUNDHOG_WRITER_OPTIONS_H_
#define GROUNDHOG_CLI_GROUNDHOG_WRITER_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "traces/writer.h"

namespace groundhog::cli {

// Adds -o,--output: a file, or - for standard output. Required, unless the caller changes that.
CLI::Option* AddTraceOutput(CLI::App& command, std::string& output);

// `options` outlives the parsing of the command line.
void AddWriterOptions(CLI::App& command, traces::WriterOptions& options);

// Whether a trace can be written to `output` as these options say; prints why not.
bool CheckTraceOutput(const CLI::App& command, const std::string& output,
                      const traces::WriterOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_WRITER_OPTIONS_H_
