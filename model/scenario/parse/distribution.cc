// Reads distributions in all their forms.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/parse/map_reader.h"
#include "text/concat.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;

using Kind = DurationDistribution::Kind;

// The keys of `object`, a distribution or a part of one, with the range of the key that holds it. A
// distribution cannot have a median of 0, so quantiles begin at 1ns.
std::vector<KeySpec> KeysInRangeOf(const KeySpec& owner, const ObjectSpec& object) {
  std::vector<KeySpec> ranged(object.keys.begin(), object.keys.end());
  for (KeySpec& key : ranged) {
    if (key.type != ValueType::kDuration) continue;
    const bool is_constant = key.name == "constant";
    key.minimum = owner.minimum == "0s" && !is_constant ? "1ns" : owner.minimum;
    key.maximum = owner.maximum;
  }
  return ranged;
}

// A duration alone is short for {constant: ...}; the same code checks both.
std::optional<DurationDistribution> ReadBare(const KeySpec& owner, const YamlValue& value,
                                             std::string_view subject, Diagnostics& diagnostics) {
  const ObjectSpec& known = ObjectNamed("distribution");
  KeySpec constant = owner;
  constant.type = ValueType::kDuration;
  constant.kinds = {};
  const std::array<KeySpec, 1> keys = {constant};
  const ObjectSpec single{.name = known.name, .phrase = known.phrase, .keys = keys};
  YamlNode map{.kind = YamlNode::Kind::kMap, .position = value.position};
  map.keys.push_back({.text = std::string(owner.name), .position = value.position});
  map.items.push_back(*value.node);
  const YamlValue whole{.node = &map, .position = value.position};
  MapReader reader(whole, single, subject, value.position, diagnostics);
  DurationDistribution out;
  return reader.Duration(owner.name, out.value) ? std::optional(out) : std::nullopt;
}

bool ReadQuantiles(MapReader& reader, Position position, std::string_view subject,
                   DurationDistribution& out, Diagnostics& diagnostics) {
  out.kind = Kind::kQuantiles;
  bool is_whole = true;
  for (std::string_view needed : {"p50", "p99"}) {
    if (reader.Has(needed)) continue;
    diagnostics.Add(position,
                    Concat({"'", subject, "' needs the key '", needed,
                            "': quantiles are p50 and p99, with p95 and max if you like"}));
    is_whole = false;
  }
  is_whole &= reader.Duration("p50", out.p50);
  is_whole &= reader.Duration("p99", out.p99);
  if (reader.Has("p95")) is_whole &= reader.Duration("p95", out.p95.emplace());
  if (reader.Has("max")) is_whole &= reader.Duration("max", out.max.emplace());
  if (!is_whole) return false;
  struct Quantile {
    std::string_view name;
    sim::Duration value;
  };
  std::vector<Quantile> quantiles = {{"p50", out.p50}};
  if (out.p95) quantiles.push_back({"p95", *out.p95});
  quantiles.push_back({"p99", out.p99});
  if (out.max) quantiles.push_back({"max", *out.max});
  for (std::size_t i = 1; i < quantiles.size(); ++i) {
    const Quantile& lower = quantiles[i - 1];
    const Quantile& upper = quantiles[i];
    if (lower.value <= upper.value) continue;
    diagnostics.Add(
        reader.KeyPosition(upper.name),
        Concat({"'", upper.name, "' must not be below '", lower.name, "', ",
                FormatDuration(lower.value), ", but is ", FormatDuration(upper.value)}));
    return false;
  }
  return true;
}

bool ReadLognormal(MapReader& reader, DurationDistribution& out, Diagnostics& diagnostics) {
  out.kind = Kind::kLognormal;
  const std::optional<YamlValue> value = reader.Value("lognormal");
  if (!value) return false;
  MapReader lognormal(*value, ObjectNamed("lognormal"), "'lognormal'",
                      reader.KeyPosition("lognormal"), diagnostics);
  const bool has_median = lognormal.Duration("p50", out.p50);
  const bool has_sigma = lognormal.Number("sigma", out.sigma);
  return has_median && has_sigma;
}

bool ReadForm(MapReader& reader, const KeySpec& owner, Position position, std::string_view subject,
              DurationDistribution& out, Diagnostics& diagnostics);

