#include "model/scenario/print/parts.h"

#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;

// The form of a distribution as the keys of a map, without braces.
std::string FormText(const DurationDistribution& distribution) {
  using Kind = DurationDistribution::Kind;
  switch (distribution.kind) {
    case Kind::kConstant:
      return Concat({"constant: ", FormatDuration(distribution.value)});
    case Kind::kExponential:
      return Concat({"exponential: ", FormatDuration(distribution.value)});
    case Kind::kLognormal:
      return Concat({"lognormal: {p50: ", FormatDuration(distribution.p50),
                     ", sigma: ", FormatNumber(distribution.sigma), "}"});
    case Kind::kQuantiles: {
      std::string text = Concat({"p50: ", FormatDuration(distribution.p50)});
      if (distribution.p95) text += Concat({", p95: ", FormatDuration(*distribution.p95)});
      text += Concat({", p99: ", FormatDuration(distribution.p99)});
      if (distribution.max) text += Concat({", max: ", FormatDuration(*distribution.max)});
      return text;
    }
    case Kind::kMixture:
      break;
  }
  std::string parts;
  for (std::size_t i = 0; i < distribution.parts.size(); ++i) {
    parts += Concat({parts.empty() ? "" : ", ", "{weight: ", FormatNumber(distribution.weights[i]),
                     ", ", FormText(distribution.parts[i]), "}"});
  }
  return Concat({"mixture: [", parts, "]"});
}

}  // namespace

std::string QuotedText(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// Without quotes, YAML takes the name null for no value. All other names need no quotes.
std::string NameText(std::string_view name) {
  return name == "null" ? QuotedText(name) : std::string(name);
}

std::string NamesText(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += Concat({text.empty() ? "[" : ", ", NameText(name)});
  }
  return text + "]";
}

std::string_view BooleanText(bool value) { return value ? "true" : "false"; }

std::string DistributionText(const DurationDistribution& distribution) {
  if (distribution.kind == DurationDistribution::Kind::kConstant) {
    return FormatDuration(distribution.value);
  }
  return Concat({"{", FormText(distribution), "}"});
}

}  // namespace groundhog::model
