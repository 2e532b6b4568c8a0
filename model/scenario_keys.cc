#include "model/scenario_keys.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "model/concat.h"

namespace groundhog::model {
namespace {

constexpr auto kScenarioKeys = std::to_array<KeySpec>({
    {.name = "name",
     .type = ValueType::kName,
     .is_required = true,
     .meaning = "what the scenario is called"},
    {.name = "description",
     .type = ValueType::kText,
     .fallback = "\"\"",
     .meaning = "one line for `groundhog scenario list`"},
    {.name = "seed",
     .type = ValueType::kWhole,
     .fallback = "1",
     .minimum = "0",
     .maximum = "18446744073709551615",
     .meaning = "where all randomness comes from"},
    {.name = "start",
     .type = ValueType::kTimestamp,
     .fallback = "2025-01-06T00:00:00Z",
     .meaning = "the moment of virtual time 0"},
    {.name = "duration",
     .type = ValueType::kRunDuration,
     .fallback = "24h",
     .minimum = "1ms",
     .maximum = "18250d",
     .meaning = "how long the run lasts"},
    {.name = "log_interval",
     .type = ValueType::kDuration,
     .fallback = "30s",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "how often each host logs its state, unless its service says otherwise; 0s: never, "
                "else 100ms at least"},
    {.name = "network",
     .type = ValueType::kMap,
     .fallback = "{}",
     .object = "network",
     .meaning = "how long messages travel"},
    {.name = "traffic",
     .type = ValueType::kMap,
     .fallback = "{}",
     .object = "traffic",
     .meaning = "how all journeys' rates vary over time"},
    {.name = "services",
     .type = ValueType::kMapsByName,
     .is_required = true,
     .object = "service",
     .meaning = "the services, one at least"},
    {.name = "journeys",
     .type = ValueType::kMapsByName,
     .fallback = "{}",
     .object = "journey",
     .meaning = "the kinds of user requests"},
    {.name = "faults",
     .type = ValueType::kMapsByName,
     .fallback = "{}",
     .object = "fault",
     .meaning = "the scheduled disturbances"},
});

constexpr auto kNetworkKeys = std::to_array<KeySpec>({
    {.name = "latency",
     .type = ValueType::kDistribution,
     .fallback = "{p50: 400us, p99: 2ms}",
     .minimum = "1us",
     .maximum = "1m",
     .meaning = "of one hop, that is of one message one way"},
    {.name = "min",
     .type = ValueType::kDuration,
     .fallback = "100us",
     .minimum = "1us",
     .maximum = "1s",
     .meaning = "no hop is faster; not above the latency's median"},
});

constexpr auto kTrafficKeys = std::to_array<KeySpec>({
    {.name = "daily",
     .type = ValueType::kNumberList,
     .fallback_note = "flat",
     .minimum = "0",
     .maximum = "1000000",
     .count = 24,
     .meaning = "24 weights, each for the beginning of an hour of the UTC day, linear between "
                "them; scaled to a mean of 1"},
    {.name = "weekly",
     .type = ValueType::kNumberList,
     .fallback_note = "flat",
     .minimum = "0",
     .maximum = "1000000",
     .count = 7,
     .meaning = "7 factors for the days of the UTC week, Monday first; scaled to a mean of 1"},
});

constexpr auto kServiceKeys = std::to_array<KeySpec>({
    {.name = "hosts",
     .type = ValueType::kWhole,
     .fallback = "1",
     .minimum = "1",
     .maximum = "65000",
     .meaning = "replicas, named SERVICE-1, SERVICE-2 …"},
    {.name = "concurrency",
     .type = ValueType::kWhole,
     .fallback = "16",
     .minimum = "1",
     .maximum = "100000",
     .meaning = "slots of a host: spans that it works on at a time"},
    {.name = "queue",
     .type = ValueType::kWhole,
     .fallback = "64",
     .minimum = "0",
     .maximum = "1000000",
     .meaning = "spans that may wait for a slot on a host; more are refused"},
    {.name = "balancer",
     .type = ValueType::kChoice,
     .fallback = "power_of_two",
     .choices = "random power_of_two least_outstanding",
     .meaning = "how callers choose among the hosts, each by its own outstanding calls"},
    {.name = "service_time",
     .type = ValueType::kDistribution,
     .is_required = true,
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "own work of one span, without waiting and without calls"},
    {.name = "slow",
     .type = ValueType::kDuration,
     .fallback_note = "never slow",
     .minimum = "1us",
     .maximum = "1d",
     .meaning = "a span that takes longer is logged as WARN"},
    {.name = "log_interval",
     .type = ValueType::kDuration,
     .fallback_note = "the scenario's `log_interval`",
     .minimum = "0s",
     .maximum = "1d",
     .meaning = "how often each host logs its state; 0s: never, else 100ms at least"},
    {.name = "degraded",
     .type = ValueType::kMap,
     .fallback = "{}",
     .object = "degraded",
     .meaning = "when an interval counts as degraded"},
    {.name = "errors",
     .type = ValueType::kMapsByCode,
     .fallback = "{}",
     .object = "error",
     .meaning = "failures of the service's own making, by error code"},
    {.name = "messages",
     .type = ValueType::kMessageList,
     .fallback = "[\"Handled request {request} in {duration_ms} ms\"]",
     .meaning = "templates for a span that went well; one is drawn for each"},
    {.name = "dependencies",
     .type = ValueType::kMapsByService,
     .fallback = "{}",
     .object = "dependency",
     .meaning = "the services that it calls in any journey, and how"},
});

constexpr auto kDegradedKeys = std::to_array<KeySpec>({
    {.name = "error_share",
     .type = ValueType::kNumber,
     .fallback = "0.05",
     .minimum = "0",
     .maximum = "1",
     .meaning = "an interval log is WARN when a larger share of its spans failed"},
});

constexpr auto kErrorKeys = std::to_array<KeySpec>({
    {.name = "rate",
     .type = ValueType::kNumber,
     .is_required = true,
     .minimum = "0",
     .maximum = "1",
     .meaning = "share of the spans that fail so"},
    {.name = "retry",
     .type = ValueType::kBoolean,
     .fallback = "true",
     .meaning = "whether callers may try again"},
    {.name = "messages",
     .type = ValueType::kMessageList,
     .fallback = "[\"Request {request} failed with {error_code} after {duration_ms} ms\"]",
     .meaning = "templates for the failure; one is drawn for each"},
});

constexpr auto kDependencyKeys = std::to_array<KeySpec>({
    {.name = "timeout",
     .type = ValueType::kDuration,
     .is_required = true,
     .minimum = "1us",
     .maximum = "1d",
     .meaning = "the longest that one attempt may take"},
    {.name = "retries",
     .type = ValueType::kMap,
     .fallback = "{}",
     .object = "retries",
     .meaning = "further attempts after a failed one"},
    {.name = "fallback",
     .type = ValueType::kChoice,
     .fallback = "fail",
     .choices = "fail degrade",
     .meaning = "after the last attempt: fail too, or go on without the answer"},
});

constexpr auto kRetriesKeys = std::to_array<KeySpec>({
    {.name = "max",
     .type = ValueType::kWhole,
     .fallback = "0",
     .minimum = "0",
     .maximum = "100",
     .meaning = "further attempts after the first"},
    {.name = "backoff",
     .type = ValueType::kBackoff,
     .fallback = "{}",
     .object = "backoff",
     .meaning = "the pause before a further attempt; a bare duration is its `base`"},
});

constexpr auto kBackoffKeys = std::to_array<KeySpec>({
    {.name = "base",
     .type = ValueType::kDuration,
     .fallback = "10ms",
     .minimum = "0s",
     .maximum = "1h",
     .meaning = "the pause before the second attempt"},
    {.name = "multiplier",
     .type = ValueType::kNumber,
     .fallback = "2",
     .minimum = "1",
     .maximum = "100",
     .meaning = "how much longer each further pause is"},
    {.name = "max",
     .type = ValueType::kDuration,
     .fallback = "1s",
     .minimum = "0s",
     .maximum = "1h",
     .meaning = "no pause is longer; not below `base`"},
    {.name = "jitter",
     .type = ValueType::kChoice,
     .fallback = "full",
     .choices = "full none",
     .meaning = "full: the pause is drawn evenly from 0 to its length"},
});

constexpr auto kDistributionKeys = std::to_array<KeySpec>({
    {.name = "p50",
     .type = ValueType::kDuration,
     .fallback_note = "none",
     .meaning = "the median; with `p99` it makes a distribution by quantiles"},
    {.name = "p95",
     .type = ValueType::kDuration,
     .fallback_note = "none",
     .meaning = "the 95th percentile"},
    {.name = "p99",
     .type = ValueType::kDuration,
     .fallback_note = "none",
     .meaning = "the 99th percentile"},
    {.name = "max",
     .type = ValueType::kDuration,
     .fallback_note = "none",
     .meaning = "the largest value"},
    {.name = "constant",
     .type = ValueType::kDuration,
     .fallback_note = "none",
     .meaning = "always the same"},
    {.name = "exponential",
     .type = ValueType::kDuration,
     .fallback_note = "none",
     .meaning = "exponential with this mean"},
    {.name = "lognormal",
     .type = ValueType::kMap,
     .fallback_note = "none",
     .object = "lognormal",
     .meaning = "lognormal"},
});

constexpr auto kLognormalKeys = std::to_array<KeySpec>({
    {.name = "p50",
     .type = ValueType::kDuration,
     .is_required = true,
     .minimum = "1ns",
     .maximum = "1d",
     .meaning = "the median"},
    {.name = "sigma",
     .type = ValueType::kNumber,
     .is_required = true,
     .minimum = "0",
     .maximum = "5",
     .meaning = "the standard deviation of the logarithm"},
});

constexpr auto kJourneyKeys = std::to_array<KeySpec>({
    {.name = "rate",
     .type = ValueType::kRate,
     .is_required = true,
     .minimum = "0/s",
     .maximum = "1000000/s",
     .meaning = "requests, averaged over the day and the week"},
    {.name = "deadline",
     .type = ValueType::kDuration,
     .is_required = true,
     .minimum = "1us",
     .maximum = "1d",
     .meaning = "of the whole request; it travels with every call"},
    {.name = "entry",
     .type = ValueType::kCall,
     .is_required = true,
     .object = "call",
     .meaning = "the service that the user reaches, and the calls from there"},
});

constexpr auto kCallKeys = std::to_array<KeySpec>({
    {.name = "service",
     .type = ValueType::kServiceName,
     .is_required = true,
     .meaning = "who is called"},
    {.name = "probability",
     .type = ValueType::kNumber,
     .fallback = "1",
     .minimum = "0",
     .maximum = "1",
     .meaning = "how likely the call is made; not for an entry"},
    {.name = "calls",
     .type = ValueType::kCallList,
     .fallback = "[]",
     .object = "call",
     .meaning = "the calls that it makes in turn, one after another; a bare name is a call "
                "without calls"},
});

constexpr auto kFaultKeys = std::to_array<KeySpec>({
    {.name = "kind",
     .type = ValueType::kChoice,
     .is_required = true,
     .choices = "outage latency error_rate",
     .meaning = "outage: hosts refuse spans at once; latency: own work takes longer; error_rate: "
                "spans fail"},
    {.name = "target",
     .type = ValueType::kServiceName,
     .is_required = true,
     .meaning = "the service that is hit"},
    {.name = "hosts",
     .type = ValueType::kHostList,
     .fallback_note = "all",
     .minimum = "1",
     .maximum = "65000",
     .meaning = "the numbers of its hosts that are hit"},
    {.name = "at",
     .type = ValueType::kDuration,
     .fallback_note = "give `at` or `time_of_day`",
     .minimum = "0s",
     .maximum = "18250d",
     .meaning = "when it begins, counted from the start"},
    {.name = "time_of_day",
     .type = ValueType::kTimeOfDay,
     .fallback_note = "give `at` or `time_of_day`",
     .meaning = "or the UTC time at which it begins, the first after the start"},
    {.name = "for",
     .type = ValueType::kDuration,
     .is_required = true,
     .minimum = "1ms",
     .maximum = "18250d",
     .meaning = "how long it lasts"},
    {.name = "every",
     .type = ValueType::kDuration,
     .fallback_note = "once",
     .minimum = "1ms",
     .maximum = "18250d",
     .meaning = "how often it begins again; not below `for`"},
    {.name = "factor",
     .type = ValueType::kNumber,
     .fallback_note = "required by `latency`",
     .minimum = "0.01",
     .maximum = "10000",
     .meaning = "kind latency only: own work takes so many times longer"},
    {.name = "rate",
     .type = ValueType::kNumber,
     .fallback_note = "required by `error_rate`; 1 for `outage`",
     .minimum = "0",
     .maximum = "1",
     .meaning = "kinds outage and error_rate only: share of the spans that are hit"},
    {.name = "code",
     .type = ValueType::kCode,
     .fallback_note = "ERR_500",
     .meaning = "kind error_rate only: what those spans fail with"},
});

constexpr std::array<ObjectSpec, 14> kObjects = {{
    {"scenario", "a scenario", kScenarioKeys},
    {"network", "network", kNetworkKeys},
    {"traffic", "traffic", kTrafficKeys},
    {"service", "a service", kServiceKeys},
    {"degraded", "degraded", kDegradedKeys},
    {"error", "an error", kErrorKeys},
    {"dependency", "a dependency", kDependencyKeys},
    {"retries", "retries", kRetriesKeys},
    {"backoff", "a backoff", kBackoffKeys},
    {"distribution", "a distribution", kDistributionKeys},
    {"lognormal", "a lognormal distribution", kLognormalKeys},
    {"journey", "a journey", kJourneyKeys},
    {"call", "a call", kCallKeys},
    {"fault", "a fault", kFaultKeys},
}};

// " from 1 to 10", or what of it is bounded.
std::string RangeText(const KeySpec& key) {
  std::string text;
  if (!key.minimum.empty()) text += Concat({" from ", key.minimum});
  if (!key.maximum.empty()) text += Concat({" to ", key.maximum});
  return text;
}

// "a, b or c" of "a b c".
std::string ChoiceText(std::string_view choices) {
  std::string text;
  for (char c : choices) text += c == ' ' ? std::string(", ") : std::string(1, c);
  const std::size_t last = text.rfind(", ");
  if (last != std::string::npos) text.replace(last, 2, " or ");
  return text;
}

}  // namespace

std::span<const ObjectSpec> ScenarioObjects() { return kObjects; }

const ObjectSpec& ObjectNamed(std::string_view name) {
  const auto found = std::ranges::find(kObjects, name, &ObjectSpec::name);
  if (found == kObjects.end()) std::abort();  // a slip in the table above
  return *found;
}

const KeySpec* FindKey(const ObjectSpec& object, std::string_view key) {
  const auto found = std::ranges::find(object.keys, key, &KeySpec::name);
  return found == object.keys.end() ? nullptr : &*found;
}

std::string Expectation(const KeySpec& key) {
  const std::string range = RangeText(key);
  switch (key.type) {
    case ValueType::kName:
      return "a name of lower-case letters, digits and dashes, 63 characters at most";
    case ValueType::kText:
      return "one line of text, 200 bytes at most";
    case ValueType::kWhole:
      return Concat({"a whole number", range});
    case ValueType::kNumber:
      return Concat({"a number", range});
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kDuration:
      return Concat({"a duration", range, ", such as 250ms"});
    case ValueType::kRunDuration:
      return Concat({"a duration", range, ", such as 24h, or forever"});
    case ValueType::kRate:
      return Concat({"a rate", range, ", such as 0.3/s or 18/m"});
    case ValueType::kTimestamp:
      return "a time from 1970 to 2199, such as 2025-01-06T00:00:00Z";
    case ValueType::kTimeOfDay:
      return "a UTC time of day, such as \"14:30\"";
    case ValueType::kChoice:
      return ChoiceText(key.choices);
    case ValueType::kCode:
      return "an error code, ERR_ and three digits";
    case ValueType::kServiceName:
      return "the name of a service";
    case ValueType::kDistribution:
      return Concat({"a distribution of durations", range,
                     ", such as 5ms or {p50: 4ms, p95: 9ms, p99: 15ms}"});
    case ValueType::kBackoff:
      return "a duration, or a map of base, multiplier, max and jitter";
    case ValueType::kNumberList:
      return Concat({"a list of numbers", range});
    case ValueType::kHostList:
      return "a list of host numbers, such as [1, 2]";
    case ValueType::kMessageList:
      return "a list of message templates";
    case ValueType::kMap:
      return "a map";
    case ValueType::kMapsByName:
      return "a map by name";
    case ValueType::kMapsByService:
      return "a map by service";
    case ValueType::kMapsByCode:
      return "a map by error code";
    case ValueType::kCall:
      return "a service's name, or a map of service and calls";
    case ValueType::kCallList:
      return "a list of calls";
  }
  return "";
}

}  // namespace groundhog::model
