// Reads the keys whose rows name a field: here the table alone decides.
#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/scenario/keys/field.h"
#include "model/scenario/parse/map_reader.h"
#include "model/scenario/parse/sections.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

// Reads the value of a key into its field of any type. False: nothing was read.
class FieldReader {
 public:
  FieldReader(MapReader& reader, const KeySpec& key) : reader_(reader), key_(key) {}

  bool operator()(bool* out) const { return reader_.Boolean(key_.name, *out); }
  bool operator()(int* out) const { return reader_.Whole(key_.name, *out); }
  bool operator()(std::uint64_t* out) const { return reader_.Whole(key_.name, *out); }
  bool operator()(std::int64_t* out) const { return reader_.Timestamp(key_.name, *out); }
  bool operator()(double* out) const {
    return key_.type == ValueType::kRate ? reader_.Rate(key_.name, *out)
                                         : reader_.Number(key_.name, *out);
  }
  bool operator()(sim::Duration* out) const {
    return key_.type == ValueType::kTimeOfDay ? reader_.TimeOfDay(key_.name, *out)
                                              : reader_.Duration(key_.name, *out);
  }
  bool operator()(std::string* out) const {
    switch (key_.type) {
      case ValueType::kName:
        return reader_.Name(key_.name, *out);
      case ValueType::kCode:
        return reader_.Code(key_.name, *out);
      case ValueType::kText:
        return reader_.Text(key_.name, *out);
      default:
        break;
    }
    const std::optional<PlacedName> name = reader_.Reference(key_.name);
    if (name) *out = name->name;
    return name.has_value();
  }
  bool operator()(DurationDistribution* out) const { return reader_.Distribution(key_.name, *out); }
  bool operator()(std::vector<std::string>* out) const {
    if (key_.type == ValueType::kMessageList) return reader_.Messages(key_.name, *out);
    for (const PlacedName& name : reader_.NameList(key_.name)) out->emplace_back(name.name);
    return !out->empty();
  }
  bool operator()(std::vector<double>* out) const { return reader_.Numbers(key_.name, *out); }
  bool operator()(std::vector<int>* out) const { return reader_.Wholes(key_.name, *out); }
  bool operator()(const ChoiceRef& out) const {
    std::size_t number = 0;
    if (!reader_.Choice(key_.name, number)) return false;
    out.Set(number);
    return true;
  }
  bool operator()(const MapRef& out) const { return reader_.Map(key_, out); }
  template <class Value>
  bool operator()(std::optional<Value>* out) const {
    Value value{};
    if (!(*this)(&value)) return false;
    *out = std::move(value);
    return true;
  }

 private:
  MapReader& reader_;
  const KeySpec& key_;
};

}  // namespace

void MapReader::ReadFields(StructRef out) {
  const std::optional<std::string_view> kind = Kind();
  for (const KeySpec& key : object_.keys) {
    if (!key.field || (kind && !MayHave(*kind, key))) continue;
    if (std::visit(FieldReader(*this, key), key.field.In(out))) read_.push_back(key.name);
  }
}

bool MapReader::IsRead(std::string_view key) const {
  return std::ranges::find(read_, key) != read_.end();
}

bool MapReader::Map(const KeySpec& key, MapRef out) {
  const std::optional<YamlValue> value = Value(key.name);
  if (!value) return false;
  const ObjectSpec& object = ObjectNamed(key.object);
  // A duration alone is short for the first key of a backoff; messages then name the map's key.
  const bool is_short =
      key.type == ValueType::kBackoff && value->node->kind == YamlNode::Kind::kScalar;
  const YamlNode others{.kind = YamlNode::Kind::kMap, .position = value->position};
  MapReader map({.node = is_short ? &others : value->node, .position = value->position}, object,
                Concat({"'", key.name, "'"}), KeyPosition(key.name), diagnostics_);
  const StructRef fields = out.Make();
  map.ReadFields(fields);
  if (is_short) {
    KeySpec first = object.keys.front();
    first.name = key.name;
    const std::optional<sim::Duration> duration = DurationIn(first, *value);
    if (duration) *std::get<sim::Duration*>(first.field.In(fields)) = *duration;
    if (!duration) std::erase(map.read_, object.keys.front().name);
  }
  CheckMap(object.name, map, fields, diagnostics_);
  return true;
}

}  // namespace groundhog::model
