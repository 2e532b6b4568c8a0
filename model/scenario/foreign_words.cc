#include "model/scenario/foreign_words.h"

#include <algorithm>
#include <array>

#include "text/concat.h"
#include "text/spaced_words.h"

namespace groundhog::model {
namespace {

using text::Concat;

constexpr auto kTable = std::to_array<ForeignWords>({
    {"scenario", "defaults default globals global common templates",
     "there are no defaults for all services; write the keys at each service"},
    {"scenario", "version api_version apiversion kind schema metadata", "leave it out"},
    {"scenario", "topology components nodes microservices apps applications",
     "write 'services', a map by name"},
    {"scenario", "workload load requests endpoints operations flows rps qps rate routes",
     "write 'journeys', a map by name, each with a rate, a deadline and an entry"},
    {"scenario", "chaos failures incidents disturbances events outages errors",
     "write 'faults', a map by name"},
    {"scenario", "expectations expects claims assertions asserts checks slo slos thresholds",
     "write 'expect', a map by name"},
    {"scenario", "random_seed rng_seed", "write 'seed'"},
    {"scenario", "length run_time runtime for time", "write 'duration'"},
    {"scenario", "start_time begin from", "write 'start'"},
    {"scenario", "dependencies edges calls",
     "who calls whom stands in 'journeys' (entry and calls), how in each of 'services' "
     "(dependencies)"},
    {"scenario", "latency", "write 'network: {latency: ...}'"},

    {"network", "delay rtt one_way", "write 'latency', which is of one message one way"},
    {"network", "loss packet_loss drop", "write a fault of kind loss"},
    {"network", "jitter", "write 'latency' as quantiles, such as {p50: 400us, p99: 2ms}"},

    {"service", "replicas instances pods nodes count scale machines containers servers",
     "write 'hosts'"},
    {"service",
     "latency response_time processing_time duration delay work time mean p50 p95 p99 exponential "
     "lognormal",
     "write 'service_time', such as {p50: 4ms, p99: 15ms}"},
    {"service", "threads workers slots max_concurrency connections pool pool_size max_connections",
     "write 'concurrency'"},
    {"service", "queue_size queue_length queue_limit backlog max_queue buffer", "write 'queue'"},
    {"service", "error_rate error_percentage failure_rate error_percent error_probability",
     "write 'errors: {ERR_500: {rate: 0.01}}'"},
    {"service", "calls depends_on depends downstream downstreams upstream upstreams uses children",
     "who it calls stands in a journey's calls, and how in 'dependencies'"},
    {"service", "timeout retries retry breaker circuit_breaker fallback async",
     "it belongs to one of 'dependencies': how this service calls another"},
    {"service", "deadline", "write the journey's deadline, or 'time_limit' here"},
    {"service", "rate rps qps throughput probability", "traffic belongs to a journey's rate"},
    {"service", "load_balancer load_balancing lb lb_policy", "write 'balancer'"},
    {"service", "region regions zone az azs availability_zones", "write 'zones', a list"},
    {"service", "probes liveness readiness healthcheck", "write 'health_check'"},
    {"service", "cpu memory cores resources",
     "there is no CPU or memory; write 'concurrency' and 'service_time'"},
    {"service", "endpoints operations routes handlers", "write one journey for each"},
    {"service", "name id", "the map's key is the name; leave it out"},
    {"service", "rate_limit max_inflight max_in_flight load_shedding",
     "write 'shedding: {concurrency_limit: ...}'"},
    {"service", "subscribers listeners topics", "write 'consumers'"},

    {"dependency", "retry attempts max_retries retry_count max_attempts",
     "write 'retries: {max: 2}'"},
    {"dependency", "backoff", "write 'retries: {max: 2, backoff: 10ms}'"},
    {"dependency", "deadline time_limit max_latency", "write 'timeout'"},
    {"dependency", "circuit_breaker", "write 'breaker'"},
    {"dependency", "probability weight rate calls percentage",
     "how likely it is called stands in the journeys' calls"},
    {"dependency", "latency delay", "write the callee's service_time, or network latency"},
    {"dependency", "optional required on_failure on_error degrade", "write 'fallback: degrade'"},
    {"dependency", "mode type", "write 'async: true', or leave it out"},
    {"dependency", "service name target", "the map's key is the callee's name; leave it out"},

    {"retries", "attempts count retries max_retries max_attempts limit times",
     "write 'max', the further attempts after the first"},
    {"retries", "budget", "write 'budget_percent'"},
    {"retries", "delay interval wait base multiplier jitter initial",
     "write 'backoff: {base: 10ms, multiplier: 2, jitter: full}'"},
    {"client_retries", "attempts count retries max_retries max_attempts limit times",
     "write 'max', the further attempts after the first"},
    {"client_retries", "delay interval wait base multiplier jitter initial",
     "write 'backoff: {base: 10ms, multiplier: 2, jitter: full}'"},
    {"backoff", "initial delay interval initial_interval min start", "write 'base'"},
    {"backoff", "factor exponent rate", "write 'multiplier'"},
    {"backoff", "cap limit max_delay max_interval maximum", "write 'max'"},
    {"breaker", "threshold error_threshold failure_threshold error_rate failures",
     "write 'failure_rate', a share from 0 to 1"},
    {"breaker", "timeout sleep_window reset_timeout wait recovery_time cooldown", "write 'open'"},
    {"breaker", "min_calls minimum_calls volume request_volume_threshold min_requests",
     "write 'calls_min'"},
    {"breaker", "half_open half_open_requests", "write 'probes'"},
    {"error", "percentage percent probability share", "write 'rate', a share from 0 to 1"},
    {"error", "code name status", "the map's key is the code; leave it out"},

    {"distribution", "p90 p75 p80 p10 p25 p98 p999 p99_9 p99.9 p9999 p100",
     "there are 'p50', 'p95', 'p99' and 'max'"},
    {"distribution", "mean avg average stddev std sd variance normal gaussian cv",
     "write quantiles ('p50' and 'p99'), 'exponential' with its mean, or 'lognormal'"},
    {"distribution", "median", "write 'p50'"},
    {"distribution", "type distribution kind",
     "the form's key says it, such as 'exponential: 5ms' or 'p50' and 'p99'"},
    {"distribution", "fixed value", "write 'constant'"},
    {"distribution", "min minimum", "there is no least value; write quantiles from 'p50' on"},
    {"part", "p90 p75 p80 p10 p25 p98 p999 p99_9 p99.9 p9999 p100",
     "there are 'p50', 'p95', 'p99' and 'max'"},
    {"part", "probability share percent", "write 'weight'"},

    {"journey", "rps qps tps requests_per_second throughput frequency arrival_rate weight",
     "write 'rate', such as 12/s"},
    {"journey", "timeout time_limit", "write 'deadline'"},
    {"journey", "service root entrypoint endpoint start target", "write 'entry'"},
    {"journey", "calls steps path flow services",
     "write them in 'entry': {service: ..., calls: [...]}"},
    {"journey", "retries retry patience", "write 'client: {retries: {max: 1}}'"},
    {"journey", "users count concurrency think_time",
     "users who wait for their answers stand in the scenario's users"},
    {"call", "name target to callee", "write 'service'"},
    {"call", "chance weight rate percentage share", "write 'probability', from 0 to 1"},
    {"call", "children steps dependencies then", "write 'calls'"},
    {"call", "timeout retries retry fallback async breaker",
     "it belongs to the caller's dependencies"},
    {"call", "count times repeat", "write the call several times"},
    {"users", "think pause wait", "write 'think_time'"},
    {"users", "journeys steps journey requests", "write 'session', a list of journeys"},
    {"users", "number size users population", "write 'count'"},

    {"fault", "type fault", "write 'kind'"},
    {"fault", "service services component", "write 'target'"},
    {"fault", "duration length lasts", "write 'for'"},
    {"fault", "start after begin start_time offset when from", "write 'at' or 'time_of_day'"},
    {"fault", "until end", "write 'for', its length"},
    {"fault", "interval repeat period", "write 'every'"},
    {"fault", "multiplier severity slowdown times latency delay", "write 'factor'"},
    {"fault", "percentage percent probability error_rate share", "write 'rate', from 0 to 1"},
    {"fault", "error_code error status status_code", "write 'code'"},
    {"fault", "replicas instances pods", "write 'hosts', a list of numbers"},
    {"fault", "zone az region", "write 'zones', a list"},
    {"expectation", "errors error failures failure_rate error_share availability success_rate",
     "write 'error_rate', such as {at_most: 0.01}"},
    {"expectation", "latency duration response_time p90 p999 max mean average",
     "write 'p50', 'p95' or 'p99', such as {at_most: 200ms}"},
    {"expectation", "records_per_day count volume rate", "write 'records', with from and until"},
    {"expectation", "fault while", "write 'during', or 'after', and the fault's name"},
    {"expectation", "recovers_from recovers recovery since", "write 'after', the fault's name"},
    {"expectation", "to by", "write 'until'"},
    {"error_rate_bounds", "below max less_than under most maximum lt le", "write 'at_most'"},
    {"error_rate_bounds", "above min more_than over least minimum gt ge", "write 'at_least'"},
    {"percentile_bounds", "below max less_than under most maximum lt le", "write 'at_most'"},
    {"percentile_bounds", "above min more_than over least minimum gt ge", "write 'at_least'"},
    {"record_bounds", "below max less_than under most maximum lt le", "write 'at_most'"},
    {"record_bounds", "above min more_than over least minimum gt ge", "write 'at_least'"},
    {"fault.kind", "delay slow slowness latency_spike slowdown degradation", "write latency"},
    {"fault.kind", "errors error failure http_error exception", "write error_rate"},
    {"fault.kind", "down unavailable", "write outage (refuses) or crash (silent)"},
    {"fault.kind", "kill pod_kill pod_failure stop shutdown", "write crash"},
    {"fault.kind", "throttle cpu cpu_stress resource", "write capacity or latency"},
    {"fault.kind", "network network_partition blackhole", "write partition"},
    {"fault.kind", "packet_loss drop", "write loss"},
    {"fault.kind", "spike traffic load burst", "write surge"},
    {"fault.kind", "restart rollout rolling_restart", "write deploy"},
    {"service.balancer", "p2c power_of_two_choices", "write power_of_two"},
    {"service.balancer", "least_connections least_conn least_request least_requests",
     "write least_outstanding"},
});

// In lower case with '_': "maxRetries", "max-retries" and "max_retries" are the same word.
std::string Plain(std::string_view word) {
  std::string plain;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && i > 0 && word[i - 1] >= 'a' && word[i - 1] <= 'z') plain += '_';
    plain += is_upper ? static_cast<char>(c - 'A' + 'a') : c == '-' || c == ' ' ? '_' : c;
  }
  return plain;
}

