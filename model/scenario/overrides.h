// Changes to a scenario from the command line: `--set PATH=VALUE` and its short forms. They are
// applied to the YAML tree before it is checked, so that their mistakes are reported in the same
// words as the file's, naming the option.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_SCENARIO_OVERRIDES_H_
#define GROUNDHOG_MODEL_SCENARIO_OVERRIDES_H_

#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/yaml_tree.h"

namespace groundhog::model {

// One option, as given.
struct Override {
  enum class Kind {
    kSet,       // --set PATH=VALUE: value is "PATH=VALUE"
    kSeed,      // --seed N: short for --set seed=N
    kDuration,  // --duration D: short for --set duration=D
    kStart,     // --start T: short for --set start=T
    kWithout,   // --without FAULT
    kScale,     // --scale N
  };
  Kind kind = Kind::kSet;
  std::string value;
};

// In the order given; a later one wins.
using Overrides = std::vector<Override>;

// As a person would write it: "--set seed=7", "--without auth-outage".
std::string OptionText(const Override& change);

// For TraceInfo::overrides: "PATH=VALUE", "--without NAME", "--scale N".
std::string TraceText(const Override& change);
// The reverse: what TraceText made, to record a trace again.
Override FromTraceText(std::string_view text);

// Applies those of kind kSet, kSeed, kDuration and kStart to `root`; the others concern the parsed
// scenario. Each override becomes a source of its own: its problems carry the override's number.
// `sources[i]` receives the number for `overrides[i]`.
void ApplyToTree(const Overrides& overrides, YamlNode& root, Diagnostics& diagnostics,
                 std::vector<int>& sources);

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_SCENARIO_OVERRIDES_H_
