#include "model/scenario/json_schema.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/diagnostics.h"
#include "model/scenario/keys/keys.h"
#include "model/scenario/yaml_tree.h"
#include "text/concat.h"
#include "traces/json_renderer.h"

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

std::string Quoted(std::string_view text) {
  std::string quoted;
  traces::AppendJsonString(text, &quoted);
  return quoted;
}

// {"key": value, ...} on one line.
class JsonMap {
 public:
  // `value` is JSON.
  void Put(std::string_view key, std::string_view value) {
    text_ += Concat({text_.empty() ? "" : ", ", Quoted(key), ": ", value});
  }
  void PutText(std::string_view key, std::string_view text) { Put(key, Quoted(text)); }
  std::string Text() const { return Concat({"{", text_, "}"}); }

 private:
  std::string text_;
};

std::string DurationPattern(bool may_be_forever) {
  std::string parts = "0|(?=.)";
  for (std::string_view unit : {"d", "h", "m", "s", "ms", "us", "ns"}) {
    parts += Concat({"([0-9]+(\\.[0-9]+)?", unit, ")?"});
  }
  return may_be_forever ? Concat({"^(forever|", parts, ")$"}) : Concat({"^(", parts, ")$"});
}

std::string Reference(std::string_view object) {
  return Concat({"{\"$ref\": \"#/$defs/", object, "\"}"});
}

std::string EnumText(std::string_view choices) {
  std::string text = "\"";
  for (char c : choices) text += c == ' ' ? std::string("\", \"") : std::string(1, c);
  return Concat({"[", text, "\"]"});
}

bool HasRequiredKey(const ObjectSpec& object) {
  for (const KeySpec& key : object.keys) {
    if (key.is_required) return true;
  }
  return false;
}

// A default, written as YAML, as JSON.
std::string DefaultText(const YamlNode& node, ValueType type) {
  const bool is_bare =
      type == ValueType::kWhole || type == ValueType::kNumber || type == ValueType::kBoolean;
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      return is_bare ? node.text : Quoted(node.text);
    case YamlNode::Kind::kSequence: {
      std::string text;
      for (const YamlNode& item : node.items) {
        text += Concat({text.empty() ? "" : ", ", DefaultText(item, type)});
      }
      return Concat({"[", text, "]"});
    }
    case YamlNode::Kind::kMap: {
      JsonMap map;
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        map.Put(node.keys[i].text, DefaultText(node.items[i], type));
      }
      return map.Text();
    }
    case YamlNode::Kind::kNull:
    case YamlNode::Kind::kRefused:
      break;
  }
  return "null";
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

void PutRange(const KeySpec& key, JsonMap& schema) {
  if (!key.minimum.empty()) schema.Put("minimum", key.minimum);
  if (!key.maximum.empty()) schema.Put("maximum", key.maximum);
}

void PutRangeInWords(const KeySpec& key, JsonMap& schema) {
  if (!key.minimum.empty()) schema.PutText("x-minimum", key.minimum);
  if (!key.maximum.empty()) schema.PutText("x-maximum", key.maximum);
}

// A name, which YAML may take for a number or a truth value.
void PutNameTypes(JsonMap& schema) {
  schema.Put("type", "[\"string\", \"integer\", \"boolean\"]");
  schema.PutText("pattern", kNamePattern);
  schema.Put("minimum", "0");
}

// Text, which YAML may take for a number or a truth value.
void PutTextTypes(JsonMap& schema) { schema.Put("type", "[\"string\", \"number\", \"boolean\"]"); }

void PutPattern(std::string_view type_name, std::string_view pattern, JsonMap& schema) {
  schema.PutText("x-type", type_name);
  schema.PutText("type", "string");
  schema.PutText("pattern", pattern);
}

// A duration, which YAML takes for a number when it is 0.
void PutDurationTypes(bool may_be_forever, JsonMap& schema) {
  schema.Put("type", "[\"string\", \"integer\"]");
  schema.PutText("pattern", DurationPattern(may_be_forever));
  schema.Put("minimum", "0");
  schema.Put("maximum", "0");
}

// A duration, or a map of `object`.
std::string DurationOr(std::string_view object) {
  JsonMap duration;
  PutDurationTypes(/*may_be_forever=*/false, duration);
  return Concat({"[", duration.Text(), ", ", Reference(object), "]"});
}

// A schema of a name, or of a map of one of `objects`.
std::string NameOr(std::initializer_list<std::string_view> objects) {
  JsonMap name;
  PutNameTypes(name);
  std::string options = name.Text();
  for (std::string_view object : objects) options += Concat({", ", Reference(object)});
  return Concat({"{\"anyOf\": [", options, "]}"});
}

struct Count {
  std::size_t least = 0;
  std::size_t most = 0;  // 0: any number
};

// A list of what the schema `item` describes.
void PutList(std::string_view item, Count count, JsonMap& schema) {
  schema.PutText("type", "array");
  schema.Put("items", item);
  if (count.least > 0) schema.Put("minItems", std::to_string(count.least));
  if (count.most > 0) schema.Put("maxItems", std::to_string(count.most));
}

