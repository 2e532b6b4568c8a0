// The options by which both programs select records: --from, --until, --service, --level,
// --trace-id. Their words are kept until a trace is open, as only its start and its catalogue give
// them a meaning.
#ifndef GROUNDHOG_CLI_SHARED_FILTER_OPTIONS_H_
#define GROUNDHOG_CLI_SHARED_FILTER_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "traces/catalogue.h"
#include "traces/reader.h"
#include "traces/record_filter.h"

namespace groundhog::cli {

struct FilterOptions {
  std::optional<std::string> from;   // nullopt: from the start
  std::optional<std::string> until;  // nullopt: to the end
  std::vector<std::string> services;
  std::vector<traces::Level> levels;
  std::vector<std::string> trace_ids;  // 32 hex digits each
};

// Adds --from and --until only.
void AddTimeOptions(CLI::App& command, FilterOptions& options);

// Adds --service only.
void AddServiceOption(CLI::App& command, FilterOptions& options, const char* meaning);

// `options` outlives the parsing of the command line. Levels and trace ids are checked by it.
void AddFilterOptions(CLI::App& command, FilterOptions& options);

// What the options mean for one trace. InvalidArgument names the option and what is wrong: not a
// time, a range in which the trace cannot have a record (with the range that it covers), a service
// that the trace does not have. Of a trace whose end is not known, the range is the one asked for
// when it was recorded.
absl::StatusOr<traces::RecordSelection> ResolveFilter(const FilterOptions& options,
                                                      const traces::Reader& reader);

// For a person, when no record of `file` ("-" is standard input) was selected: which options no
// record matches, or, without options, that there is none.
std::string NoRecordText(const FilterOptions& options, const std::string& file);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_SHARED_FILTER_OPTIONS_H_
