// The scenarios that ship inside the program, byte for byte as in this folder.
//
// Constant data; safe to use from any thread.
#ifndef GROUNDHOG_SCENARIOS_SHIPPED_H_
#define GROUNDHOG_SCENARIOS_SHIPPED_H_

#include <span>
#include <string_view>

namespace groundhog::scenarios {

struct ShippedScenario {
  std::string_view name;  // "shop": the file's name without .yaml
  std::string_view text;  // the YAML
};

// All of them, `shop` first.
std::span<const ShippedScenario> ShippedScenarios();

// Null when there is none of this name.
const ShippedScenario* FindShippedScenario(std::string_view name);

}  // namespace groundhog::scenarios

#endif  // GROUNDHOG_SCENARIOS_SHIPPED_H_
