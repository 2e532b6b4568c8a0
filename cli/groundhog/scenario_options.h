// What `record` and `scenario` share: naming a scenario and changing it from the command line.
#ifndef GROUNDHOG_CLI_GROUNDHOG_SCENARIO_OPTIONS_H_
#define GROUNDHOG_CLI_GROUNDHOG_SCENARIO_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "model/scenario/parse/parser.h"
#include "traces/catalogue.h"

namespace groundhog::cli {

struct ScenarioOptions {
  std::string scenario = "shop";  // a YAML file, a trace, or a shipped scenario's name
  model::Overrides overrides;     // in the order given
};

// Adds SCENARIO alone.
void AddScenarioArgument(CLI::App& command, ScenarioOptions& options);

// Adds SCENARIO, --seed, --duration, --start, --scale, --without and --set. `options` outlives the
// parsing of the command line.
void AddScenarioOptions(CLI::App& command, ScenarioOptions& options);

struct ScenarioSource {
  std::string name;  // as a person would name it: the path, or "shop"
  std::string text;
  model::Overrides overrides;  // a trace's, which go before those of the command line
  bool is_trace = false;
  traces::TruthMethod truth_method = traces::TruthMethod::kLocal;  // a trace's
  bool covers_no_time = false;                                     // a trace; see TraceScenario
};

// `scenario` is a path when it has a '/', ends in .yaml, .yml or .ghog, or names an existing file;
// else a shipped scenario's name. What a path leads to is a trace when its content is one.
// NotFound: neither, with a suggestion. InvalidArgument: too large, or a trace in a pipe. For a
// trace, the errors of ReadTraceScenario.
absl::StatusOr<ScenarioSource> FindScenario(const std::string& scenario);

struct LoadedScenario : model::ParsedScenario {
  traces::TruthMethod truth_method = traces::TruthMethod::kLocal;  // as ScenarioSource's
};

// Finds and parses. On failure prints why on stderr, one line per problem, and returns nothing: the
// command ends with kExitUsage.
std::optional<LoadedScenario> LoadScenario(const ScenarioOptions& options);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_SCENARIO_OPTIONS_H_
