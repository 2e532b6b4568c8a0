// The options by which both programs select records: --from, --until, --service, --level,
// --trace-id. Their words are kept until a trace is open, as only its start and its catalogue give
// them a meaning.
#ifndef GROUNDHOG_CLI_FILTER_OPTIONS_H_
#define GROUNDHOG_CLI_FILTER_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "traces/catalogue.h"
#include "traces/record_filter.h"

namespace groundhog::cli {

struct FilterOptions {
  std::optional<std::string> from;   // nullopt: from the start
  std::optional<std::string> until;  // nullopt: to the end
  std::vector<std::string> services;
  std::vector<traces::Level> levels;
  std::vector<std::string> trace_ids;  // 32 hex digits each
};

// `options` outlives the parsing of the command line. Levels and trace ids are checked by it.
void AddFilterOptions(CLI::App& command, FilterOptions& options);

// What the options mean for one trace. InvalidArgument names the option and what is wrong: not a
// time, a range that ends before it begins, a service that the trace does not have.
absl::StatusOr<traces::RecordSelection> ResolveFilter(const FilterOptions& options,
                                                      const traces::TraceInfo& info,
                                                      const traces::Catalogue& catalogue);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_FILTER_OPTIONS_H_
