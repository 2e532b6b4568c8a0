// The section services.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "model/scenario/message_slots.h"
#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;

constexpr sim::Duration kLogIntervalMin = sim::Milliseconds(100);

std::string Quoted(std::string_view kind, std::string_view name) {
  return Concat({kind, " '", name, "'"});
}

OwnError ReadOwnError(const NamedValue& entry, Diagnostics& diagnostics) {
  OwnError error;
  error.code = entry.name;
  MapReader reader(entry.value, ObjectNamed("error"), Quoted("error", entry.name),
                   entry.name_position, diagnostics);
  reader.ReadFields(StructRef::To(error));
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

// What is wrong with the slot in a message of this service; empty: nothing.
std::string SlotMistake(const MessageSlotEntry& slot, const Service& service) {
  if (!slot.is_for_services) {
    return Concat({"a message has {", slot.name,
                   "}, which only the program's own messages can show; leave the slot out"});
  }
  if (slot.slot == MessageSlot::kDependency && service.dependencies.empty()) {
    return Concat({"a message has {", slot.name, "}, but '", service.name,
                   "' calls nobody; leave the slot out"});
  }
  return "";
}

void CheckMessageSlots(const MapReader& reader, const Service& service, Diagnostics& diagnostics) {
  const auto check = [&](const std::vector<std::string>& messages, std::string_view key) {
    for (const std::string& text : messages) {
      const auto message = ParseMessage(text);
      if (!message.ok()) continue;
      for (MessageSlot slot : message->fills) {
        const std::string mistake =
            SlotMistake(MessageSlots()[static_cast<std::size_t>(slot)], service);
        if (mistake.empty()) continue;
        diagnostics.Add(reader.KeyPosition(key), mistake);
        return;
      }
    }
  };
  check(service.messages, "messages");
  for (const OwnError& error : service.errors) check(error.messages, "errors");
}

void CheckZones(const MapReader& reader, const Service& service, Diagnostics& diagnostics) {
  const std::size_t hosts = static_cast<std::size_t>(service.hosts);
  if (service.zones.size() <= hosts) return;
  diagnostics.Add(reader.KeyPosition("zones"),
                  Concat({"'zones' names ", std::to_string(service.zones.size()), " zones, but '",
                          service.name, "' has ", std::to_string(hosts),
                          hosts == 1 ? " host" : " hosts", ", so some would be empty"}));
}

void CheckHostNameLength(const NamedValue& entry, const Service& service,
                         Diagnostics& diagnostics) {
  const std::optional<std::string> problem = HostNameProblem(service);
  if (!problem) return;
  diagnostics.Add(entry.name_position, Concat({*problem, "; shorten the service's name"}));
}

Service ReadService(const NamedValue& entry, SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  Service service;
  service.name = entry.name;
  service.log_interval = context.scenario.log_interval;
  MapReader reader(entry.value, ObjectNamed("service"), Quoted("service", entry.name),
                   entry.name_position, diagnostics);
  reader.ReadFields(StructRef::To(service));
  CheckZones(reader, service, diagnostics);
  CheckLogInterval(reader, service.log_interval, diagnostics);
  for (const NamedValue& error : reader.Entries("errors", kOwnErrorsMax)) {
    service.errors.push_back(ReadOwnError(error, diagnostics));
  }
  CheckErrorRates(reader, service, diagnostics);
  for (const NamedValue& dependency : reader.Entries("dependencies", kDependenciesMax)) {
    service.dependencies.push_back(ReadDependency(dependency, entry.name, context));
  }
  CheckMessageSlots(reader, service, diagnostics);
  CheckHostNameLength(entry, service, diagnostics);
  return service;
}

// The place of `async` in the file, or the override that set it.
Position AsyncPosition(const NamedValue& entry, std::string_view callee) {
  const YamlNode* dependencies = entry.value.node->Find("dependencies");
  const YamlNode* policy = dependencies == nullptr ? nullptr : dependencies->Find(callee);
  const YamlNode* is_async = policy == nullptr ? nullptr : policy->Find("async");
  return is_async == nullptr ? entry.name_position : is_async->position;
}

// An async call leaves a message, which the callee's consumers must take.
void CheckAsync(const std::vector<NamedValue>& entries, SectionContext& context) {
  std::map<std::string_view, bool> has_consumers;
  const std::vector<Service>& services = context.scenario.services;
  for (const Service& service : services)
    has_consumers[service.name] = service.consumers.has_value();
  for (std::size_t i = 0; i < services.size(); ++i) {
    for (const DependencyPolicy& policy : services[i].dependencies) {
      const auto callee = has_consumers.find(policy.service);
      if (!policy.is_async || callee == has_consumers.end() || callee->second) continue;
      context.diagnostics.Add(
          AsyncPosition(entries[i], policy.service),
          Concat({"'", services[i].name, "' leaves messages to '", policy.service,
                  "', which has no consumers to take them; add 'services.", policy.service,
                  ".consumers: {count: 4}'"}));
    }
  }
}

void CheckMessageTotal(const std::vector<NamedValue>& entries, SectionContext& context) {
  std::set<std::string_view> messages;
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

}  // namespace

void CheckLogInterval(const MapReader& reader, sim::Duration interval, Diagnostics& diagnostics) {
  if (!reader.IsRead("log_interval") || interval == sim::Duration()) return;
  if (interval >= kLogIntervalMin) return;
  diagnostics.Add(reader.KeyPosition("log_interval"),
                  Concat({"'log_interval' must be 0s (never) or ", FormatDuration(kLogIntervalMin),
                          " at least, not ", FormatDuration(interval)}));
}

std::optional<std::string> HostNameProblem(const Service& service) {
  const std::string name = Concat({service.name, "-", std::to_string(service.hosts)});
  if (name.size() <= kNameLengthMax) return std::nullopt;
  return Concat(
      {"the host name '", name, "' has more than ", std::to_string(kNameLengthMax), " characters"});
}

void ReadServices(const std::vector<NamedValue>& entries, SectionContext& context) {
  std::vector<Service>& services = context.scenario.services;
  for (const NamedValue& entry : entries) services.push_back(ReadService(entry, context));
  CheckAsync(entries, context);
  CheckMessageTotal(entries, context);
  std::vector<std::string_view> zones;
  for (const Service& service : services) {
    zones.insert(zones.end(), service.zones.begin(), service.zones.end());
  }
  context.zone_names = KnownNames("zone", "put a service there with 'zones'", zones);
  if (context.zone_names.size() <= kZonesMax) return;
  context.diagnostics.Add(entries.front().name_position,
                          Concat({"the services are in ", std::to_string(context.zone_names.size()),
                                  " zones; at most ", std::to_string(kZonesMax), " are possible"}));
}

}  // namespace groundhog::model
