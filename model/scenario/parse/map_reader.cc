#include "model/scenario/parse/map_reader.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "model/scenario/foreign_words.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/spaced_words.h"
#include "text/suggestion.h"
#include "text/time_text.h"
#include "text/utf8.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::ParseDuration;
using text::ParseNumber;
using text::ParseRate;
using text::ParseTimeOfDay;
using text::ParseWhole;

constexpr std::size_t kShownValueMax = 40;
// 64 bits can count the nanoseconds to the end of every run that starts before the year 2200.
constexpr std::int64_t kStartBound = 7'258'118'400 * sim::Seconds(1).nanoseconds();

// A hint for the most common mistake: a number without its unit.
std::string UnitHint(std::string_view text) {
  if (!ParseNumber(text) || text.front() == '-') return "";
  return Concat(
      {"; it needs a unit (ns, us, ms, s, m, h, d), such as ", text, "ms or ", text, "s"});
}

// A hint for a number in the place of a map: it may be the value of the map's first key.
std::string BareHint(const ObjectSpec& object, const YamlNode& node) {
  const KeySpec& first = object.keys.front();
  if (node.kind != YamlNode::Kind::kScalar || first.type != ValueType::kWhole) return "";
  if (!ParseWhole(node.text)) return "";
  return Concat({"; write {", first.name, ": ", node.text, "}"});
}

// A message about an empty value names the place of its key, unless an override set the value.
YamlValue ValueAt(const YamlNode& map, std::size_t index) {
  const YamlNode& node = map.items[index];
  const bool is_empty = node.kind == YamlNode::Kind::kNull && node.position.source == 0;
  return {.node = &node, .position = is_empty ? map.keys[index].position : node.position};
}

}  // namespace

std::string Describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kRefused:
      return "this";
    case YamlNode::Kind::kScalar:
      break;
  }
  const bool is_long = node.text.size() > kShownValueMax;
  std::string shown;
  for (char c : text::Utf8Beginning(node.text, kShownValueMax - (is_long ? 1 : 0))) {
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return Concat({"'", shown, is_long ? "…'" : "'"});
}

bool IsName(std::string_view text) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > kNameLengthMax || !is_plain(text.front())) return false;
  return std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-'; });
}

std::string MendedName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      name += static_cast<char>(c - 'A' + 'a');
    } else if (c == '_' || c == '.' || c == ' ' || c == '/') {
      name += '-';
    } else {
      name += c;
    }
  }
  return IsName(name) ? name : "";
}

bool IsErrorCode(std::string_view text) {
  if (text.size() != 7 || !text.starts_with("ERR_")) return false;
  return std::ranges::all_of(text.substr(4), [](char c) { return c >= '0' && c <= '9'; });
}

MapReader::MapReader(YamlValue map, const ObjectSpec& object, std::string_view subject,
                     Position owner, Diagnostics& diagnostics)
    : object_(object), subject_(subject), owner_(owner), diagnostics_(diagnostics) {
  static const YamlNode kEmptyMap{.kind = YamlNode::Kind::kMap};
  switch (map.node->kind) {
    case YamlNode::Kind::kMap:
      map_ = map.node;
      break;
    case YamlNode::Kind::kNull:
      map_ = &kEmptyMap;
      break;
    case YamlNode::Kind::kRefused:
      break;
    case YamlNode::Kind::kScalar:
    case YamlNode::Kind::kSequence:
      diagnostics_.Add(map.position, Concat({subject_, " must be a map with keys such as '",
                                             object_.keys.front().name, "', not ",
                                             Describe(*map.node), BareHint(object_, *map.node)}));
      break;
  }
  if (map_ == nullptr) return;
  CheckKeys();
  CheckConditions();
}

void MapReader::CheckKeys() {
  std::vector<std::string_view> known;
  for (const KeySpec& spec : object_.keys) known.push_back(spec.name);
  for (const YamlKey& key : map_->keys) {
    if (FindKey(object_, key.text) != nullptr) continue;
    if (key.text == "<<") {
      diagnostics_.Add(key.position, "merge keys (<<) are not used here; write the keys out");
      continue;
    }
    std::string hint = AdviceForKey(object_, key.text);
    if (hint.empty()) hint = text::DidYouMean(key.text, known);
    if (hint.empty()) {
      hint = "; known are";
      for (std::string_view name : known) hint += Concat({name == known[0] ? " " : ", ", name});
    }
    const std::string shown = Describe({.kind = YamlNode::Kind::kScalar, .text = key.text});
    diagnostics_.Add(key.position, Concat({"unknown key ", shown, " in ", object_.phrase, hint}));
  }
}

bool MapReader::Has(std::string_view key) const {
  return map_ != nullptr && map_->Find(key) != nullptr;
}

