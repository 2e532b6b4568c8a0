// From a scenario's YAML text to checked structs. docs/SCENARIO.md says what may be written;
// model/scenario/keys/keys.h is the table behind both.
//
// Pure: reads no file, no clock, no environment. Safe to use from any thread.
#ifndef GROUNDHOG_MODEL_SCENARIO_PARSE_PARSER_H_
#define GROUNDHOG_MODEL_SCENARIO_PARSE_PARSER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/scenario/overrides.h"
#include "model/scenario/scenario.h"

namespace groundhog::model {

struct ParsedScenario {
  Scenario scenario = {};                   // checked; overrides applied, defaults filled in
  std::string text;                         // the YAML as given, without overrides
  std::vector<std::string> overrides = {};  // for TraceInfo::overrides, in the order given
};

// `file_name` is how a person would name the text: it begins every error message.
// InvalidArgument: one line per problem, "file:line:column: what; how to correct it" or, for an
// override, "--set PATH=VALUE: what; how to correct it"; at most ten, then "and N more".
absl::StatusOr<ParsedScenario> ParseScenario(std::string_view yaml_text, std::string_view file_name,
                                             const Overrides& overrides = {});

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_PARSE_PARSER_H_
