// Reading distributions: the part of the reader that knows their forms.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/concat.h"
#include "model/scenario_reader.h"
#include "model/scenario_units.h"

namespace groundhog::model {
namespace {

using Kind = DurationDistribution::Kind;

// The distribution's keys with the range that the owning key states. A median of 0 makes no
// distribution, so quantiles begin at 1ns.
std::vector<KeySpec> KeysInRangeOf(const KeySpec& owner) {
  const auto& keys = ObjectNamed("distribution").keys;
  std::vector<KeySpec> ranged(keys.begin(), keys.end());
  for (KeySpec& key : ranged) {
    const bool is_constant = key.name == "constant";
    key.minimum = owner.minimum == "0s" && !is_constant ? "1ns" : owner.minimum;
    key.maximum = owner.maximum;
  }
  return ranged;
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
  if (reader.Has("p95")) is_whole &= reader.Duration("p95", out.p95);
  if (reader.Has("max")) is_whole &= reader.Duration("max", out.max);
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

}  // namespace

std::optional<DurationDistribution> ReadDistribution(const KeySpec& key, const YamlValue& value,
                                                     std::string_view subject,
                                                     Diagnostics& diagnostics) {
  const std::vector<KeySpec> keys = KeysInRangeOf(key);
  const ObjectSpec& known = ObjectNamed("distribution");
  const ObjectSpec object{.name = known.name, .phrase = known.phrase, .keys = keys};
  DurationDistribution out;
  if (value.node->kind == YamlNode::Kind::kScalar) {
    // A bare duration is short for {constant: ...}: one path checks both.
    YamlNode constant{.kind = YamlNode::Kind::kMap, .position = value.position};
    constant.keys.push_back({.text = "constant", .position = value.position});
    constant.items.push_back(*value.node);
    const YamlValue whole{.node = &constant, .position = value.position};
    KeySpec renamed = keys[4];
    renamed.name = key.name;
    renamed.type = ValueType::kDuration;
    const std::array<KeySpec, 1> bare = {renamed};
    constant.keys.back().text = key.name;
    const ObjectSpec single{.name = known.name, .phrase = known.phrase, .keys = bare};
    MapReader reader(whole, single, subject, value.position, diagnostics);
    return reader.Duration(key.name, out.value) ? std::optional(out) : std::nullopt;
  }
  if (value.node->kind != YamlNode::Kind::kMap) {
    if (value.node->kind == YamlNode::Kind::kRefused) return std::nullopt;
    diagnostics.Add(value.position, Concat({"'", key.name, "' must be ", Expectation(key), ", not ",
                                            Describe(*value.node)}));
    return std::nullopt;
  }
  MapReader reader(value, object, Concat({"'", subject, "'"}), value.position, diagnostics);
  int forms = 0;
  for (std::string_view form : {"constant", "exponential", "lognormal"}) forms += reader.Has(form);
  const bool has_quantile =
      reader.Has("p50") || reader.Has("p95") || reader.Has("p99") || reader.Has("max");
  if (forms + has_quantile != 1) {
    diagnostics.Add(value.position, Concat({"'", subject,
                                            "' must have exactly one form: p50 and p99 (with p95, "
                                            "max), constant, exponential or lognormal"}));
    return std::nullopt;
  }
  bool is_whole = false;
  if (has_quantile) {
    is_whole = ReadQuantiles(reader, value.position, subject, out, diagnostics);
  } else if (reader.Has("lognormal")) {
    is_whole = ReadLognormal(reader, out, diagnostics);
  } else {
    const bool is_constant = reader.Has("constant");
    out.kind = is_constant ? Kind::kConstant : Kind::kExponential;
    is_whole = reader.Duration(is_constant ? "constant" : "exponential", out.value);
  }
  return is_whole ? std::optional(out) : std::nullopt;
}

}  // namespace groundhog::model
