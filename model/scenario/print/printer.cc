#include "model/scenario/print/printer.h"

#include <string_view>
#include <vector>

#include "model/scenario/print/parts.h"

namespace groundhog::model {
namespace {

void WriteNetwork(LineWriter& writer, const Scenario& scenario) {
  writer.Line(0, {"network:"});
  WriteFields(writer, 1, ObjectNamed("network"), StructRef::To(scenario));
  if (!scenario.zone_links.empty()) writer.Line(1, {"links:"});
  for (const ZoneLink& link : scenario.zone_links) {
    writer.Line(2, {"- {between: ", NamesText({link.one, link.other}),
                    ", latency: ", DistributionText(link.latency), "}"});
  }
}

// An entry of a map by name; the table binds all keys of its `object`.
template <class Struct>
void WriteEntry(LineWriter& writer, int depth, std::string_view object, const Struct& entry) {
  writer.Line(depth, {NameText(entry.name), ":"});
  WriteFields(writer, depth + 1, ObjectNamed(object), StructRef::To(entry));
}

void WriteTraffic(LineWriter& writer, const Scenario& scenario) {
  writer.Line(0, {"traffic:"});
  WriteFields(writer, 1, ObjectNamed("traffic"), StructRef::To(scenario));
  if (!scenario.bursts.empty()) writer.Line(1, {"bursts:"});
  for (const Burst& burst : scenario.bursts) WriteEntry(writer, 2, "burst", burst);
}

}  // namespace

std::string ScenarioText(const Scenario& scenario) {
  LineWriter writer;
  WriteFields(writer, 0, ObjectNamed("scenario"), StructRef::To(scenario));
  WriteNetwork(writer, scenario);
  WriteTraffic(writer, scenario);
  writer.Line(0, {"services:"});
  for (const Service& service : scenario.services) WriteService(writer, service);
  if (!scenario.journeys.empty()) writer.Line(0, {"journeys:"});
  for (const Journey& journey : scenario.journeys) WriteJourney(writer, journey);
  if (!scenario.users.empty()) writer.Line(0, {"users:"});
  for (const UserPopulation& users : scenario.users) WriteUsers(writer, users);
  if (!scenario.faults.empty()) writer.Line(0, {"faults:"});
  for (const Fault& fault : scenario.faults) WriteEntry(writer, 1, "fault", fault);
  if (!scenario.claims.empty()) writer.Line(0, {"expect:"});
  for (const Claim& claim : scenario.claims) WriteEntry(writer, 1, "expectation", claim);
  return writer.Take();
}

}  // namespace groundhog::model
