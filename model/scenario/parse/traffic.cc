// The sections network and traffic.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;

constexpr double kMeanTolerance = 1e-12;

// Scales to a mean of 1. Weights that have this mean already, such as those that an earlier run
// printed, do not change by a single bit.
void Normalise(std::vector<double>& weights) {
  double sum = 0;
  for (double weight : weights) sum += weight;
  const double mean = sum / static_cast<double>(weights.size());
  const double difference = mean < 1 ? 1 - mean : mean - 1;
  if (difference <= kMeanTolerance) return;
  for (double& weight : weights) weight /= mean;
}

// Checks and scales the weights that were read; flat ones if there were none.
void FinishWeights(const MapReader& traffic, std::string_view key, Diagnostics& diagnostics,
                   std::vector<double>& weights) {
  if (!traffic.IsRead(key)) {
    weights.assign(FindKey(ObjectNamed("traffic"), key)->count, 1.0);
  } else if (std::ranges::all_of(weights, [](double weight) { return weight == 0; })) {
    diagnostics.Add(traffic.KeyPosition(key),
                    Concat({"'", key, "' must have a number above 0; leave it out for flat"}));
  } else {
    Normalise(weights);
  }
}

// What `min` is compared with: the median; the only value if there is no median; of a mixture, the
// least of its parts.
sim::Duration MiddleOf(const DurationDistribution& latency) {
  switch (latency.kind) {
    case DurationDistribution::Kind::kLognormal:
    case DurationDistribution::Kind::kQuantiles:
      return latency.p50;
    case DurationDistribution::Kind::kConstant:
    case DurationDistribution::Kind::kExponential:
      return latency.value;
    case DurationDistribution::Kind::kMixture:
      break;
  }
  sim::Duration least = sim::Duration::Max();
  for (const DurationDistribution& part : latency.parts) least = std::min(least, MiddleOf(part));
  return least;
}

void CheckMinimum(const Scenario& scenario, const DurationDistribution& latency,
                  std::string_view what, Position position, Diagnostics& diagnostics) {
  const sim::Duration middle = MiddleOf(latency);
  if (scenario.network_latency_min <= middle) return;
  diagnostics.Add(
      position, Concat({"the network's 'min', ", FormatDuration(scenario.network_latency_min),
                        ", must not be above the middle of ", what, ", ", FormatDuration(middle)}));
}

// The two zones of a link; false: not valid (reported).
bool ReadBetween(MapReader& reader, SectionContext& context, ZoneLink& link) {
  const std::vector<PlacedName>& zones = reader.NameList("between");
  bool is_known = true;
  for (const PlacedName& zone : zones) {
    is_known &= context.zone_names.Check(zone, "a link", context.diagnostics);
  }
  if (zones.size() == 2) {
    link.one = zones[0].name;
    link.other = zones[1].name;
    return is_known;
  }
  if (is_known && !zones.empty()) {
    context.diagnostics.Add(
        reader.KeyPosition("between"),
        Concat({"'between' must name two zones, not ", std::to_string(zones.size())}));
  }
  return false;
}

void ReadLinks(MapReader& network, SectionContext& context) {
  const auto links = network.List("links");
  if (!links) return;
  std::set<std::pair<std::string, std::string>> seen;
  for (const YamlValue& value : *links) {
    ZoneLink link;
    MapReader reader(value, ObjectNamed("link"), "a link", value.position, context.diagnostics);
    if (!reader.is_map()) continue;
    const bool has_zones = ReadBetween(reader, context, link);
    reader.ReadFields(StructRef::To(link));
    if (reader.IsRead("latency")) {
      CheckMinimum(context.scenario, link.latency, "a link's 'latency'",
                   reader.KeyPosition("latency"), context.diagnostics);
    }
    if (!has_zones) continue;
    if (!seen.insert(std::minmax(link.one, link.other)).second) {
      context.diagnostics.Add(value.position,
                              Concat({"there is a link between '", link.one, "' and '", link.other,
                                      "' already; keep one of them"}));
    }
    context.scenario.zone_links.push_back(std::move(link));
  }
}

Burst ReadBurst(const NamedValue& entry, SectionContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  const std::string subject = Concat({"burst '", entry.name, "'"});
  Burst burst;
  burst.name = entry.name;
  MapReader reader(entry.value, ObjectNamed("burst"), subject, entry.name_position, diagnostics);
  if (!reader.is_map()) return burst;
  ReadScheduled(reader, subject, entry.name_position, context, burst);
  const std::vector<Journey>& journeys = context.scenario.journeys;
  for (const PlacedName& name : reader.NameList("journeys")) {
    if (!context.journey_names.Check(name, subject, diagnostics)) continue;
    CheckHasRate(journeys[*context.journey_names.IndexOf(name.name)], name.position, diagnostics);
  }
  return burst;
}

}  // namespace

void CheckHasRate(const Journey& journey, Position position, Diagnostics& diagnostics) {
  if (journey.rate_per_second > 0) return;
  diagnostics.Add(position, Concat({"journey '", journey.name,
                                    "' has a rate of 0/s, so there is nothing to multiply; give it "
                                    "a rate, or leave it out here"}));
}

void ReadNetwork(MapReader& root, SectionContext& context) {
  const std::optional<YamlValue> value = root.Value("network");
  if (!value) return;
  Diagnostics& diagnostics = context.diagnostics;
  MapReader network(*value, ObjectNamed("network"), "'network'", root.KeyPosition("network"),
                    diagnostics);
  Scenario& scenario = context.scenario;
  network.ReadFields(StructRef::To(scenario));
  if (!network.IsRead("min")) return;
  const Position minimum = network.KeyPosition(network.Has("min") ? "min" : "latency");
  if (network.IsRead("latency")) {
    CheckMinimum(scenario, scenario.network_latency, "its 'latency'", minimum, diagnostics);
  }
  if (scenario.cross_zone_latency) {
    CheckMinimum(scenario, *scenario.cross_zone_latency, "its 'cross_zone'",
                 network.KeyPosition("cross_zone"), diagnostics);
  }
  ReadLinks(network, context);
}

void ReadTraffic(MapReader& root, SectionContext& context) {
  const std::optional<YamlValue> value = root.Value("traffic");
  if (!value) return;
  MapReader traffic(*value, ObjectNamed("traffic"), "'traffic'", root.KeyPosition("traffic"),
                    context.diagnostics);
  Scenario& scenario = context.scenario;
  traffic.ReadFields(StructRef::To(scenario));
  FinishWeights(traffic, "daily", context.diagnostics, scenario.daily);
  FinishWeights(traffic, "weekly", context.diagnostics, scenario.weekly);
  for (const NamedValue& burst : traffic.Entries("bursts", kBurstsMax)) {
    scenario.bursts.push_back(ReadBurst(burst, context));
  }
}

}  // namespace groundhog::model
