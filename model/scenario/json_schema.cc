#include "model/scenario/json_schema.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/keys/keys.h"
#include "model/scenario/yaml_tree.h"
#include "text/concat.h"
#include "text/json_writer.h"
#include "text/spaced_words.h"

namespace groundhog::model {
namespace {

using text::Concat;

constexpr std::string_view kNamePattern = "^[a-z0-9][a-z0-9-]{0,62}$";
constexpr std::string_view kCodePattern = "^ERR_[0-9]{3}$";
constexpr std::string_view kTimestampPattern =
    "^(19[7-9][0-9]|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    "(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
constexpr std::string_view kTimeOfDayPattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$";
constexpr std::string_view kRatePattern = "^[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?/(s|m|h|d)$";

using text::JsonWriter;
using Layout = JsonWriter::Layout;

std::string DurationPattern(bool may_be_forever) {
  std::string parts = "0|(?=.)";
  for (std::string_view unit : {"d", "h", "m", "s", "ms", "us", "ns"}) {
    parts += Concat({"([0-9]+(\\.[0-9]+)?", unit, ")?"});
  }
  return may_be_forever ? Concat({"^(forever|", parts, ")$"}) : Concat({"^(", parts, ")$"});
}

std::string Path(std::string_view object) { return Concat({"#/$defs/", object}); }

void WriteReference(std::string_view object, JsonWriter& json) {
  json.BeginObject(Layout::kSpaced).Put("$ref", Path(object)).EndObject();
}

void PutWords(std::string_view key, std::span<const std::string_view> words, JsonWriter& json) {
  json.Key(key).BeginArray(Layout::kSpaced);
  for (std::string_view word : words) json.Value(word);
  json.EndArray();
}

void PutTypes(std::initializer_list<std::string_view> types, JsonWriter& schema) {
  PutWords("type", types, schema);
}

bool HasRequiredKey(const ObjectSpec& object) {
  return std::ranges::any_of(object.keys, &KeySpec::is_required);
}

// A default, written as YAML, as JSON.
void WriteDefault(const YamlNode& node, ValueType type, JsonWriter& json) {
  const bool is_bare =
      type == ValueType::kWhole || type == ValueType::kNumber || type == ValueType::kBoolean;
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      if (is_bare) {
        json.Json(node.text);
      } else {
        json.Value(node.text);
      }
      return;
    case YamlNode::Kind::kSequence:
      json.BeginArray(Layout::kSpaced);
      for (const YamlNode& item : node.items) WriteDefault(item, type, json);
      json.EndArray();
      return;
    case YamlNode::Kind::kMap:
      json.BeginObject(Layout::kSpaced);
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        json.Key(node.keys[i].text);
        WriteDefault(node.items[i], type, json);
      }
      json.EndObject();
      return;
    case YamlNode::Kind::kNull:
    case YamlNode::Kind::kRefused:
      break;
  }
  json.Null();
}

// "The longest that … Value: a duration from 1us to 1d, such as 250ms. Required."
std::string Description(const KeySpec& key) {
  std::string text = std::string(key.meaning);
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  text += Concat({". Value: ", Expectation(key), "."});
  if (!key.kinds.empty()) text += Concat({" Only with kind ", ChoiceText(key.kinds), "."});
  if (!key.needs.empty()) text += Concat({" Only beside ", key.needs, "."});
  if (!key.excluded_by.empty()) text += Concat({" Not beside ", key.excluded_by, "."});
  if (key.is_required) return text + " Required.";
  if (!key.fallback_note.empty()) return text + Concat({" Default: ", key.fallback_note, "."});
  return text + Concat({" Default: ", key.fallback.empty() ? "none" : key.fallback, "."});
}

void PutRange(const KeySpec& key, JsonWriter& schema) {
  if (!key.minimum.empty()) schema.PutJson("minimum", key.minimum);
  if (!key.maximum.empty()) schema.PutJson("maximum", key.maximum);
}

void PutRangeInWords(const KeySpec& key, JsonWriter& schema) {
  if (!key.minimum.empty()) schema.Put("x-minimum", key.minimum);
  if (!key.maximum.empty()) schema.Put("x-maximum", key.maximum);
}

// A name, which YAML may take for a number or a truth value.
void PutNameTypes(JsonWriter& schema) {
  PutTypes({"string", "integer", "boolean"}, schema);
  schema.Put("pattern", kNamePattern).Put("minimum", 0);
}

void WriteName(JsonWriter& json) {
  json.BeginObject(Layout::kSpaced);
  PutNameTypes(json);
  json.EndObject();
}

// Text, which YAML may take for a number or a truth value.
void PutTextTypes(JsonWriter& schema) { PutTypes({"string", "number", "boolean"}, schema); }

void PutPattern(std::string_view type_name, std::string_view pattern, JsonWriter& schema) {
  schema.Put("x-type", type_name).Put("type", "string").Put("pattern", pattern);
}

// A duration, which YAML takes for a number when it is 0.
void PutDurationTypes(bool may_be_forever, JsonWriter& schema) {
  PutTypes({"string", "integer"}, schema);
  schema.Put("pattern", DurationPattern(may_be_forever)).Put("minimum", 0).Put("maximum", 0);
}

// A duration, or a map of `object`.
void PutDurationOr(std::string_view object, JsonWriter& schema) {
  schema.Key("anyOf").BeginArray(Layout::kSpaced);
  schema.BeginObject(Layout::kSpaced);
  PutDurationTypes(/*may_be_forever=*/false, schema);
  schema.EndObject();
  WriteReference(object, schema);
  schema.EndArray();
}

// A name, or a map of one of `objects`.
void PutNameOr(std::initializer_list<std::string_view> objects, JsonWriter& schema) {
  schema.Key("anyOf").BeginArray(Layout::kSpaced);
  WriteName(schema);
  for (std::string_view object : objects) WriteReference(object, schema);
  schema.EndArray();
}

struct Count {
  std::size_t least = 0;
  std::size_t most = 0;  // 0: any number
};

// A list of what the schema that `put_item` puts describes.
void PutList(const std::function<void()>& put_item, Count count, JsonWriter& schema) {
  schema.Put("type", "array");
  schema.Key("items").BeginObject(Layout::kSpaced);
  put_item();
  schema.EndObject();
  if (count.least > 0) schema.Put("minItems", count.least);
  if (count.most > 0) schema.Put("maxItems", count.most);
}

void PutNames(std::string_view type_name, Count count, JsonWriter& schema) {
  schema.Put("x-type", type_name);
  PutList([&] { PutNameTypes(schema); }, count, schema);
  schema.Put("uniqueItems", true);
}

void PutCalls(std::string_view type_name, std::initializer_list<std::string_view> objects,
              Count count, JsonWriter& schema) {
  schema.Put("x-type", type_name);
  PutList([&] { PutNameOr(objects, schema); }, count, schema);
}

// An empty value is an empty map; where that lacks nothing, it may stand.
void PutMapType(bool may_be_empty, JsonWriter& schema) {
  if (may_be_empty) {
    PutTypes({"object", "null"}, schema);
  } else {
    schema.Put("type", "object");
  }
}

void PutMapsByName(const KeySpec& key, std::string_view name_pattern, JsonWriter& schema) {
  PutMapType(/*may_be_empty=*/!key.is_required, schema);
  if (key.is_required) schema.Put("minProperties", 1);
  schema.Key("propertyNames").BeginObject(Layout::kSpaced);
  schema.Put("pattern", name_pattern).EndObject();
  schema.Key("additionalProperties");
  WriteReference(key.object, schema);
}

void PutReference(std::string_view type_name, JsonWriter& schema) {
  schema.Put("x-type", type_name);
  PutNameTypes(schema);
}

// False when the value is none.
bool PutScalar(const KeySpec& key, JsonWriter& schema) {
  switch (key.type) {
    case ValueType::kName:
      PutReference("name", schema);
      break;
    case ValueType::kServiceName:
      PutReference("service", schema);
      break;
    case ValueType::kJourneyName:
      PutReference("journey", schema);
      break;
    case ValueType::kZoneName:
      PutReference("zone", schema);
      break;
    case ValueType::kFaultName:
      PutReference("fault", schema);
      break;
    case ValueType::kText:
      PutTextTypes(schema);
      schema.Put("pattern", "^[^\\x00-\\x1F\\x7F]*$");
      schema.Put("maxLength", kDescriptionLengthMax);
      break;
    case ValueType::kWhole:
      schema.Put("type", "integer");
      PutRange(key, schema);
      break;
    case ValueType::kNumber:
      schema.Put("type", "number");
      PutRange(key, schema);
      break;
    case ValueType::kBoolean:
      schema.Put("type", "boolean");
      break;
    case ValueType::kDuration:
    case ValueType::kRunDuration:
      schema.Put("x-type", "duration");
      PutDurationTypes(key.type == ValueType::kRunDuration, schema);
      PutRangeInWords(key, schema);
      break;
    case ValueType::kRate:
      PutPattern("rate", kRatePattern, schema);
      PutRangeInWords(key, schema);
      break;
    case ValueType::kTimestamp:
      PutPattern("timestamp", kTimestampPattern, schema);
      break;
    case ValueType::kTimeOfDay:
      PutPattern("time_of_day", kTimeOfDayPattern, schema);
      break;
    case ValueType::kChoice:
      PutWords("enum", text::SplitWords(key.choices), schema);
      break;
    case ValueType::kCode:
      PutPattern("error_code", kCodePattern, schema);
      break;
    default:
      return false;
  }
  return true;
}

// False when the value is no list.
bool PutListOf(const KeySpec& key, JsonWriter& schema) {
  const auto put_number = [&] {
    schema.Put("type", key.type == ValueType::kNumberList ? "number" : "integer");
    PutRange(key, schema);
  };
  switch (key.type) {
    case ValueType::kNumberList:
      PutList(put_number, {.least = key.count, .most = key.count}, schema);
      break;
    case ValueType::kHostList:
      PutList(put_number, {.least = 1}, schema);
      schema.Put("uniqueItems", true);
      break;
    case ValueType::kMessageList:
      PutList([&] { PutTextTypes(schema); }, {.least = 1, .most = kMessagesMax}, schema);
      break;
    case ValueType::kNameList:
      PutNames("names", {.least = 1}, schema);
      break;
    case ValueType::kServiceList:
      PutNames("services", {.least = 1}, schema);
      break;
    case ValueType::kJourneyList:
      PutNames("journeys", {.least = 1}, schema);
      break;
    case ValueType::kZoneList:
      PutNames("zones", {.least = 1}, schema);
      break;
    case ValueType::kZonePair:
      PutNames("zones", {.least = 2, .most = 2}, schema);
      break;
    case ValueType::kCallList:
      PutCalls("calls", {key.object, "group"}, {}, schema);
      break;
    case ValueType::kParallelCalls:
      PutCalls("calls", {key.object}, {.least = 2}, schema);
      break;
    case ValueType::kStepList:
      PutCalls("steps", {key.object}, {.least = 1}, schema);
      break;
    case ValueType::kMapList:
      PutList([&] { schema.Put("$ref", Path(key.object)); }, {}, schema);
      break;
    default:
      return false;
  }
  return true;
}

// False when the value is neither a map nor short for one.
bool PutMapOf(const KeySpec& key, JsonWriter& schema) {
  switch (key.type) {
    case ValueType::kDistribution:
      schema.Put("x-type", "distribution");
      PutDurationOr("distribution", schema);
      PutRangeInWords(key, schema);
      break;
    case ValueType::kBackoff:
      schema.Put("x-type", "backoff");
      PutDurationOr(key.object, schema);
      break;
    case ValueType::kCall:
      schema.Put("x-type", "call");
      PutNameOr({key.object}, schema);
      break;
    case ValueType::kMap:
      schema.Put("$ref", Path(key.object));
      break;
    case ValueType::kMapsByName:
    case ValueType::kMapsByService:
      PutMapsByName(key, kNamePattern, schema);
      break;
    case ValueType::kMapsByCode:
      PutMapsByName(key, kCodePattern, schema);
      break;
    default:
      return false;
  }
  return true;
}

void WriteKey(const KeySpec& key, JsonWriter& json) {
  json.BeginObject(Layout::kSpaced);
  json.Put("description", Description(key));
  const bool is_known = PutScalar(key, json) || PutListOf(key, json) || PutMapOf(key, json);
  if (!is_known) std::abort();  // a type that this file knows nothing of
  if (!key.fallback.empty()) {
    Diagnostics none("default");
    const std::optional<YamlNode> node = ReadYaml(key.fallback, 0, none);
    if (!node || !none.ok()) std::abort();  // a slip in the table
    json.Key("default");
    WriteDefault(*node, key.type, json);
  }
  json.EndObject();
}

// What follows from a condition.
struct Rule {
  std::string_view key;                          // the condition is that this key is there and
  std::string_view value = {};                   // has this value; empty: is not false
  std::vector<std::string_view> forbidden = {};  // keys, when it holds
  std::vector<std::string_view> required = {};   // keys, when it holds
  std::vector<std::string_view> otherwise = {};  // keys that are required when it does not hold
};

void PutCondition(const Rule& rule, JsonWriter& json) {
  json.Key("if").BeginObject(Layout::kSpaced);
  PutWords("required", {{rule.key}}, json);
  json.Key("properties").BeginObject(Layout::kSpaced);
  json.Key(rule.key).BeginObject(Layout::kSpaced);
  if (rule.value.empty()) {
    json.Key("not").BeginObject(Layout::kSpaced).Put("const", false).EndObject();
  } else {
    json.Put("const", rule.value);
  }
  json.EndObject().EndObject().EndObject();
}

void WriteRule(const Rule& rule, JsonWriter& json) {
  json.BeginObject(Layout::kSpaced);
  PutCondition(rule, json);
  json.Key("then").BeginObject(Layout::kSpaced);
  if (!rule.forbidden.empty()) {
    json.Key("properties").BeginObject(Layout::kSpaced);
    for (std::string_view key : rule.forbidden) json.Put(key, false);
    json.EndObject();
  }
  if (!rule.required.empty()) PutWords("required", rule.required, json);
  json.EndObject();
  if (!rule.otherwise.empty()) {
    json.Key("else").BeginObject(Layout::kSpaced);
    PutWords("required", rule.otherwise, json);
    json.EndObject();
  }
  json.EndObject();
}

// Which keys go with which `kind`.
std::vector<Rule> KindRules(const ObjectSpec& object) {
  const KeySpec* kinds = FindKey(object, "kind");
  if (kinds == nullptr) return {};
  std::vector<Rule> rules;
  for (std::string_view kind : text::SplitWords(kinds->choices)) {
    Rule rule{.key = "kind", .value = kind};
    for (const KeySpec& key : object.keys) {
      if (!MayHave(kind, key)) rule.forbidden.push_back(key.name);
      if (text::HasWord(key.required_kinds, kind)) rule.required.push_back(key.name);
    }
    if (!rule.forbidden.empty() || !rule.required.empty()) rules.push_back(std::move(rule));
  }
  return rules;
}

// Which keys do not go beside which other.
std::vector<Rule> ExclusionRules(const ObjectSpec& object) {
  std::vector<Rule> rules;
  for (const KeySpec& other : object.keys) {
    Rule rule{.key = other.name};
    for (const KeySpec& key : object.keys) {
      if (key.excluded_by != other.name) continue;
      rule.forbidden.push_back(key.name);
      if (key.is_required) rule.otherwise.push_back(key.name);
    }
    if (!rule.forbidden.empty()) rules.push_back(std::move(rule));
  }
  return rules;
}

void PutConditions(const ObjectSpec& object, JsonWriter& json) {
  const auto has_needs = [](const KeySpec& key) { return !key.needs.empty(); };
  if (std::ranges::any_of(object.keys, has_needs)) {
    json.Key("dependentRequired").BeginObject(Layout::kSpaced);
    for (const KeySpec& key : object.keys) {
      if (has_needs(key)) PutWords(key.name, {{key.needs}}, json);
    }
    json.EndObject();
  }
  std::vector<Rule> rules = KindRules(object);
  for (Rule& rule : ExclusionRules(object)) rules.push_back(std::move(rule));
  if (rules.empty()) return;
  json.Key("allOf").BeginArray(Layout::kLines);
  for (const Rule& rule : rules) WriteRule(rule, json);
  json.EndArray();
}

void WriteObject(const ObjectSpec& object, JsonWriter& json) {
  json.BeginObject(Layout::kLines);
  PutMapType(/*may_be_empty=*/!HasRequiredKey(object), json);
  json.Put("additionalProperties", false);
  std::vector<std::string_view> required;
  for (const KeySpec& key : object.keys) {
    if (key.is_required && key.excluded_by.empty()) required.push_back(key.name);
  }
  if (!required.empty()) PutWords("required", required, json);
  json.Key("properties").BeginObject(Layout::kLines);
  for (const KeySpec& key : object.keys) {
    json.Key(key.name);
    WriteKey(key, json);
  }
  json.EndObject();
  PutConditions(object, json);
  json.EndObject();
}

}  // namespace

std::string ScenarioSchema() {
  JsonWriter json;
  json.BeginObject(Layout::kLines);
  json.Put("$schema", "https://json-schema.org/draft/2020-12/schema");
  json.Put("title", "Groundhog scenario");
  json.Put("$ref", Path(ScenarioObjects().front().name));
  json.Key("$defs").BeginObject(Layout::kLines);
  for (const ObjectSpec& object : ScenarioObjects()) {
    json.Key(object.name);
    WriteObject(object, json);
  }
  json.EndObject();
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace groundhog::model
