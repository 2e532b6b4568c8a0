// Services, their hosts and their dependencies as text.
#include "model/scenario/print/parts.h"
#include "model/scenario/units.h"

namespace groundhog::model {
namespace {

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

void WriteMessages(LineWriter& writer, int depth, const std::vector<std::string>& messages) {
  writer.Line(depth, {"messages:"});
  for (const std::string& message : messages) {
    writer.Line(depth + 1, {"- ", QuotedText(message)});
  }
}

void WriteShedding(LineWriter& writer, const SheddingPolicy& shedding) {
  if (!shedding.concurrency_limit && !shedding.queue_delay) return;
  writer.Line(2, {"shedding:"});
  if (shedding.concurrency_limit) {
    writer.Line(3, {"concurrency_limit: ", std::to_string(*shedding.concurrency_limit)});
  }
  if (!shedding.queue_delay) return;
  writer.Line(3, {"queue_delay: ", FormatDuration(*shedding.queue_delay)});
  writer.Line(3, {"window: ", FormatDuration(shedding.window)});
}

void WriteHosts(LineWriter& writer, const Service& service) {
  writer.Line(2, {"hosts: ", std::to_string(service.hosts)});
  if (!service.zones.empty()) {
    writer.Line(2, {"zones: ", NamesText(service.zones)});
    writer.Line(2, {"prefer_own_zone: ", BooleanText(service.prefers_own_zone)});
  }
  writer.Line(2, {"concurrency: ", std::to_string(service.concurrency)});
  writer.Line(2, {"queue: ", std::to_string(service.queue_bound)});
  if (service.queue_timeout) {
    writer.Line(2, {"queue_timeout: ", FormatDuration(*service.queue_timeout)});
  }
  writer.Line(2, {"balancer: ", BalancerText(service.balancer)});
  WriteShedding(writer, service.shedding);
  if (const auto& warm_up = service.warm_up) {
    writer.Line(2, {"warm_up: {for: ", FormatDuration(warm_up->duration),
                    ", factor: ", FormatNumber(warm_up->factor), "}"});
  }
  if (const auto& check = service.health_check) {
    writer.Line(2, {"health_check: {interval: ", FormatDuration(check->interval),
                    ", unhealthy_after: ", std::to_string(check->unhealthy_after),
                    ", healthy_after: ", std::to_string(check->healthy_after), "}"});
  }
  if (const auto& consumers = service.consumers) {
    writer.Line(2, {"consumers: {count: ", std::to_string(consumers->count),
                    ", queue: ", std::to_string(consumers->queue_bound),
                    ", deadline: ", FormatDuration(consumers->deadline), "}"});
  }
  writer.Line(2, {"time_limit: ", FormatDuration(service.time_limit)});
}

void WriteDependency(LineWriter& writer, const DependencyPolicy& policy) {
  writer.Line(3, {NameText(policy.service), ":"});
  if (policy.is_async) {
    writer.Line(4, {"async: true"});
    return;
  }
  writer.Line(4, {"timeout: ", FormatDuration(policy.timeout)});
  WriteRetries(writer, 4, policy.retries);
  const bool fails = policy.fallback == DependencyPolicy::Fallback::kFail;
  writer.Line(4, {"fallback: ", fails ? "fail" : "degrade"});
  if (const auto& breaker = policy.breaker) {
    writer.Line(4, {"breaker: {failure_rate: ", FormatNumber(breaker->failure_rate),
                    ", window: ", FormatDuration(breaker->window),
                    ", calls_min: ", std::to_string(breaker->calls_min),
                    ", open: ", FormatDuration(breaker->open_time),
                    ", probes: ", std::to_string(breaker->probes), "}"});
  }
  writer.Line(4, {"propagate_deadline: ", BooleanText(policy.propagates_deadline)});
  writer.Line(4, {"cancel: ", BooleanText(policy.cancels)});
}

}  // namespace

void WriteService(LineWriter& writer, const Service& service) {
  writer.Line(1, {NameText(service.name), ":"});
  WriteHosts(writer, service);
  writer.Line(2, {"service_time: ", DistributionText(service.service_time)});
  if (service.slow) writer.Line(2, {"slow: ", FormatDuration(*service.slow)});
  writer.Line(2, {"log_interval: ", FormatDuration(service.log_interval)});
  writer.Line(2, {"degraded: {error_share: ", FormatNumber(service.degraded_error_share), "}"});
  if (!service.errors.empty()) writer.Line(2, {"errors:"});
  for (const OwnError& error : service.errors) {
    writer.Line(3, {error.code, ":"});
    writer.Line(4, {"rate: ", FormatNumber(error.rate)});
    writer.Line(4, {"retry: ", BooleanText(error.retryable)});
    WriteMessages(writer, 4, error.messages);
  }
  WriteMessages(writer, 2, service.messages);
  if (!service.dependencies.empty()) writer.Line(2, {"dependencies:"});
  for (const DependencyPolicy& policy : service.dependencies) WriteDependency(writer, policy);
}

}  // namespace groundhog::model
