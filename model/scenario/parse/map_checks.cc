// How the keys of a nested map depend on each other, where the table cannot say so.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;

void CheckBackoff(const MapReader& backoff, StructRef fields, Diagnostics& diagnostics) {
  const auto& policy = fields.As<RetryPolicy>();
  if (!backoff.IsRead("base") || !backoff.IsRead("max")) return;
  if (policy.backoff_base <= policy.backoff_max) return;
  diagnostics.Add(
      backoff.KeyPosition(backoff.Has("max") ? "max" : "base"),
      Concat({"the backoff's 'max', ", FormatDuration(policy.backoff_max),
              ", must not be below its 'base', ", FormatDuration(policy.backoff_base)}));
}

void CheckBreaker(const MapReader& breaker, StructRef fields, Diagnostics& diagnostics) {
  if (!breaker.IsRead("failure_rate") || fields.As<BreakerPolicy>().failure_rate > 0) return;
  diagnostics.Add(breaker.KeyPosition("failure_rate"),
                  "'failure_rate' must be above 0, else the breaker opens without a failure");
}

void CheckClient(const MapReader& client, StructRef fields, Diagnostics& diagnostics) {
  const auto& journey = fields.As<Journey>();
  if (!journey.patience || journey.deadline == sim::Duration()) return;
  if (*journey.patience <= journey.deadline) return;
  diagnostics.Add(client.KeyPosition("patience"),
                  Concat({"'patience', ", FormatDuration(*journey.patience),
                          ", must not be above the journey's 'deadline', ",
                          FormatDuration(journey.deadline), ", which ends the request anyway"}));
}

std::string ValueText(double value) { return text::FormatNumber(value); }
std::string ValueText(std::uint64_t value) { return std::to_string(value); }
std::string ValueText(sim::Duration value) { return FormatDuration(value); }

template <class Value>
void CheckBounds(const MapReader& map, StructRef fields, Diagnostics& diagnostics) {
  const auto& bounds = fields.As<Bounds<Value>>();
  if (!map.Has("at_least") && !map.Has("at_most")) {
    diagnostics.Add(map.KeyPosition("at_least"), "bounds need 'at_least', 'at_most' or both");
  }
  if (!bounds.at_least || !bounds.at_most || *bounds.at_least <= *bounds.at_most) return;
  diagnostics.Add(map.KeyPosition("at_most"),
                  Concat({"'at_most', ", ValueText(*bounds.at_most),
                          ", must not be below 'at_least', ", ValueText(*bounds.at_least)}));
}

struct MapCheck {
  std::string_view object;
  void (*check)(const MapReader& map, StructRef fields, Diagnostics& diagnostics);
};

constexpr auto kChecks = std::to_array<MapCheck>({
    {.object = "backoff", .check = CheckBackoff},
    {.object = "breaker", .check = CheckBreaker},
    {.object = "client", .check = CheckClient},
    {.object = "error_rate_bounds", .check = CheckBounds<double>},
    {.object = "percentile_bounds", .check = CheckBounds<sim::Duration>},
    {.object = "record_bounds", .check = CheckBounds<std::uint64_t>},
});

}  // namespace

void CheckMap(std::string_view object, const MapReader& map, StructRef fields,
              Diagnostics& diagnostics) {
  const auto found = std::ranges::find(kChecks, object, &MapCheck::object);
  if (found != kChecks.end()) found->check(map, fields, diagnostics);
}

}  // namespace groundhog::model
