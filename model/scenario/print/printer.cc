#include "model/scenario/print/printer.h"

#include <string_view>
#include <vector>

#include "model/scenario/print/parts.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::FormatDuration;

void WriteNetwork(LineWriter& writer, const Scenario& scenario) {
  writer.Line(0, {"network:"});
  WriteFields(writer, 1, ObjectNamed("network"), StructRef::To(scenario));
  if (!scenario.zone_links.empty()) writer.Line(1, {"links:"});
  for (const ZoneLink& link : scenario.zone_links) {
    writer.Line(2, {"- {between: ", NamesText({link.one, link.other}),
                    ", latency: ", DistributionText(link.latency), "}"});
  }
}

void WriteBurst(LineWriter& writer, const Burst& burst) {
  writer.Line(2, {NameText(burst.name), ":"});
  if (!burst.journeys.empty()) writer.Line(3, {"journeys: ", NamesText(burst.journeys)});
  writer.Line(3, {BeginText(burst.at, burst.time_of_day)});
  writer.Line(3, {"for: ", FormatDuration(burst.duration)});
  if (burst.every != sim::Duration()) writer.Line(3, {"every: ", FormatDuration(burst.every)});
  writer.Line(3, {"ramp: ", FormatDuration(burst.ramp)});
  WriteFields(writer, 3, ObjectNamed("burst"), StructRef::To(burst));
}

void WriteTraffic(LineWriter& writer, const Scenario& scenario) {
  writer.Line(0, {"traffic:"});
  WriteFields(writer, 1, ObjectNamed("traffic"), StructRef::To(scenario));
  if (!scenario.bursts.empty()) writer.Line(1, {"bursts:"});
  for (const Burst& burst : scenario.bursts) WriteBurst(writer, burst);
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
  for (const Fault& fault : scenario.faults) WriteFault(writer, fault);
  return writer.Take();
}

}  // namespace groundhog::model
