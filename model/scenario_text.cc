#include "model/scenario_text.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/concat.h"
#include "model/scenario_units.h"

namespace groundhog::model {
namespace {

using sim::Duration;

// Writes lines at a depth of indentation.
class Writer {
 public:
  void Line(int depth, std::initializer_list<std::string_view> pieces) {
    text_.append(static_cast<std::size_t>(depth) * 2, ' ');
    text_ += Concat(pieces);
    text_ += '\n';
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// YAML takes a bare null for nothing; every other name is a plain word.
std::string NameText(std::string_view name) {
  return name == "null" ? Quoted(name) : std::string(name);
}

std::string RunDurationText(Duration duration) {
  return duration == Duration::Max() ? "forever" : FormatDuration(duration);
}

std::string DistributionText(const DurationDistribution& distribution) {
  using Kind = DurationDistribution::Kind;
  switch (distribution.kind) {
    case Kind::kConstant:
      return FormatDuration(distribution.value);
    case Kind::kExponential:
      return Concat({"{exponential: ", FormatDuration(distribution.value), "}"});
    case Kind::kLognormal:
      return Concat({"{lognormal: {p50: ", FormatDuration(distribution.p50),
                     ", sigma: ", FormatNumber(distribution.sigma), "}}"});
    case Kind::kMixture:
    case Kind::kQuantiles:
      break;
  }
  std::string text = Concat({"{p50: ", FormatDuration(distribution.p50)});
  if (distribution.p95) text += Concat({", p95: ", FormatDuration(*distribution.p95)});
  text += Concat({", p99: ", FormatDuration(distribution.p99)});
  if (distribution.max) text += Concat({", max: ", FormatDuration(*distribution.max)});
  return text + "}";
}

std::string_view BalancerText(Balancer balancer) {
  switch (balancer) {
    case Balancer::kRandom:
      return "random";
    case Balancer::kPowerOfTwo:
      return "power_of_two";
    case Balancer::kLeastOutstanding:
      return "least_outstanding";
    case Balancer::kRoundRobin:
      return "round_robin";
  }
  return "";
}

std::string NumbersText(const std::vector<double>& numbers) {
  std::string text = "[";
  for (double number : numbers) {
    if (text.size() > 1) text += ", ";
    text += FormatNumber(number);
  }
  return text + "]";
}

void WriteMessages(Writer& writer, int depth, const std::vector<std::string>& messages) {
  writer.Line(depth, {"messages:"});
  for (const std::string& message : messages) writer.Line(depth + 1, {"- ", Quoted(message)});
}

void WriteDependency(Writer& writer, const DependencyPolicy& policy) {
  writer.Line(3, {NameText(policy.service), ":"});
  writer.Line(4, {"timeout: ", FormatDuration(policy.timeout)});
  writer.Line(4, {"retries:"});
  writer.Line(5, {"max: ", std::to_string(policy.retries.max)});
  writer.Line(5, {"backoff: {base: ", FormatDuration(policy.retries.backoff_base),
                  ", multiplier: ", FormatNumber(policy.retries.backoff_multiplier),
                  ", max: ", FormatDuration(policy.retries.backoff_max),
                  ", jitter: ", policy.retries.backoff_full_jitter ? "full" : "none", "}"});
  const bool fails = policy.fallback == DependencyPolicy::Fallback::kFail;
  writer.Line(4, {"fallback: ", fails ? "fail" : "degrade"});
}

void WriteService(Writer& writer, const Service& service) {
  writer.Line(1, {NameText(service.name), ":"});
  writer.Line(2, {"hosts: ", std::to_string(service.hosts)});
  writer.Line(2, {"concurrency: ", std::to_string(service.concurrency)});
  writer.Line(2, {"queue: ", std::to_string(service.queue_bound)});
  writer.Line(2, {"balancer: ", BalancerText(service.balancer)});
  writer.Line(2, {"service_time: ", DistributionText(service.service_time)});
  if (service.slow) writer.Line(2, {"slow: ", FormatDuration(*service.slow)});
  writer.Line(2, {"log_interval: ", FormatDuration(service.log_interval)});
  writer.Line(2, {"degraded: {error_share: ", FormatNumber(service.degraded_error_share), "}"});
  if (!service.errors.empty()) writer.Line(2, {"errors:"});
  for (const OwnError& error : service.errors) {
    writer.Line(3, {error.code, ":"});
    writer.Line(4, {"rate: ", FormatNumber(error.rate)});
    writer.Line(4, {"retry: ", error.retryable ? "true" : "false"});
    WriteMessages(writer, 4, error.messages);
  }
  WriteMessages(writer, 2, service.messages);
  if (!service.dependencies.empty()) writer.Line(2, {"dependencies:"});
  for (const DependencyPolicy& policy : service.dependencies) WriteDependency(writer, policy);
}

void WriteCall(Writer& writer, int depth, const Call& call, std::string_view dash) {
  writer.Line(depth, {dash, "service: ", NameText(call.service)});
  const int inner = dash.empty() ? depth : depth + 1;
  // An entry, which has no dash, is always made.
  if (!dash.empty()) writer.Line(inner, {"probability: ", FormatNumber(call.probability)});
  if (call.calls.empty()) return;
  writer.Line(inner, {"calls:"});
  for (const Call& callee : call.calls) WriteCall(writer, inner + 1, callee, "- ");
}

void WriteJourney(Writer& writer, const Journey& journey) {
  writer.Line(1, {NameText(journey.name), ":"});
  writer.Line(2, {"rate: ", FormatRate(journey.rate_per_second)});
  writer.Line(2, {"deadline: ", FormatDuration(journey.deadline)});
  writer.Line(2, {"entry:"});
  WriteCall(writer, 3, journey.root, "");
}

void WriteFault(Writer& writer, const Fault& fault) {
  writer.Line(1, {NameText(fault.name), ":"});
  switch (fault.kind) {
    case Fault::Kind::kOutage:
      writer.Line(2, {"kind: outage"});
      writer.Line(2, {"rate: ", FormatNumber(fault.rate)});
      break;
    case Fault::Kind::kLatency:
      writer.Line(2, {"kind: latency"});
      writer.Line(2, {"factor: ", FormatNumber(fault.factor)});
      break;
    case Fault::Kind::kErrorRate:
      writer.Line(2, {"kind: error_rate"});
      writer.Line(2, {"rate: ", FormatNumber(fault.rate)});
      writer.Line(2, {"code: ", fault.code});
      break;
    default:
      break;
  }
  writer.Line(2, {"target: ", NameText(fault.target)});
  if (!fault.hosts.empty()) {
    std::string hosts;
    for (int host : fault.hosts) hosts += Concat({hosts.empty() ? "" : ", ", std::to_string(host)});
    writer.Line(2, {"hosts: [", hosts, "]"});
  }
  writer.Line(2, {"at: ", FormatDuration(fault.at)});
  writer.Line(2, {"for: ", FormatDuration(fault.duration)});
  if (fault.every != Duration()) writer.Line(2, {"every: ", FormatDuration(fault.every)});
}

}  // namespace

std::string ScenarioText(const Scenario& scenario) {
  Writer writer;
  writer.Line(0, {"name: ", NameText(scenario.name)});
  writer.Line(0, {"description: ", Quoted(scenario.description)});
  writer.Line(0, {"seed: ", std::to_string(scenario.seed)});
  writer.Line(0, {"start: ", FormatTimestamp(scenario.start_unix_nanoseconds)});
  writer.Line(0, {"duration: ", RunDurationText(scenario.duration)});
  writer.Line(0, {"log_interval: ", FormatDuration(scenario.log_interval)});
  writer.Line(0, {"network:"});
  writer.Line(1, {"latency: ", DistributionText(scenario.network_latency)});
  writer.Line(1, {"min: ", FormatDuration(scenario.network_latency_min)});
  writer.Line(0, {"traffic:"});
  writer.Line(1, {"daily: ", NumbersText(scenario.daily)});
  writer.Line(1, {"weekly: ", NumbersText(scenario.weekly)});
  writer.Line(0, {"services:"});
  for (const Service& service : scenario.services) WriteService(writer, service);
  if (!scenario.journeys.empty()) writer.Line(0, {"journeys:"});
  for (const Journey& journey : scenario.journeys) WriteJourney(writer, journey);
  if (!scenario.faults.empty()) writer.Line(0, {"faults:"});
  for (const Fault& fault : scenario.faults) WriteFault(writer, fault);
  return writer.Take();
}

}  // namespace groundhog::model
