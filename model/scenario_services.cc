// The sections network, traffic and services.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "model/concat.h"
#include "model/message_slots.h"
#include "model/scenario_sections.h"
#include "model/scenario_units.h"
#include "model/suggestion.h"

namespace groundhog::model {
namespace {

constexpr sim::Duration kLogIntervalMin = sim::Milliseconds(100);
constexpr double kMeanTolerance = 1e-12;

std::string Quoted(std::string_view kind, std::string_view name) {
  return Concat({kind, " '", name, "'"});
}

// Scales to a mean of 1. What has it already, as printed by an earlier run, stays as it is to the
// last bit.
void Normalise(std::vector<double>& weights) {
  double sum = 0;
  for (double weight : weights) sum += weight;
  const double mean = sum / static_cast<double>(weights.size());
  const double difference = mean < 1 ? 1 - mean : mean - 1;
  if (difference <= kMeanTolerance) return;
  for (double& weight : weights) weight /= mean;
}

void ReadWeights(MapReader& traffic, std::string_view key, Diagnostics& diagnostics,
                 std::vector<double>& out) {
  out.assign(FindKey(ObjectNamed("traffic"), key)->count, 1.0);
  std::vector<double> weights;
  if (!traffic.Has(key) || !traffic.Numbers(key, weights)) return;
  if (std::ranges::all_of(weights, [](double weight) { return weight == 0; })) {
    diagnostics.Add(traffic.KeyPosition(key),
                    Concat({"'", key, "' must have a number above 0; leave it out for flat"}));
    return;
  }
  Normalise(weights);
  out = std::move(weights);
}

void ReadBackoff(MapReader& retries, Diagnostics& diagnostics, DependencyPolicy& policy) {
  std::optional<YamlValue> value = retries.Value("backoff");
  if (!value) return;
  const ObjectSpec& object = ObjectNamed("backoff");
  const YamlNode others{.kind = YamlNode::Kind::kMap, .position = value->position};
  const bool is_short = value->node->kind == YamlNode::Kind::kScalar;
  bool has_base = false;
  if (is_short) {
    has_base =
        retries.ShortDuration("backoff", *FindKey(object, "base"), policy.retries.backoff_base);
    value->node = &others;
  }
  MapReader backoff(*value, object, "'backoff'", retries.KeyPosition("backoff"), diagnostics);
  if (!is_short) has_base = backoff.Duration("base", policy.retries.backoff_base);
  backoff.Number("multiplier", policy.retries.backoff_multiplier);
  const bool has_max = backoff.Duration("max", policy.retries.backoff_max);
  std::size_t jitter = 0;
  if (backoff.Choice("jitter", jitter)) policy.retries.backoff_full_jitter = jitter == 0;
  if (has_base && has_max && policy.retries.backoff_max < policy.retries.backoff_base) {
    diagnostics.Add(
        backoff.KeyPosition(backoff.Has("max") ? "max" : "base"),
        Concat({"the backoff's 'max', ", FormatDuration(policy.retries.backoff_max),
                ", must not be below its 'base', ", FormatDuration(policy.retries.backoff_base)}));
  }
}

DependencyPolicy ReadDependency(const NamedValue& entry, std::string_view caller,
                                SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  DependencyPolicy policy;
  policy.service = entry.name;
  context.service_names.Check(entry.name, Concat({"a dependency of '", caller, "'"}),
                              entry.name_position, diagnostics);
  MapReader reader(entry.value, ObjectNamed("dependency"), Quoted("dependency", entry.name),
                   entry.name_position, diagnostics);
  reader.Duration("timeout", policy.timeout);
  if (const std::optional<YamlValue> value = reader.Value("retries")) {
    MapReader retries(*value, ObjectNamed("retries"), "'retries'", reader.KeyPosition("retries"),
                      diagnostics);
    retries.Whole("max", policy.retries.max);
    ReadBackoff(retries, diagnostics, policy);
  }
  std::size_t fallback = 0;
  if (reader.Choice("fallback", fallback)) {
    policy.fallback =
        fallback == 0 ? DependencyPolicy::Fallback::kFail : DependencyPolicy::Fallback::kDegrade;
  }
  return policy;
}

OwnError ReadOwnError(const NamedValue& entry, Diagnostics& diagnostics) {
  OwnError error;
  error.code = entry.name;
  MapReader reader(entry.value, ObjectNamed("error"), Quoted("error", entry.name),
                   entry.name_position, diagnostics);
  reader.Number("rate", error.rate);
  reader.Boolean("retry", error.retryable);
  reader.Messages("messages", error.messages);
  return error;
}

void CheckErrorRates(const MapReader& reader, const Service& service, Diagnostics& diagnostics) {
  double sum = 0;
  for (const OwnError& error : service.errors) sum += error.rate;
  if (sum <= 1) return;
  diagnostics.Add(reader.KeyPosition("errors"),
                  Concat({"the error rates of '", service.name, "' add up to ", FormatNumber(sum),
                          "; together at most 1"}));
}

// Messages that name a callee make sense only where there is one.
void CheckMessageSlots(const MapReader& reader, const Service& service, Diagnostics& diagnostics) {
  if (!service.dependencies.empty()) return;
  const auto check = [&](const std::vector<std::string>& messages, std::string_view key) {
    for (const std::string& text : messages) {
      const auto message = ParseMessage(text);
      if (!message.ok()) continue;
      for (MessageSlot slot : message->fills) {
        if (slot != MessageSlot::kDependency && slot != MessageSlot::kPeerHost) continue;
        const std::string_view name = slot == MessageSlot::kDependency ? "dependency" : "peer_host";
        diagnostics.Add(reader.KeyPosition(key),
                        Concat({"a message has {", name, "}, but '", service.name,
                                "' calls nobody; leave the slot out"}));
        return;
      }
    }
  };
  check(service.messages, "messages");
  for (const OwnError& error : service.errors) check(error.messages, "errors");
}

Service ReadService(const NamedValue& entry, SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  Service service;
  service.name = entry.name;
  service.log_interval = context.scenario.log_interval;
  MapReader reader(entry.value, ObjectNamed("service"), Quoted("service", entry.name),
                   entry.name_position, diagnostics);
  reader.Whole("hosts", service.hosts);
  reader.Whole("concurrency", service.concurrency);
  reader.Whole("queue", service.queue_bound);
  std::size_t balancer = 0;
  if (reader.Choice("balancer", balancer)) {
    constexpr std::array<Balancer, 3> kBalancers = {Balancer::kRandom, Balancer::kPowerOfTwo,
                                                    Balancer::kLeastOutstanding};
    service.balancer = kBalancers[balancer];
  }
  reader.Distribution("service_time", service.service_time);
  reader.Duration("slow", service.slow);
  ReadLogInterval(reader, diagnostics, service.log_interval);
  if (const std::optional<YamlValue> value = reader.Value("degraded")) {
    MapReader degraded(*value, ObjectNamed("degraded"), "'degraded'",
                       reader.KeyPosition("degraded"), diagnostics);
    degraded.Number("error_share", service.degraded_error_share);
  }
  for (const NamedValue& error : reader.Entries("errors", kOwnErrorsMax)) {
    service.errors.push_back(ReadOwnError(error, diagnostics));
  }
  CheckErrorRates(reader, service, diagnostics);
  reader.Messages("messages", service.messages);
  for (const NamedValue& dependency : reader.Entries("dependencies", kDependenciesMax)) {
    service.dependencies.push_back(ReadDependency(dependency, entry.name, context));
  }
  CheckMessageSlots(reader, service, diagnostics);
  const std::size_t host_name_length =
      service.name.size() + 1 + std::to_string(service.hosts).size();
  if (host_name_length > kNameLengthMax) {
    diagnostics.Add(entry.name_position,
                    Concat({"the host name '", service.name, "-", std::to_string(service.hosts),
                            "' has more than 63 characters; shorten the service's name"}));
  }
  return service;
}

}  // namespace

ServiceNames::ServiceNames(std::vector<std::string_view> names) : sorted_(std::move(names)) {
  std::ranges::sort(sorted_);
}

bool ServiceNames::Contains(std::string_view name) const {
  return std::ranges::binary_search(sorted_, name);
}

bool ServiceNames::Check(std::string_view name, std::string_view role, Position position,
                         Diagnostics& diagnostics) const {
  if (Contains(name)) return true;
  const std::string shown = Describe({.kind = YamlNode::Kind::kScalar, .text = std::string(name)});
  // Beyond what is ever shown, finding suggestions among thousands of names is wasted time.
  std::string hint = diagnostics.is_crowded() ? "" : DidYouMean(name, sorted_);
  if (hint.empty()) hint = "; declare it under 'services'";
  diagnostics.Add(position,
                  Concat({role, " names the service ", shown, ", which there is not", hint}));
  return false;
}

void ReadLogInterval(MapReader& reader, Diagnostics& diagnostics, sim::Duration& out) {
  sim::Duration interval;
  if (!reader.Duration("log_interval", interval)) return;
  if (interval != sim::Duration() && interval < kLogIntervalMin) {
    diagnostics.Add(reader.KeyPosition("log_interval"),
                    Concat({"'log_interval' must be 0s (never) or 100ms at least, not ",
                            FormatDuration(interval)}));
    return;
  }
  out = interval;
}

void ReadNetwork(MapReader& root, SectionContext& context) {
  const std::optional<YamlValue> value = root.Value("network");
  if (!value) return;
  MapReader network(*value, ObjectNamed("network"), "'network'", root.KeyPosition("network"),
                    context.diagnostics);
  Scenario& scenario = context.scenario;
  const bool has_latency = network.Distribution("latency", scenario.network_latency);
  const bool has_min = network.Duration("min", scenario.network_latency_min);
  if (!has_latency || !has_min) return;
  const DurationDistribution& latency = scenario.network_latency;
  const bool has_median = latency.kind == DurationDistribution::Kind::kLognormal ||
                          latency.kind == DurationDistribution::Kind::kQuantiles;
  const sim::Duration middle = has_median ? latency.p50 : latency.value;
  if (scenario.network_latency_min <= middle) return;
  context.diagnostics.Add(
      network.KeyPosition(network.Has("min") ? "min" : "latency"),
      Concat({"the network's 'min', ", FormatDuration(scenario.network_latency_min),
              ", must not be above the middle of its 'latency', ", FormatDuration(middle)}));
}

void ReadTraffic(MapReader& root, SectionContext& context) {
  const std::optional<YamlValue> value = root.Value("traffic");
  if (!value) return;
  MapReader traffic(*value, ObjectNamed("traffic"), "'traffic'", root.KeyPosition("traffic"),
                    context.diagnostics);
  ReadWeights(traffic, "daily", context.diagnostics, context.scenario.daily);
  ReadWeights(traffic, "weekly", context.diagnostics, context.scenario.weekly);
}

void ReadServices(const std::vector<NamedValue>& entries, SectionContext& context) {
  std::set<std::string_view> messages;
  for (const NamedValue& entry : entries) {
    context.scenario.services.push_back(ReadService(entry, context));
  }
  for (const Service& service : context.scenario.services) {
    messages.insert(service.messages.begin(), service.messages.end());
    for (const OwnError& error : service.errors) {
      messages.insert(error.messages.begin(), error.messages.end());
    }
  }
  if (messages.size() <= kMessagesTotalMax) return;
  context.diagnostics.Add(entries.front().name_position,
                          Concat({"the services have ", std::to_string(messages.size()),
                                  " different messages; at most ",
                                  std::to_string(kMessagesTotalMax), " are possible"}));
}

}  // namespace groundhog::model
