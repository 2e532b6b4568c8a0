#include "scenarios/shipped.h"

#include <algorithm>

namespace groundhog::scenarios {

const ShippedScenario* FindShippedScenario(std::string_view name) {
  const std::span<const ShippedScenario> all = ShippedScenarios();
  const auto found = std::ranges::find(all, name, &ShippedScenario::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace groundhog::scenarios
