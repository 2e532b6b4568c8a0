// How a service calls another: retries, breaker, and what goes with a call. Retries are a client's
// as well.
#include <optional>

#include "model/scenario/parse/sections.h"
#include "model/scenario/units.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

void ReadBackoff(MapReader& retries, Diagnostics& diagnostics, RetryPolicy& out) {
  std::optional<YamlValue> value = retries.Value("backoff");
  if (!value) return;
  const ObjectSpec& object = ObjectNamed("backoff");
  const YamlNode others{.kind = YamlNode::Kind::kMap, .position = value->position};
  const bool is_short = value->node->kind == YamlNode::Kind::kScalar;
  bool has_base = false;
  if (is_short) {
    has_base = retries.ShortDuration("backoff", *FindKey(object, "base"), out.backoff_base);
    value->node = &others;
  }
  MapReader backoff(*value, object, "'backoff'", retries.KeyPosition("backoff"), diagnostics);
  if (!is_short) has_base = backoff.Duration("base", out.backoff_base);
  backoff.Number("multiplier", out.backoff_multiplier);
  const bool has_max = backoff.Duration("max", out.backoff_max);
  std::size_t jitter = 0;
  if (backoff.Choice("jitter", jitter)) out.backoff_full_jitter = jitter == 0;
  if (has_base && has_max && out.backoff_max < out.backoff_base) {
    diagnostics.Add(backoff.KeyPosition(backoff.Has("max") ? "max" : "base"),
                    Concat({"the backoff's 'max', ", FormatDuration(out.backoff_max),
                            ", must not be below its 'base', ", FormatDuration(out.backoff_base)}));
  }
}

void ReadBreaker(MapReader& reader, Diagnostics& diagnostics, DependencyPolicy& policy) {
  const std::optional<YamlValue> value = reader.Value("breaker");
  if (!value) return;
  MapReader breaker(*value, ObjectNamed("breaker"), "'breaker'", reader.KeyPosition("breaker"),
                    diagnostics);
  BreakerPolicy& out = policy.breaker.emplace();
  if (breaker.Number("failure_rate", out.failure_rate) && out.failure_rate == 0) {
    diagnostics.Add(breaker.KeyPosition("failure_rate"),
                    "'failure_rate' must be above 0, else the breaker opens without a failure");
  }
  breaker.Duration("window", out.window);
  breaker.Whole("calls_min", out.calls_min);
  breaker.Duration("open", out.open_time);
  breaker.Whole("probes", out.probes);
}

}  // namespace

void ReadRetries(MapReader& owner, std::string_view object, Diagnostics& diagnostics,
                 RetryPolicy& out) {
  const std::optional<YamlValue> value = owner.Value("retries");
  if (!value) return;
  const ObjectSpec& spec = ObjectNamed(object);
  MapReader retries(*value, spec, "'retries'", owner.KeyPosition("retries"), diagnostics);
  retries.Whole("max", out.max);
  ReadBackoff(retries, diagnostics, out);
  if (FindKey(spec, "budget_percent") != nullptr) {
    retries.Number("budget_percent", out.budget_percent);
  }
}

DependencyPolicy ReadDependency(const NamedValue& entry, std::string_view caller,
                                SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  DependencyPolicy policy;
  policy.service = entry.name;
  context.service_names.Check({.name = entry.name, .position = entry.name_position},
                              Concat({"a dependency of '", caller, "'"}), diagnostics);
  MapReader reader(entry.value, ObjectNamed("dependency"),
                   Concat({"dependency '", entry.name, "'"}), entry.name_position, diagnostics);
  reader.Duration("timeout", policy.timeout);
  ReadRetries(reader, "retries", diagnostics, policy.retries);
  std::size_t fallback = 0;
  if (reader.Choice("fallback", fallback)) {
    policy.fallback =
        fallback == 0 ? DependencyPolicy::Fallback::kFail : DependencyPolicy::Fallback::kDegrade;
  }
  ReadBreaker(reader, diagnostics, policy);
  reader.Boolean("propagate_deadline", policy.propagates_deadline);
  reader.Boolean("cancel", policy.cancels);
  reader.Boolean("async", policy.is_async);
  return policy;
}

}  // namespace groundhog::model