// The word without the unit at its end, if it has one.
std::string_view WithoutUnit(std::string_view word) {
  for (const std::string_view unit : {"_ms", "_us", "_ns", "_s", "_sec", "_secs", "_seconds",
                                      "_millis", "_milliseconds", "_minutes", "_hours"}) {
    if (word.ends_with(unit)) return word.substr(0, word.size() - unit.size());
  }
  return word;
}

std::string_view AdviceInTable(std::string_view object, std::string_view word) {
  for (const ForeignWords& row : kTable) {
    if (row.object != object) continue;
    const auto words = text::SplitWords(row.words);
    if (std::ranges::find(words, word) != words.end()) return row.advice;
  }
  return "";
}

}  // namespace

std::span<const ForeignWords> ForeignWordTable() { return kTable; }

std::string AdviceForKey(const ObjectSpec& object, std::string_view word) {
  const std::string plain = Plain(word);
  const std::string_view bare = WithoutUnit(plain);
  for (const std::string_view tried : {std::string_view(plain), bare}) {
    const std::string_view unit = tried == plain ? "" : " with its unit in the value, as in 250ms";
    if (FindKey(object, tried) != nullptr) return Concat({"; write '", tried, "'", unit});
    const std::string_view advice = AdviceInTable(object.name, tried);
    if (!advice.empty()) return Concat({"; ", advice, unit});
  }
  return "";
}

std::string AdviceForChoice(std::string_view object, const KeySpec& key, std::string_view word) {
  const std::string plain = Plain(word);
  const auto choices = text::SplitWords(key.choices);
  if (std::ranges::find(choices, std::string_view(plain)) != choices.end()) {
    return Concat({"; write ", plain});
  }
  const std::string_view advice = AdviceInTable(Concat({object, ".", key.name}), plain);
  return advice.empty() ? "" : Concat({"; ", advice});
}

}  // namespace groundhog::model
