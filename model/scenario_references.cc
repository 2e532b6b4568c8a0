// Names that refer to services, journeys and zones.
#include <algorithm>
#include <string>
#include <utility>

#include "model/concat.h"
#include "model/scenario_sections.h"
#include "model/suggestion.h"

namespace groundhog::model {

KnownNames::KnownNames(std::string_view noun, std::string_view remedy,
                       std::vector<std::string_view> names)
    : noun_(noun), remedy_(remedy), sorted_(std::move(names)) {
  std::ranges::sort(sorted_);
  const auto repeated = std::ranges::unique(sorted_);
  sorted_.erase(repeated.begin(), repeated.end());
}

bool KnownNames::Contains(std::string_view name) const {
  return std::ranges::binary_search(sorted_, name);
}

bool KnownNames::Check(const PlacedName& name, std::string_view role,
                       Diagnostics& diagnostics) const {
  if (Contains(name.name)) return true;
  const std::string shown =
      Describe({.kind = YamlNode::Kind::kScalar, .text = std::string(name.name)});
  // Beyond what is ever shown, finding suggestions among thousands of names is wasted time.
  std::string hint = diagnostics.is_crowded() ? "" : DidYouMean(name.name, sorted_);
  if (hint.empty()) hint = Concat({"; ", remedy_});
  diagnostics.Add(name.position,
                  Concat({role, " names the ", noun_, " ", shown, ", which there is not", hint}));
  return false;
}

}  // namespace groundhog::model