// One part of a mixture and its weight.
bool ReadPart(const KeySpec& owner, const YamlValue& value, std::string_view subject,
              DurationDistribution& out, Diagnostics& diagnostics) {
  if (value.node->kind == YamlNode::Kind::kRefused) return false;
  const ObjectSpec& known = ObjectNamed("part");
  const std::vector<KeySpec> keys = KeysInRangeOf(owner, known);
  const ObjectSpec object{.name = known.name, .phrase = known.phrase, .keys = keys};
  MapReader reader(value, object, "a part of a mixture", value.position, diagnostics);
  if (!reader.is_map()) return false;
  double weight = 0;
  bool is_whole = reader.Number("weight", weight);
  if (is_whole && weight == 0) {
    diagnostics.Add(reader.KeyPosition("weight"),
                    "'weight' must be above 0; leave out a part that is never drawn");
  }
  if (reader.Has("mixture")) return false;  // reported as unknown
  DurationDistribution part;
  is_whole &= ReadForm(reader, owner, value.position, subject, part, diagnostics);
  if (!is_whole) return false;
  out.weights.push_back(weight);
  out.parts.push_back(std::move(part));
  return true;
}

bool ReadMixture(MapReader& reader, const KeySpec& owner, std::string_view subject,
                 DurationDistribution& out, Diagnostics& diagnostics) {
  out.kind = Kind::kMixture;
  const auto parts = reader.List("mixture");
  if (!parts) return false;
  if (parts->size() < 2 || parts->size() > kMixturePartsMax) {
    diagnostics.Add(reader.KeyPosition("mixture"),
                    Concat({"'mixture' must have 2 to ", std::to_string(kMixturePartsMax),
                            " parts, not ", std::to_string(parts->size())}));
    return false;
  }
  bool is_whole = true;
  for (const YamlValue& part : *parts) is_whole &= ReadPart(owner, part, subject, out, diagnostics);
  return is_whole;
}

bool ReadForm(MapReader& reader, const KeySpec& owner, Position position, std::string_view subject,
              DurationDistribution& out, Diagnostics& diagnostics) {
  const bool has_quantile =
      reader.Has("p50") || reader.Has("p95") || reader.Has("p99") || reader.Has("max");
  int forms = has_quantile ? 1 : 0;
  for (std::string_view form : {"constant", "exponential", "lognormal", "mixture"}) {
    forms += reader.Has(form);
  }
  if (forms != 1) {
    diagnostics.Add(position, Concat({"'", subject,
                                      "' must have exactly one form: p50 and p99 (with p95, max), "
                                      "constant, exponential, lognormal or mixture"}));
    return false;
  }
  if (has_quantile) return ReadQuantiles(reader, position, subject, out, diagnostics);
  if (reader.Has("lognormal")) return ReadLognormal(reader, out, diagnostics);
  if (reader.Has("mixture")) return ReadMixture(reader, owner, subject, out, diagnostics);
  const bool is_constant = reader.Has("constant");
  out.kind = is_constant ? Kind::kConstant : Kind::kExponential;
  return reader.Duration(is_constant ? "constant" : "exponential", out.value);
}

}  // namespace

std::optional<DurationDistribution> ReadDistribution(const KeySpec& key, const YamlValue& value,
                                                     std::string_view subject,
                                                     Diagnostics& diagnostics) {
  if (value.node->kind == YamlNode::Kind::kRefused) return std::nullopt;
  if (value.node->kind == YamlNode::Kind::kScalar) {
    return ReadBare(key, value, subject, diagnostics);
  }
  if (value.node->kind != YamlNode::Kind::kMap) {
    diagnostics.Add(value.position, Concat({"'", key.name, "' must be ", Expectation(key), ", not ",
                                            Describe(*value.node)}));
    return std::nullopt;
  }
  const ObjectSpec& known = ObjectNamed("distribution");
  const std::vector<KeySpec> keys = KeysInRangeOf(key, known);
  const ObjectSpec object{.name = known.name, .phrase = known.phrase, .keys = keys};
  MapReader reader(value, object, Concat({"'", subject, "'"}), value.position, diagnostics);
  DurationDistribution out;
  if (!ReadForm(reader, key, value.position, subject, out, diagnostics)) return std::nullopt;
  return out;
}

}  // namespace groundhog::model