Position MapReader::KeyPosition(std::string_view key) const {
  if (map_ == nullptr) return owner_;
  const auto found = std::ranges::find(map_->keys, key, &YamlKey::text);
  if (found == map_->keys.end()) return owner_;
  const YamlNode& value = map_->items[static_cast<std::size_t>(found - map_->keys.begin())];
  return value.position.source > 0 ? value.position : found->position;
}

const KeySpec& MapReader::Spec(std::string_view key) const {
  const KeySpec* spec = FindKey(object_, key);
  if (spec == nullptr) std::abort();  // the parser asks for a key that is not in the table
  return *spec;
}

const YamlNode* MapReader::Default(const KeySpec& spec) {
  const char first = spec.fallback.front();
  if (first != '{' && first != '[' && first != '"') {
    defaults_.push_back({.kind = YamlNode::Kind::kScalar, .text = std::string(spec.fallback)});
    return &defaults_.back();
  }
  Diagnostics none("default");
  std::optional<YamlNode> node = ReadYaml(spec.fallback, 0, none);
  if (!node || !none.ok()) std::abort();  // a mistake in the table
  defaults_.push_back(*std::move(node));
  return &defaults_.back();
}

std::optional<YamlValue> MapReader::Value(std::string_view key) {
  const KeySpec& spec = Spec(key);
  if (map_ == nullptr) return std::nullopt;
  const auto found = std::ranges::find(map_->keys, key, &YamlKey::text);
  if (found != map_->keys.end()) {
    const YamlValue value = ValueAt(*map_, static_cast<std::size_t>(found - map_->keys.begin()));
    if (value.node->kind == YamlNode::Kind::kRefused) return std::nullopt;
    return value;
  }
  if (spec.is_required && IsExcluded(spec)) return std::nullopt;
  if (spec.is_required) {
    diagnostics_.Add(owner_, Concat({subject_, " needs the key '", key, "': ", Expectation(spec)}));
    return std::nullopt;
  }
  if (spec.fallback.empty()) return std::nullopt;
  return YamlValue{.node = Default(spec), .position = owner_};
}

void MapReader::Mismatch(const KeySpec& spec, const YamlValue& value, std::string_view hint) {
  diagnostics_.Add(value.position, Concat({"'", spec.name, "' must be ", Expectation(spec),
                                           ", not ", Describe(*value.node), hint}));
}

std::optional<std::string_view> MapReader::Scalar(const KeySpec& spec, const YamlValue& value) {
  if (value.node->kind == YamlNode::Kind::kScalar) return value.node->text;
  if (value.node->kind != YamlNode::Kind::kRefused) Mismatch(spec, value);
  return std::nullopt;
}

std::optional<std::uint64_t> MapReader::WholeIn(const KeySpec& spec, const YamlValue& value) {
  const auto text = Scalar(spec, value);
  if (!text) return std::nullopt;
  const std::optional<std::uint64_t> whole = ParseWhole(*text);
  if (whole && *whole >= *ParseWhole(spec.minimum) && *whole <= *ParseWhole(spec.maximum)) {
    return whole;
  }
  Mismatch(spec, value);
  return std::nullopt;
}

std::optional<double> MapReader::NumberIn(const KeySpec& spec, const YamlValue& value) {
  const auto text = Scalar(spec, value);
  if (!text) return std::nullopt;
  const std::optional<double> number = ParseNumber(*text);
  if (number && *number >= *ParseNumber(spec.minimum) && *number <= *ParseNumber(spec.maximum)) {
    return number;
  }
  Mismatch(spec, value);
  return std::nullopt;
}

std::optional<sim::Duration> MapReader::DurationIn(const KeySpec& spec, const YamlValue& value) {
  const auto text = Scalar(spec, value);
  if (!text) return std::nullopt;
  if (spec.type == ValueType::kRunDuration && *text == "forever") return sim::Duration::Max();
  const absl::StatusOr<sim::Duration> duration = ParseDuration(*text);
  if (duration.ok() && *duration >= *ParseDuration(spec.minimum) &&
      *duration <= *ParseDuration(spec.maximum)) {
    return *duration;
  }
  Mismatch(spec, value, duration.ok() ? "" : UnitHint(*text));
  return std::nullopt;
}

bool MapReader::Name(std::string_view key, std::string& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return false;
  if (!IsName(*text)) {
    Mismatch(Spec(key), *value);
    return false;
  }
  out = *text;
  return true;
}

bool MapReader::Text(std::string_view key, std::string& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return false;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (text->size() > kDescriptionLengthMax || std::ranges::any_of(*text, is_control)) {
    Mismatch(Spec(key), *value);
    return false;
  }
  out = *text;
  return true;
}

bool MapReader::Whole(std::string_view key, std::uint64_t& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const std::optional<std::uint64_t> whole = WholeIn(Spec(key), *value);
  if (!whole) return false;
  out = *whole;
  return true;
}

