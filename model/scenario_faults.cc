// The section faults.
#include <algorithm>
#include <array>
#include <utility>

#include "model/concat.h"
#include "model/scenario_sections.h"
#include "model/scenario_units.h"

namespace groundhog::model {
namespace {

constexpr sim::Duration kDay = sim::Hours(24);

void RefuseKey(const MapReader& reader, std::string_view key, std::string_view kinds,
               Diagnostics& diagnostics) {
  if (!reader.Has(key)) return;
  diagnostics.Add(reader.KeyPosition(key),
                  Concat({"'", key, "' belongs to faults of kind ", kinds, "; leave it out"}));
}

void RequireKey(const MapReader& reader, std::string_view key, std::string_view kind,
                Position position, Diagnostics& diagnostics) {
  if (reader.Has(key)) return;
  diagnostics.Add(position, Concat({"a fault of kind ", kind, " needs the key '", key, "'"}));
}

// The keys that depend on the kind.
void ReadStrength(MapReader& reader, Position position, Diagnostics& diagnostics, Fault& fault) {
  std::size_t kind = 0;
  if (!reader.Choice("kind", kind)) return;
  constexpr std::array<Fault::Kind, 3> kKinds = {Fault::Kind::kOutage, Fault::Kind::kLatency,
                                                 Fault::Kind::kErrorRate};
  fault.kind = kKinds[kind];
  switch (fault.kind) {
    case Fault::Kind::kOutage:
      fault.rate = 1;
      RefuseKey(reader, "factor", "latency", diagnostics);
      RefuseKey(reader, "code", "error_rate", diagnostics);
      break;
    case Fault::Kind::kLatency:
      RefuseKey(reader, "rate", "outage and error_rate", diagnostics);
      RefuseKey(reader, "code", "error_rate", diagnostics);
      RequireKey(reader, "factor", "latency", position, diagnostics);
      break;
    case Fault::Kind::kErrorRate:
      RefuseKey(reader, "factor", "latency", diagnostics);
      RequireKey(reader, "rate", "error_rate", position, diagnostics);
      break;
    default:
      break;
  }
  reader.Number("factor", fault.factor);
  reader.Number("rate", fault.rate);
  reader.Code("code", fault.code);
}

void ReadSchedule(MapReader& reader, Position position, SectionContext& context, Fault& fault) {
  Diagnostics& diagnostics = context.diagnostics;
  const bool has_time_of_day = reader.Has("time_of_day");
  if (reader.Has("at") == has_time_of_day) {
    diagnostics.Add(
        has_time_of_day ? reader.KeyPosition("time_of_day") : position,
        Concat({"fault '", fault.name, "' needs exactly one of 'at' and 'time_of_day'"}));
  }
  reader.Duration("at", fault.at);
  sim::Duration time_of_day;
  if (reader.TimeOfDay("time_of_day", time_of_day)) {
    const sim::Duration start = TimeOfDay(context.scenario.start_unix_nanoseconds);
    fault.at = (time_of_day - start + kDay) % kDay;
  }
  const bool has_length = reader.Duration("for", fault.duration);
  const bool repeats = reader.Duration("every", fault.every);
  if (has_length && repeats && fault.every < fault.duration) {
    diagnostics.Add(
        reader.KeyPosition("every"),
        Concat({"'every', ", FormatDuration(fault.every), ", must not be below 'for', ",
                FormatDuration(fault.duration), ": a fault cannot begin again before it ends"}));
  }
}

void ReadTarget(MapReader& reader, SectionContext& context, Fault& fault) {
  Diagnostics& diagnostics = context.diagnostics;
  const std::optional<YamlValue> target = reader.Value("target");
  if (target && target->node->kind == YamlNode::Kind::kScalar) {
    fault.target = target->node->text;
    context.service_names.Check(fault.target, Concat({"fault '", fault.name, "'"}),
                                target->position, diagnostics);
  } else if (target) {
    diagnostics.Add(target->position, Concat({"'target' must be the name of a service, not ",
                                              Describe(*target->node)}));
  }
  if (!reader.Wholes("hosts", fault.hosts)) return;
  if (fault.hosts.empty()) {
    diagnostics.Add(reader.KeyPosition("hosts"), "'hosts' must not be empty; leave it out for all");
  }
  const auto service = std::ranges::find(context.scenario.services, fault.target, &Service::name);
  if (service == context.scenario.services.end()) return;
  std::ranges::sort(fault.hosts);
  const auto repeated = std::ranges::adjacent_find(fault.hosts);
  if (repeated != fault.hosts.end()) {
    diagnostics.Add(reader.KeyPosition("hosts"),
                    Concat({"'hosts' names host ", std::to_string(*repeated), " twice"}));
  }
  if (!fault.hosts.empty() && fault.hosts.back() > service->hosts) {
    diagnostics.Add(reader.KeyPosition("hosts"),
                    Concat({"'hosts' names host ", std::to_string(fault.hosts.back()), ", but '",
                            fault.target, "' has ", std::to_string(service->hosts)}));
  }
}

}  // namespace

void ReadFaults(MapReader& root, SectionContext& context) {
  for (const NamedValue& entry : root.Entries("faults", kFaultsMax)) {
    Fault fault;
    fault.name = entry.name;
    MapReader reader(entry.value, ObjectNamed("fault"), Concat({"fault '", entry.name, "'"}),
                     entry.name_position, context.diagnostics);
    if (reader.is_map()) {
      ReadStrength(reader, entry.name_position, context.diagnostics, fault);
      ReadTarget(reader, context, fault);
      ReadSchedule(reader, entry.name_position, context, fault);
    }
    context.scenario.faults.push_back(std::move(fault));
  }
}

}  // namespace groundhog::model
