#include "model/scenario_schema.h"

#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "model/concat.h"
#include "model/scenario_diagnostics.h"
#include "model/scenario_keys.h"
#include "model/yaml_tree.h"
#include "traces/json_renderer.h"

namespace groundhog::model {
namespace {

constexpr std::string_view kNamePattern = "^[a-z0-9][a-z0-9-]{0,62}$";
constexpr std::string_view kCodePattern = "^ERR_[0-9]{3}$";
constexpr std::string_view kTimestampPattern =
    "^(19[7-9][0-9]|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
    "(Z|[+-][0-9]{2}:[0-9]{2})$";
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
  std::string parts = "(?=.)";
  for (std::string_view unit : {"d", "h", "m", "s", "ms", "us", "ns"}) {
    parts += Concat({"([0-9]+(\\.[0-9]+)?", unit, ")?"});
  }
  return may_be_forever ? Concat({"^(forever|", parts, ")$"}) : Concat({"^", parts, "$"});
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
  if (key.is_required) return text + " Required.";
  if (!key.fallback_note.empty()) return text + Concat({" Default: ", key.fallback_note, "."});
  return text + Concat({" Default: ", key.fallback, "."});
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

// A duration, or a map of `object`.
std::string DurationOr(std::string_view object) {
  JsonMap duration;
  duration.PutText("type", "string");
  duration.PutText("pattern", DurationPattern(/*may_be_forever=*/false));
  return Concat({"[", duration.Text(), ", ", Reference(object), "]"});
}

// A service's name, or a map of `object`.
std::string NameOr(std::string_view object) {
  JsonMap name;
  PutNameTypes(name);
  return Concat({"[", name.Text(), ", ", Reference(object), "]"});
}

// A list with from `least` to `most` items; 0: any number.
void PutList(const JsonMap& item, std::size_t least, std::size_t most, JsonMap& schema) {
  schema.PutText("type", "array");
  schema.Put("items", item.Text());
  if (least > 0) schema.Put("minItems", std::to_string(least));
  if (most > 0) schema.Put("maxItems", std::to_string(most));
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

void PutScalar(const KeySpec& key, JsonMap& schema) {
  switch (key.type) {
    case ValueType::kText:
      PutTextTypes(schema);
      schema.PutText("pattern", "^[^\\x00-\\x1F\\x7F]*$");
      schema.Put("maxLength", std::to_string(kDescriptionLengthMax));
      return;
    case ValueType::kWhole:
      schema.PutText("type", "integer");
      return PutRange(key, schema);
    case ValueType::kNumber:
      schema.PutText("type", "number");
      return PutRange(key, schema);
    case ValueType::kBoolean:
      return schema.PutText("type", "boolean");
    case ValueType::kDuration:
    case ValueType::kRunDuration:
      PutPattern("duration", DurationPattern(key.type == ValueType::kRunDuration), schema);
      return PutRangeInWords(key, schema);
    case ValueType::kRate:
      PutPattern("rate", kRatePattern, schema);
      return PutRangeInWords(key, schema);
    case ValueType::kTimestamp:
      return PutPattern("timestamp", kTimestampPattern, schema);
    case ValueType::kTimeOfDay:
      return PutPattern("time_of_day", kTimeOfDayPattern, schema);
    case ValueType::kChoice:
      return schema.Put("enum", EnumText(key.choices));
    case ValueType::kCode:
      return PutPattern("error_code", kCodePattern, schema);
    case ValueType::kName:
      schema.PutText("x-type", "name");
      return PutNameTypes(schema);
    case ValueType::kServiceName:
      schema.PutText("x-type", "service");
      return PutNameTypes(schema);
    case ValueType::kDistribution:
    case ValueType::kBackoff:
    case ValueType::kNumberList:
    case ValueType::kHostList:
    case ValueType::kMessageList:
    case ValueType::kMap:
    case ValueType::kMapsByName:
    case ValueType::kMapsByService:
    case ValueType::kMapsByCode:
    case ValueType::kCall:
    case ValueType::kCallList:
      break;
  }
  std::abort();  // no scalar
}

void PutValue(const KeySpec& key, JsonMap& schema) {
  switch (key.type) {
    case ValueType::kDistribution:
      schema.PutText("x-type", "distribution");
      schema.Put("anyOf", DurationOr("distribution"));
      return PutRangeInWords(key, schema);
    case ValueType::kBackoff:
      schema.PutText("x-type", "backoff");
      return schema.Put("anyOf", DurationOr(key.object));
    case ValueType::kCall:
      schema.PutText("x-type", "call");
      return schema.Put("anyOf", NameOr(key.object));
    case ValueType::kCallList: {
      JsonMap item;
      item.Put("anyOf", NameOr(key.object));
      schema.PutText("x-type", "calls");
      return PutList(item, 0, 0, schema);
    }
    case ValueType::kNumberList: {
      JsonMap item;
      item.PutText("type", "number");
      PutRange(key, item);
      return PutList(item, key.count, key.count, schema);
    }
    case ValueType::kHostList: {
      JsonMap item;
      item.PutText("type", "integer");
      PutRange(key, item);
      PutList(item, 1, 0, schema);
      return schema.Put("uniqueItems", "true");
    }
    case ValueType::kMessageList: {
      JsonMap item;
      PutTextTypes(item);
      return PutList(item, 1, kMessagesMax, schema);
    }
    case ValueType::kMap:
      return schema.Put("$ref", Quoted(Concat({"#/$defs/", key.object})));
    case ValueType::kMapsByName:
    case ValueType::kMapsByService:
      return PutMapsByName(key, kNamePattern, schema);
    case ValueType::kMapsByCode:
      return PutMapsByName(key, kCodePattern, schema);
    case ValueType::kName:
    case ValueType::kText:
    case ValueType::kWhole:
    case ValueType::kNumber:
    case ValueType::kBoolean:
    case ValueType::kDuration:
    case ValueType::kRunDuration:
    case ValueType::kRate:
    case ValueType::kTimestamp:
    case ValueType::kTimeOfDay:
    case ValueType::kChoice:
    case ValueType::kCode:
    case ValueType::kServiceName:
      return PutScalar(key, schema);
  }
}

std::string KeySchema(const KeySpec& key) {
  JsonMap schema;
  schema.PutText("description", Description(key));
  PutValue(key, schema);
  if (!key.fallback.empty()) {
    Diagnostics none("default");
    const std::optional<YamlNode> node = ReadYaml(key.fallback, 0, none);
    if (!node || !none.ok()) std::abort();  // a slip in the table
    schema.Put("default", DefaultText(*node, key.type));
  }
  return schema.Text();
}

std::string ObjectSchema(const ObjectSpec& object) {
  // An empty value is an empty map; where that lacks nothing, it may stand.
  std::string text =
      Concat({"      \"type\": ", HasRequiredKey(object) ? "\"object\"" : "[\"object\", \"null\"]",
              ",\n      \"additionalProperties\": false"});
  std::string required;
  std::string properties;
  for (const KeySpec& key : object.keys) {
    if (key.is_required) required += Concat({required.empty() ? "" : ", ", Quoted(key.name)});
    properties += Concat(
        {properties.empty() ? "\n" : ",\n", "        ", Quoted(key.name), ": ", KeySchema(key)});
  }
  if (!required.empty()) text += Concat({",\n      \"required\": [", required, "]"});
  return Concat({"{\n", text, ",\n      \"properties\": {", properties, "\n      }\n    }"});
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
