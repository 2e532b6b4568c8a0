// Reads lists, and keys that refer to something.
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/scenario/message_slots.h"
#include "model/scenario/parse/map_reader.h"
#include "text/concat.h"

namespace groundhog::model {

using text::Concat;

std::optional<std::vector<YamlValue>> MapReader::List(std::string_view key) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return std::nullopt;
  if (value->node->kind != YamlNode::Kind::kSequence) {
    Mismatch(Spec(key), *value);
    return std::nullopt;
  }
  std::vector<YamlValue> elements;
  for (const YamlNode& item : value->node->items) {
    elements.push_back({.node = &item, .position = item.position});
  }
  return elements;
}

bool MapReader::Numbers(std::string_view key, std::vector<double>& out) {
  const auto elements = List(key);
  if (!elements) return false;
  const std::size_t count = Spec(key).count;
  if (elements->size() != count) {
    diagnostics_.Add(Value(key)->position,
                     Concat({"'", key, "' must have ", std::to_string(count), " numbers, not ",
                             std::to_string(elements->size())}));
    return false;
  }
  KeySpec element_spec = Spec(key);
  element_spec.type = ValueType::kNumber;
  std::vector<double> numbers;
  for (const YamlValue& element : *elements) {
    const std::optional<double> number = NumberIn(element_spec, element);
    if (number) numbers.push_back(*number);
  }
  if (numbers.size() != count) return false;
  out = std::move(numbers);
  return true;
}

bool MapReader::Wholes(std::string_view key, std::vector<int>& out) {
  const auto elements = List(key);
  if (!elements) return false;
  KeySpec element_spec = Spec(key);
  element_spec.type = ValueType::kWhole;
  std::vector<int> wholes;
  for (const YamlValue& element : *elements) {
    const std::optional<std::uint64_t> whole = WholeIn(element_spec, element);
    if (whole) wholes.push_back(static_cast<int>(*whole));
  }
  if (wholes.size() != elements->size()) return false;
  out = std::move(wholes);
  return true;
}

bool MapReader::Messages(std::string_view key, std::vector<std::string>& out) {
  const auto elements = List(key);
  if (!elements) return false;
  if (elements->empty() || elements->size() > kMessagesMax) {
    diagnostics_.Add(Value(key)->position,
                     Concat({"'", key, "' must have 1 to ", std::to_string(kMessagesMax),
                             " messages, not ", std::to_string(elements->size())}));
    return false;
  }
  std::vector<std::string> messages;
  for (const YamlValue& element : *elements) {
    if (element.node->kind != YamlNode::Kind::kScalar) {
      diagnostics_.Add(element.position,
                       Concat({"each of '", key, "' must be text, not ", Describe(*element.node),
                               "; put it in double quotes"}));
      continue;
    }
    const absl::StatusOr<ParsedMessage> message = ParseMessage(element.node->text);
    if (message.ok()) {
      messages.push_back(element.node->text);
    } else {
      diagnostics_.Add(element.position, std::string(message.status().message()));
    }
  }
  if (messages.size() != elements->size()) return false;
  out = std::move(messages);
  return true;
}

std::optional<PlacedName> MapReader::Reference(std::string_view key) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return std::nullopt;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return std::nullopt;
  return PlacedName{.name = *text, .position = value->position};
}

const std::vector<PlacedName>& MapReader::NameList(std::string_view key) {
  const auto [entry, is_new] = name_lists_.try_emplace(key);
  std::vector<PlacedName>& names = entry->second;
  if (!is_new) return names;
  const auto elements = List(key);
  if (!elements) return names;
  const KeySpec& spec = Spec(key);
  if (elements->empty()) {
    diagnostics_.Add(KeyPosition(key),
                     Concat({"'", key, "' must not be empty; leave it out if it names nothing"}));
  }
  std::set<std::string_view> seen;
  for (const YamlValue& element : *elements) {
    if (element.node->kind == YamlNode::Kind::kRefused) continue;
    const std::string shown = Describe(*element.node);
    if (element.node->kind != YamlNode::Kind::kScalar || !IsName(element.node->text)) {
      diagnostics_.Add(element.position,
                       Concat({"'", key, "' must be ", Expectation(spec), ", and ", shown,
                               " is no name of lower-case letters, digits and dashes"}));
      continue;
    }
    if (!seen.insert(element.node->text).second) {
      diagnostics_.Add(element.position, Concat({"'", key, "' names ", shown, " twice"}));
      continue;
    }
    names.push_back({.name = element.node->text, .position = element.position});
  }
  return names;
}

}  // namespace groundhog::model
