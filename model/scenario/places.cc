#include "model/scenario/places.h"

#include <cstddef>

#include "model/scenario/diagnostics.h"
#include "text/concat.h"
#include "text/numbers.h"

namespace groundhog::model {

using text::Concat;
using text::ParseWhole;

ScenarioPlaces::ScenarioPlaces(std::string_view yaml_text, std::string_view file_name,
                               const Overrides& overrides)
    : file_name_(file_name), sources_{file_name_} {
  Diagnostics ignored(file_name);
  root_ = ReadYaml(yaml_text, 0, ignored);
  if (!root_) return;
  std::vector<int> numbers;
  ApplyToTree(overrides, *root_, ignored, numbers);
  for (const Override& change : overrides) sources_.push_back(OptionText(change));
}

std::string ScenarioPlaces::Of(std::string_view path) const {
  if (!root_ || path.empty()) return file_name_;
  const YamlNode* node = &*root_;
  Position position = root_->position;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view part = path.substr(0, dot);
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    const YamlNode* next = nullptr;
    if (node->kind == YamlNode::Kind::kMap) {
      for (std::size_t i = 0; i < node->keys.size() && next == nullptr; ++i) {
        if (node->keys[i].text != part) continue;
        next = &node->items[i];
        position = next->position.source > 0 ? next->position : node->keys[i].position;
      }
    } else if (node->kind == YamlNode::Kind::kSequence) {
      const std::optional<std::uint64_t> index = ParseWhole(part);
      if (index && *index < node->items.size()) {
        next = &node->items[*index];
        position = next->position;
      }
    }
    if (next == nullptr) break;
    node = next;
  }
  if (position.source > 0) return sources_[static_cast<std::size_t>(position.source)];
  return Concat(
      {file_name_, ":", std::to_string(position.line), ":", std::to_string(position.column)});
}

}  // namespace groundhog::model
