// In which keys the scenarios of two traces differ, as their headers have them.
#ifndef GROUNDHOG_CLI_GROUNDHOG_SCENARIO_CHANGES_H_
#define GROUNDHOG_CLI_GROUNDHOG_SCENARIO_CHANGES_H_

#include <optional>
#include <string>
#include <vector>

#include "traces/catalogue.h"

namespace groundhog::cli {

// A key by its dotted path, such as faults.auth-outage or journeys.buy.steps[0].service, with its
// value in each trace as YAML on one line; nullopt: the trace has no such key.
struct ScenarioChange {
  std::string key;
  std::optional<std::string> a;
  std::optional<std::string> b;
};

// Compares the effective scenarios: overrides applied, defaults written out, in A's order. A map
// that only one has is one change, or one for each of the maps that it holds. If one of the texts
// cannot be parsed, as that of another version of the program, only what the header itself says is
// compared (name, seed, start, duration), and whether the texts are equal.
std::vector<ScenarioChange> ScenarioChanges(const traces::TraceInfo& a, const traces::TraceInfo& b);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_GROUNDHOG_SCENARIO_CHANGES_H_
