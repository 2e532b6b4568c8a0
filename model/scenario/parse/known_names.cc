// Names that refer to services, journeys, zones and faults.
#include <algorithm>
#include <map>
#include <string>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/suggestion.h"

namespace groundhog::model {

using text::Concat;

KnownNames::KnownNames(std::string_view noun, std::string_view remedy,
                       const std::vector<std::string_view>& names, const YamlNode* declarations)
    : noun_(noun), remedy_(remedy) {
  std::map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < names.size(); ++i) first.emplace(names[i], i);
  for (const auto& [name, index] : first) {
    sorted_.push_back(name);
    indices_.push_back(index);
  }
  if (declarations == nullptr) return;
  for (const YamlKey& key : declarations->keys) {
    if (IsName(key.text)) continue;
    refused_.insert(key.text);
    refused_.insert(MendedName(key.text));
  }
}

std::optional<std::size_t> KnownNames::IndexOf(std::string_view name) const {
  const auto found = std::ranges::lower_bound(sorted_, name);
  if (found == sorted_.end() || *found != name) return std::nullopt;
  return indices_[static_cast<std::size_t>(found - sorted_.begin())];
}

bool KnownNames::Check(const PlacedName& name, std::string_view role,
                       Diagnostics& diagnostics) const {
  if (IndexOf(name.name)) return true;
  if (refused_.contains(std::string(name.name))) return false;
  const std::string shown =
      Describe({.kind = YamlNode::Kind::kScalar, .text = std::string(name.name)});
  // A problem that is never shown needs no suggestion, which is slow among thousands of names.
  std::string hint = diagnostics.is_crowded() ? "" : text::DidYouMean(name.name, sorted_);
  if (hint.empty()) hint = Concat({"; ", remedy_});
  diagnostics.Add(name.position,
                  Concat({role, " names the ", noun_, " ", shown, ", which there is not", hint}));
  return false;
}

}  // namespace groundhog::model
