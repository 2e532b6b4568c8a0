// Prints the keys whose rows name a field: here the table alone decides.
#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/scenario/keys/field.h"
#include "model/scenario/print/parts.h"
#include "text/numbers.h"
#include "text/spaced_words.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;
using text::FormatRate;
using text::FormatTimeOfDay;

// Whether the field holds what its key would say: a value, a name, or true. The parameters must be
// of exactly the types in FieldRef: a pointer to const would make the last overload the best match.
struct IsThere {
  const KeySpec& key;
  bool operator()(bool* value) const { return *value; }
  bool operator()(sim::Duration* value) const {
    return !key.zero_is_none || *value != sim::Duration();
  }
  bool operator()(std::string* value) const { return !value->empty(); }
  bool operator()(const MapRef& value) const { return value.Find().has_value(); }
  template <class Value>
  bool operator()(std::vector<Value>* value) const {
    return !value->empty();
  }
  template <class Value>
  bool operator()(std::optional<Value>* value) const {
    return value->has_value();
  }
  template <class Value>
  bool operator()(const Value&) const {
    return true;
  }
};

bool IsKeyThere(const ObjectSpec& object, std::string_view key, StructRef from) {
  const KeySpec* spec = FindKey(object, key);
  return spec->field && std::visit(IsThere{*spec}, spec->field.In(from));
}

// Whether the struct is of a kind that may have the key.
bool SuitsKind(const ObjectSpec& object, const KeySpec& key, StructRef from) {
  if (key.kinds.empty()) return true;
  const KeySpec& kind = *FindKey(object, "kind");
  const std::size_t number = std::get<ChoiceRef>(kind.field.In(from)).Number();
  return MayHave(text::SplitWords(kind.choices)[number], key);
}

// Whether this key, if true, excludes other keys of the object.
bool IsSwitch(const ObjectSpec& object, const KeySpec& key) {
  return key.type == ValueType::kBoolean &&
         std::ranges::find(object.keys, key.name, &KeySpec::excluded_by) != object.keys.end();
}

// A boolean that is no switch, and a text, are printed whatever their value is.
bool IsPrinted(const ObjectSpec& object, const KeySpec& key, StructRef from) {
  if (!key.field || !SuitsKind(object, key, from)) return false;
  if (!key.needs.empty() && !IsKeyThere(object, key.needs, from)) return false;
  for (const std::string_view other : {key.excluded_by, key.follows_from}) {
    if (!other.empty() && IsKeyThere(object, other, from)) return false;
  }
  if (key.type == ValueType::kBoolean && !IsSwitch(object, key)) return true;
  return key.type == ValueType::kText || IsKeyThere(object, key.name, from);
}

// A field that holds a value, as YAML.
class ValueText {
 public:
  explicit ValueText(const KeySpec& key) : key_(key) {}

  std::string operator()(const bool* value) const { return std::string(BooleanText(*value)); }
  std::string operator()(const int* value) const { return std::to_string(*value); }
  std::string operator()(const std::uint64_t* value) const { return std::to_string(*value); }
  std::string operator()(const std::int64_t* value) const { return text::FormatRfc3339(*value); }
  std::string operator()(const double* value) const {
    return key_.type == ValueType::kRate ? FormatRate(*value) : FormatNumber(*value);
  }
  std::string operator()(const sim::Duration* value) const {
    if (key_.type == ValueType::kTimeOfDay) return QuotedText(FormatTimeOfDay(*value));
    const bool is_forever = key_.type == ValueType::kRunDuration && *value == sim::Duration::Max();
    return is_forever ? "forever" : FormatDuration(*value);
  }
  std::string operator()(const std::string* value) const {
    return key_.type == ValueType::kText ? QuotedText(*value) : NameText(*value);
  }
  std::string operator()(const DurationDistribution* value) const {
    return DistributionText(*value);
  }
  std::string operator()(const std::vector<std::string>* value) const { return NamesText(*value); }
  std::string operator()(const std::vector<double>* value) const {
    return ListText(*value, FormatNumber);
  }
  std::string operator()(const std::vector<int>* value) const {
    return ListText(*value, [](int number) { return std::to_string(number); });
  }
  std::string operator()(const ChoiceRef& value) const {
    return std::string(text::SplitWords(key_.choices)[value.Number()]);
  }
  std::string operator()(const MapRef& value) const {
    return OneLineText(ObjectNamed(key_.object), *value.Find());
  }
  template <class Value>
  std::string operator()(const std::optional<Value>* value) const {
    return (*this)(&**value);
  }

 private:
  template <class Value, class Format>
  static std::string ListText(const std::vector<Value>& values, Format format) {
    std::string text;
    for (const Value& value : values) text += Concat({text.empty() ? "" : ", ", format(value)});
    return Concat({"[", text, "]"});
  }

  const KeySpec& key_;
};

void WriteMap(LineWriter& writer, int depth, const KeySpec& key, StructRef from) {
  LineWriter inner;
  WriteFields(inner, depth + 1, ObjectNamed(key.object), from);
  const std::string lines = inner.Take();
  if (lines.empty()) return;
  writer.Line(depth, {key.name, ":"});
  writer.Append(lines);
}

void WriteMessages(LineWriter& writer, int depth, const KeySpec& key,
                   const std::vector<std::string>& messages) {
  writer.Line(depth, {key.name, ":"});
  for (const std::string& message : messages) {
    writer.Line(depth + 1, {"- ", QuotedText(message)});
  }
}

}  // namespace

std::string OneLineText(const ObjectSpec& object, StructRef from) {
  std::string text;
  for (const KeySpec& key : object.keys) {
    if (!IsPrinted(object, key, from)) continue;
    text += Concat(
        {text.empty() ? "" : ", ", key.name, ": ", std::visit(ValueText(key), key.field.In(from))});
  }
  return Concat({"{", text, "}"});
}

void WriteFields(LineWriter& writer, int depth, const ObjectSpec& object, StructRef from,
                 const std::function<void(const KeySpec&)>& write_other) {
  for (const KeySpec& key : object.keys) {
    if (!key.field && write_other) write_other(key);
    if (!IsPrinted(object, key, from)) continue;
    const FieldRef field = key.field.In(from);
    const MapRef* map = std::get_if<MapRef>(&field);
    if (map != nullptr && !ObjectNamed(key.object).is_on_one_line) {
      WriteMap(writer, depth, key, *map->Find());
    } else if (key.type == ValueType::kMessageList) {
      WriteMessages(writer, depth, key, *std::get<std::vector<std::string>*>(field));
    } else {
      writer.Line(depth, {key.name, ": ", std::visit(ValueText(key), field)});
    }
  }
}

}  // namespace groundhog::model
