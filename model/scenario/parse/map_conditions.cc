// Checks the table's conditions: with which kinds and beside which other keys a key may be given.
#include <optional>
#include <string_view>

#include "model/scenario/parse/map_reader.h"
#include "text/concat.h"
#include "text/spaced_words.h"

namespace groundhog::model {

using text::Concat;

std::optional<std::string_view> MapReader::Kind() const {
  const KeySpec* spec = FindKey(object_, "kind");
  const YamlNode* kind = map_ == nullptr ? nullptr : map_->Find("kind");
  if (spec == nullptr || kind == nullptr || kind->kind != YamlNode::Kind::kScalar) {
    return std::nullopt;
  }
  if (!text::HasWord(spec->choices, kind->text)) return std::nullopt;
  return kind->text;
}

bool MapReader::IsExcluded(const KeySpec& spec) const {
  if (spec.excluded_by.empty()) return false;
  const YamlNode* other = map_->Find(spec.excluded_by);
  if (other == nullptr) return false;
  return other->kind != YamlNode::Kind::kScalar || other->text != "false";
}

bool MapReader::CheckKind(const KeySpec& spec, std::string_view kind) {
  const bool is_given = Has(spec.name);
  if (is_given && !MayHave(kind, spec)) {
    diagnostics_.Add(KeyPosition(spec.name),
                     Concat({"'", spec.name, "' belongs to ", object_.name, "s of kind ",
                             ChoiceText(spec.kinds), "; leave it out"}));
    return false;
  }
  if (!is_given && text::HasWord(spec.required_kinds, kind)) {
    diagnostics_.Add(owner_, Concat({subject_, " of kind ", kind, " needs the key '", spec.name,
                                     "': ", Expectation(spec)}));
  }
  return true;
}

void MapReader::CheckConditions() {
  const std::optional<std::string_view> kind = Kind();
  for (const KeySpec& spec : object_.keys) {
    if (kind && !CheckKind(spec, *kind)) continue;
    if (!Has(spec.name)) continue;
    if (IsExcluded(spec)) {
      const bool is_switch = Spec(spec.excluded_by).type == ValueType::kBoolean;
      diagnostics_.Add(KeyPosition(spec.name),
                       Concat({"'", spec.name, "' does not go with '", spec.excluded_by,
                               is_switch ? ": true" : "", "'; leave one of them out"}));
    }
    if (!spec.needs.empty() && !Has(spec.needs)) {
      diagnostics_.Add(KeyPosition(spec.name),
                       Concat({"'", spec.name, "' needs the key '", spec.needs,
                               "' beside it: ", Expectation(Spec(spec.needs))}));
    }
  }
}

}  // namespace groundhog::model
