// What --set, --without and --scale do to a scenario: each line of the input is one, as a trace's
// header keeps them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/heap_bound.h"
#include "fuzz/require.h"
#include "fuzz/scenario_claims.h"
#include "model/scenario/overrides.h"

namespace groundhog::fuzz {
namespace {

constexpr std::size_t kOverridesMax = 20;

// Something of each kind that an override may reach.
constexpr std::string_view kScenario = R"(name: base
duration: 1h
traffic:
  daily: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
  bursts:
    lunch: {journeys: [buy], time_of_day: "12:00", for: 1h, every: 24h, ramp: 10m, factor: 1.5}
services:
  web:
    hosts: 2
    service_time: {p50: 4ms, p99: 15ms}
    errors: {ERR_402: {rate: 0.01, messages: ["Card of user {user} declined"]}}
    dependencies:
      db: {timeout: 50ms, retries: {max: 2, backoff: {base: 20ms, jitter: none}}}
  db: {service_time: 1ms, messages: ["Read {items} rows"]}
journeys:
  buy: {rate: 2/s, deadline: 1s, entry: {service: web, calls: [{service: db, probability: 0.5}]}}
faults:
  down: {kind: outage, target: db, at: 10m, for: 1m}
)";

model::Overrides OverridesOf(std::string_view text) {
  model::Overrides overrides;
  while (!text.empty() && overrides.size() < kOverridesMax) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const model::Override change = model::FromTraceText(line);
    Require(model::TraceText(change) == line, "an override in a header reads back", line);
    overrides.push_back(change);
  }
  return overrides;
}

}  // namespace
}  // namespace groundhog::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace groundhog::fuzz;
  const HeapBound bound;
  const groundhog::model::Overrides overrides =
      OverridesOf(std::string_view(reinterpret_cast<const char*>(data), size));
  const ScenarioAnswer answer = AskForScenario(kScenario, overrides);
  Require(answer.flaw.empty(), "a changed scenario is refused or reads back", answer.flaw);
  Require(!overrides.empty() || answer.scenario.has_value(), "without a change it is taken");
  return 0;
}
