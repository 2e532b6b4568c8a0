#include "model/scenario/print/printer.h"

#include <string_view>
#include <vector>

#include "model/scenario/print/parts.h"
#include "model/scenario/units.h"

namespace groundhog::model {
namespace {

std::string RunDurationText(sim::Duration duration) {
  return duration == sim::Duration::Max() ? "forever" : FormatDuration(duration);
}

std::string NumbersText(const std::vector<double>& numbers) {
  std::string text = "[";
  for (double number : numbers) {
    if (text.size() > 1) text += ", ";
    text += FormatNumber(number);
  }
  return text + "]";
}

void WriteNetwork(LineWriter& writer, const Scenario& scenario) {
  writer.Line(0, {"network:"});
  writer.Line(1, {"latency: ", DistributionText(scenario.network_latency)});
  writer.Line(1, {"min: ", FormatDuration(scenario.network_latency_min)});
  if (scenario.cross_zone_latency) {
    writer.Line(1, {"cross_zone: ", DistributionText(*scenario.cross_zone_latency)});
  }
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
  writer.Line(3, {"factor: ", FormatNumber(burst.factor)});
}

void WriteTraffic(LineWriter& writer, const Scenario& scenario) {
  writer.Line(0, {"traffic:"});
  writer.Line(1, {"daily: ", NumbersText(scenario.daily)});
  writer.Line(1, {"weekly: ", NumbersText(scenario.weekly)});
  if (!scenario.bursts.empty()) writer.Line(1, {"bursts:"});
  for (const Burst& burst : scenario.bursts) WriteBurst(writer, burst);
}

}  // namespace

std::string ScenarioText(const Scenario& scenario) {
  LineWriter writer;
  writer.Line(0, {"name: ", NameText(scenario.name)});
  writer.Line(0, {"description: ", QuotedText(scenario.description)});
  writer.Line(0, {"seed: ", std::to_string(scenario.seed)});
  writer.Line(0, {"start: ", FormatTimestamp(scenario.start_unix_nanoseconds)});
  writer.Line(0, {"duration: ", RunDurationText(scenario.duration)});
  writer.Line(0, {"log_interval: ", FormatDuration(scenario.log_interval)});
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