void PutNames(std::string_view type_name, Count count, JsonMap& schema) {
  JsonMap name;
  PutNameTypes(name);
  schema.PutText("x-type", type_name);
  PutList(name.Text(), count, schema);
  schema.Put("uniqueItems", "true");
}

void PutCalls(std::string_view type_name, std::string_view item, Count count, JsonMap& schema) {
  schema.PutText("x-type", type_name);
  PutList(item, count, schema);
}

void PutMapsByName(const KeySpec& key, std::string_view name_pattern, JsonMap& schema) {
  JsonMap names;
  names.PutText("pattern", name_pattern);
  // An empty value is an empty map, which a required one must not be.
  schema.Put("type", key.is_required ? "\"object\"" : "[\"object\", \"null\"]");
  if (key.is_required) schema.Put("minProperties", "1");
  schema.Put("propertyNames", names.Text());
  schema.Put("additionalProperties", Reference(key.object));
}

void PutReference(std::string_view type_name, JsonMap& schema) {
  schema.PutText("x-type", type_name);
  PutNameTypes(schema);
}

// False when the value is none.
bool PutScalar(const KeySpec& key, JsonMap& schema) {
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
    case ValueType::kText:
      PutTextTypes(schema);
      schema.PutText("pattern", "^[^\\x00-\\x1F\\x7F]*$");
      schema.Put("maxLength", std::to_string(kDescriptionLengthMax));
      break;
    case ValueType::kWhole:
      schema.PutText("type", "integer");
      PutRange(key, schema);
      break;
    case ValueType::kNumber:
      schema.PutText("type", "number");
      PutRange(key, schema);
      break;
    case ValueType::kBoolean:
      schema.PutText("type", "boolean");
      break;
    case ValueType::kDuration:
    case ValueType::kRunDuration:
      schema.PutText("x-type", "duration");
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
      schema.Put("enum", EnumText(key.choices));
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
bool PutListOf(const KeySpec& key, JsonMap& schema) {
  JsonMap item;
  switch (key.type) {
    case ValueType::kNumberList:
      item.PutText("type", "number");
      PutRange(key, item);
      PutList(item.Text(), {.least = key.count, .most = key.count}, schema);
      break;
    case ValueType::kHostList:
      item.PutText("type", "integer");
      PutRange(key, item);
      PutList(item.Text(), {.least = 1}, schema);
      schema.Put("uniqueItems", "true");
      break;
    case ValueType::kMessageList:
      PutTextTypes(item);
      PutList(item.Text(), {.least = 1, .most = kMessagesMax}, schema);
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
      PutCalls("calls", NameOr({key.object, "group"}), {}, schema);
      break;
    case ValueType::kParallelCalls:
      PutCalls("calls", NameOr({key.object}), {.least = 2}, schema);
      break;
    case ValueType::kStepList:
      PutCalls("steps", NameOr({key.object}), {.least = 1}, schema);
      break;
    case ValueType::kMapList:
      PutList(Reference(key.object), {}, schema);
      break;
    default:
      return false;
  }
  return true;
}

// False when the value is neither a map nor short for one.
bool PutMapOf(const KeySpec& key, JsonMap& schema) {
  switch (key.type) {
    case ValueType::kDistribution:
      schema.PutText("x-type", "distribution");
      schema.Put("anyOf", DurationOr("distribution"));
      PutRangeInWords(key, schema);
      break;
    case ValueType::kBackoff:
      schema.PutText("x-type", "backoff");
      schema.Put("anyOf", DurationOr(key.object));
      break;
    case ValueType::kCall: {
      JsonMap name;
      PutNameTypes(name);
      schema.PutText("x-type", "call");
      schema.Put("anyOf", Concat({"[", name.Text(), ", ", Reference(key.object), "]"}));
      break;
    }
    case ValueType::kMap:
      schema.Put("$ref", Quoted(Concat({"#/$defs/", key.object})));
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

std::string KeySchema(const KeySpec& key) {
  JsonMap schema;
  schema.PutText("description", Description(key));
  const bool is_known = PutScalar(key, schema) || PutListOf(key, schema) || PutMapOf(key, schema);
  if (!is_known) std::abort();  // a type that this file knows nothing of
  if (!key.fallback.empty()) {
    Diagnostics none("default");
    const std::optional<YamlNode> node = ReadYaml(key.fallback, 0, none);
    if (!node || !none.ok()) std::abort();  // a slip in the table
    schema.Put("default", DefaultText(*node, key.type));
  }
  return schema.Text();
}

std::string ListText(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::string_view word : words) text += Concat({text.empty() ? "" : ", ", Quoted(word)});
  return Concat({"[", text, "]"});
}

// What follows from a condition.
struct Rule {
  std::string condition;                         // JSON Schema
  std::vector<std::string_view> forbidden = {};  // keys, when it holds
  std::vector<std::string_view> required = {};   // keys, when it holds
  std::vector<std::string_view> otherwise = {};  // keys that are required when it does not hold
};

std::string RuleText(const Rule& rule) {
  JsonMap then;
  JsonMap refused;
  for (std::string_view key : rule.forbidden) refused.Put(key, "false");
  if (!rule.forbidden.empty()) then.Put("properties", refused.Text());
  if (!rule.required.empty()) then.Put("required", ListText(rule.required));
  JsonMap text;
  text.Put("if", rule.condition);
  text.Put("then", then.Text());
  if (!rule.otherwise.empty()) {
    JsonMap otherwise;
    otherwise.Put("required", ListText(rule.otherwise));
    text.Put("else", otherwise.Text());
  }
  return text.Text();
}

bool HasWord(std::string_view words, std::string_view word) {
  return std::ranges::count(SplitChoices(words), word) > 0;
}

// Which keys go with which `kind`.
std::vector<Rule> KindRules(const ObjectSpec& object) {
  const KeySpec* kinds = FindKey(object, "kind");
  if (kinds == nullptr) return {};
  std::vector<Rule> rules;
  for (std::string_view kind : SplitChoices(kinds->choices)) {
    Rule rule{.condition =
                  Concat({"{\"required\": [\"kind\"], \"properties\": {\"kind\": {\"const\": ",
                          Quoted(kind), "}}}"})};
    for (const KeySpec& key : object.keys) {
      if (!key.kinds.empty() && !HasWord(key.kinds, kind)) rule.forbidden.push_back(key.name);
      if (HasWord(key.required_kinds, kind)) rule.required.push_back(key.name);
    }
    if (!rule.forbidden.empty() || !rule.required.empty()) rules.push_back(std::move(rule));
  }
  return rules;
}

// Which keys do not go beside which other.
std::vector<Rule> ExclusionRules(const ObjectSpec& object) {
  std::vector<Rule> rules;
  for (const KeySpec& other : object.keys) {
    Rule rule{.condition = Concat({"{\"required\": [", Quoted(other.name), "], \"properties\": {",
                                   Quoted(other.name), ": {\"not\": {\"const\": false}}}}"})};
    for (const KeySpec& key : object.keys) {
      if (key.excluded_by != other.name) continue;
      rule.forbidden.push_back(key.name);
      if (key.is_required) rule.otherwise.push_back(key.name);
    }
    if (!rule.forbidden.empty()) rules.push_back(std::move(rule));
  }
  return rules;
}

std::string ConditionsText(const ObjectSpec& object) {
  JsonMap needs;
  bool has_needs = false;
  for (const KeySpec& key : object.keys) {
    if (key.needs.empty()) continue;
    needs.Put(key.name, ListText({key.needs}));
    has_needs = true;
  }
  std::vector<Rule> rules = KindRules(object);
  for (Rule& rule : ExclusionRules(object)) rules.push_back(std::move(rule));
  std::string text;
  if (has_needs) text += Concat({",\n      \"dependentRequired\": ", needs.Text()});
  std::string lines;
  for (const Rule& rule : rules) {
    lines += Concat({lines.empty() ? "\n        " : ",\n        ", RuleText(rule)});
  }
  if (!rules.empty()) text += Concat({",\n      \"allOf\": [", lines, "\n      ]"});
  return text;
}

std::string ObjectSchema(const ObjectSpec& object) {
  // An empty value is an empty map; where that lacks nothing, it may stand.
  std::string text =
      Concat({"      \"type\": ", HasRequiredKey(object) ? "\"object\"" : "[\"object\", \"null\"]",
              ",\n      \"additionalProperties\": false"});
  std::vector<std::string_view> required;
  std::string properties;
  for (const KeySpec& key : object.keys) {
    if (key.is_required && key.excluded_by.empty()) required.push_back(key.name);
    properties += Concat(
        {properties.empty() ? "\n" : ",\n", "        ", Quoted(key.name), ": ", KeySchema(key)});
  }
  if (!required.empty()) text += Concat({",\n      \"required\": ", ListText(required)});
  text += Concat({",\n      \"properties\": {", properties, "\n      }"});
  return Concat({"{\n", text, ConditionsText(object), "\n    }"});
}

}  // namespace

std::string ScenarioSchema() {
  std::string definitions;
  for (const ObjectSpec& object : ScenarioObjects()) {
    definitions += Concat({definitions.empty() ? "\n" : ",\n", "    ", Quoted(object.name), ": ",
                           ObjectSchema(object)});
  }
  constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";
  return Concat({"{\n  \"$schema\": ", Quoted(kDialect), ",\n  \"title\": \"Groundhog scenario\"",
                 ",\n  ", "\"$ref\": \"#/$defs/", ScenarioObjects().front().name, "\"",
                 ",\n  \"$defs\": {", definitions, "\n  }\n}\n"});
}

}  // namespace groundhog::model