bool MapReader::Whole(std::string_view key, int& out) {
  std::uint64_t whole = 0;
  if (!Whole(key, whole)) return false;
  out = static_cast<int>(whole);  // the table's ranges for these fit
  return true;
}

bool MapReader::Number(std::string_view key, double& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const std::optional<double> number = NumberIn(Spec(key), *value);
  if (!number) return false;
  out = *number;
  return true;
}

bool MapReader::Boolean(std::string_view key, bool& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return false;
  if (*text != "true" && *text != "false") {
    Mismatch(Spec(key), *value);
    return false;
  }
  out = *text == "true";
  return true;
}

bool MapReader::Duration(std::string_view key, sim::Duration& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const std::optional<sim::Duration> duration = DurationIn(Spec(key), *value);
  if (!duration) return false;
  out = *duration;
  return true;
}

bool MapReader::Rate(std::string_view key, double& out) {
  const KeySpec& spec = Spec(key);
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(spec, *value);
  if (!text) return false;
  const std::optional<double> rate = ParseRate(*text);
  if (!rate || *rate < *ParseRate(spec.minimum) || *rate > *ParseRate(spec.maximum)) {
    const bool is_bare = ParseNumber(*text).has_value() && !text->starts_with('-');
    Mismatch(spec, *value, is_bare ? Concat({"; write ", *text, "/s"}) : "");
    return false;
  }
  out = *rate;
  return true;
}

bool MapReader::Timestamp(std::string_view key, std::int64_t& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return false;
  const absl::StatusOr<std::int64_t> time = text::ParseRfc3339(*text);
  if (!time.ok() || *time < 0 || *time >= kStartBound) {
    Mismatch(Spec(key), *value);
    return false;
  }
  out = *time;
  return true;
}

bool MapReader::TimeOfDay(std::string_view key, sim::Duration& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return false;
  const absl::StatusOr<sim::Duration> time = ParseTimeOfDay(*text);
  if (!time.ok()) {
    Mismatch(Spec(key), *value);
    return false;
  }
  out = *time;
  return true;
}

bool MapReader::Code(std::string_view key, std::string& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(Spec(key), *value);
  if (!text) return false;
  if (!IsErrorCode(*text)) {
    Mismatch(Spec(key), *value);
    return false;
  }
  out = *text;
  return true;
}

bool MapReader::Choice(std::string_view key, std::size_t& out) {
  const KeySpec& spec = Spec(key);
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto text = Scalar(spec, *value);
  if (!text) return false;
  const std::vector<std::string_view> choices = text::SplitWords(spec.choices);
  const auto found = std::ranges::find(choices, *text);
  if (found == choices.end()) {
    const std::string advice = AdviceForChoice(object_.name, spec, *text);
    Mismatch(spec, *value, advice.empty() ? text::DidYouMean(*text, choices) : advice);
    return false;
  }
  out = static_cast<std::size_t>(found - choices.begin());
  return true;
}

bool MapReader::Distribution(std::string_view key, DurationDistribution& out) {
  const std::optional<YamlValue> value = Value(key);
  if (!value) return false;
  const auto distribution = ReadDistribution(Spec(key), *value, key, diagnostics_);
  if (!distribution) return false;
  out = *distribution;
  return true;
}

std::vector<NamedValue> MapReader::Entries(std::string_view key, std::size_t entries_max) {
  const std::optional<YamlValue> value = Value(key);
  if (!value || value->node->kind == YamlNode::Kind::kNull) return {};
  const YamlNode& node = *value->node;
  if (node.kind != YamlNode::Kind::kMap) {
    Mismatch(Spec(key), *value);
    return {};
  }
  if (node.items.size() > entries_max) {
    diagnostics_.Add(KeyPosition(key),
                     Concat({"'", key, "' has ", std::to_string(node.items.size()),
                             " entries; at most ", std::to_string(entries_max), " are possible"}));
    return {};
  }
  const bool is_by_code = Spec(key).type == ValueType::kMapsByCode;
  std::vector<NamedValue> entries;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const YamlKey& name = node.keys[i];
    if (is_by_code ? IsErrorCode(name.text) : IsName(name.text)) {
      entries.push_back(
          {.name = name.text, .name_position = name.position, .value = ValueAt(node, i)});
      continue;
    }
    const std::string shown = Describe({.kind = YamlNode::Kind::kScalar, .text = name.text});
    const std::string mended = is_by_code ? "" : MendedName(name.text);
    diagnostics_.Add(name.position,
                     Concat({shown, " is no ",
                             is_by_code ? "error code; write ERR_ and three digits"
                                        : "name; use lower-case letters, digits and dashes, "
                                          "63 characters at most",
                             mended.empty() ? "" : Concat({": '", mended, "'"})}));
  }
  return entries;
}

}  // namespace groundhog::model
