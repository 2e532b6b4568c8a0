#include "model/scenario/parse/parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/scenario/diagnostics.h"
#include "model/scenario/keys/keys.h"
#include "model/scenario/parse/map_reader.h"
#include "model/scenario/parse/sections.h"
#include "model/scenario/yaml_tree.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/suggestion.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatRate;
using text::ParseWhole;

void ReadRoot(const YamlNode& tree, Diagnostics& diagnostics, Scenario& scenario) {
  const YamlValue whole{.node = &tree, .position = tree.position};
  if (tree.kind == YamlNode::Kind::kNull) {
    diagnostics.Add(tree.position, "there is no scenario here; see docs/SCENARIO.md");
    return;
  }
  MapReader root(whole, ObjectNamed("scenario"), "a scenario", tree.position, diagnostics);
  if (!root.is_map()) return;
  root.ReadFields(StructRef::To(scenario));
  CheckLogInterval(root, scenario.log_interval, diagnostics);
  const std::vector<NamedValue> services = root.Entries("services", kServicesMax);
  std::vector<std::string_view> names;
  for (const NamedValue& service : services) names.push_back(service.name);
  SectionContext context{.diagnostics = diagnostics,
                         .service_names = KnownNames("service", "declare it under 'services'",
                                                     names, tree.Find("services")),
                         .zone_names = KnownNames("zone", "", {}),
                         .journey_names = KnownNames("journey", "", {}),
                         .fault_names = KnownNames("fault", "", {}),
                         .scenario = scenario};
  ReadServices(services, context);
  ReadNetwork(root, context);
  ReadJourneys(root, context);
  ReadTraffic(root, context);
  ReadUsers(root, context);
  ReadFaults(root, tree.Find("faults"), context);
  ReadClaims(root, context);
  const YamlNode* given = tree.Find("services");
  if (given != nullptr && given->items.empty() && given->kind != YamlNode::Kind::kRefused) {
    diagnostics.Add(root.KeyPosition("services"), "'services' needs one service at least");
  }
}

void RemoveFault(std::string_view name, Position position, Scenario& scenario,
                 std::vector<std::string>& removed, Diagnostics& diagnostics) {
  const auto fault = std::ranges::find(scenario.faults, name, &Fault::name);
  if (fault != scenario.faults.end()) {
    removed.emplace_back(name);
    scenario.faults.erase(fault);
    std::erase_if(scenario.claims, [name](const Claim& claim) {
      return claim.during == name || claim.after == name;
    });
    return;
  }
  if (std::ranges::find(removed, name) != removed.end()) return;  // twice is as good as once
  std::vector<std::string_view> names;
  for (const Fault& candidate : scenario.faults) names.push_back(candidate.name);
  std::string hint = text::DidYouMean(name, names);
  if (hint.empty() && names.empty()) hint = "; the scenario has no faults";
  if (hint.empty()) {
    hint = "; its faults are";
    for (std::string_view known : names) hint += Concat({known == names[0] ? " " : ", ", known});
  }
  diagnostics.Add(position, Concat({"there is no such fault", hint}));
}

// Traffic, capacity, the hosts that a fault hits and the records that are expected grow by the same
// factor: host h becomes the hosts (h - 1) * factor + 1 to h * factor.
void ScaleBy(int factor, Scenario& scenario) {
  for (Service& service : scenario.services) service.hosts *= factor;
  for (Journey& journey : scenario.journeys) journey.rate_per_second *= factor;
  for (UserPopulation& users : scenario.users) users.count *= factor;
  for (Fault& fault : scenario.faults) {
    std::vector<int> hosts;
    for (int host : fault.hosts) {
      for (int i = 1; i <= factor; ++i) hosts.push_back((host - 1) * factor + i);
    }
    fault.hosts = std::move(hosts);
    if (fault.kind != Fault::Kind::kDeploy) continue;
    // The deploy takes as long as before. A number above that of all hosts means all of them.
    fault.at_once = std::min(fault.at_once * factor, static_cast<int>(kHostsMax));
  }
  for (Claim& claim : scenario.claims) {
    if (!claim.records) continue;
    for (std::optional<std::uint64_t>* bound :
         {&claim.records->at_least, &claim.records->at_most}) {
      if (*bound) **bound *= static_cast<std::uint64_t>(factor);
    }
  }
}

std::uint64_t HostTotal(const Scenario& scenario) {
  std::uint64_t hosts = 0;
  for (const Service& service : scenario.services) {
    hosts += static_cast<std::uint64_t>(service.hosts);
  }
  return hosts;
}

std::uint64_t UserTotal(const Scenario& scenario) {
  std::uint64_t total = 0;
  for (const UserPopulation& users : scenario.users) {
    total += static_cast<std::uint64_t>(users.count);
  }
  return total;
}

// Reports what scaling made impossible, besides too many hosts and users.
void CheckScaled(Position position, const Scenario& scenario, Diagnostics& diagnostics) {
  for (const Journey& journey : scenario.journeys) {
    if (journey.rate_per_second <= kRatePerSecondMax) continue;
    diagnostics.Add(position, Concat({"journey '", journey.name, "' would have ",
                                      FormatRate(journey.rate_per_second), "; at most ",
                                      FormatRate(kRatePerSecondMax), " is possible"}));
  }
  for (const Service& service : scenario.services) {
    const std::optional<std::string> problem = HostNameProblem(service);
    if (problem) diagnostics.Add(position, *problem);
  }
}

void ScaleChecked(std::string_view text, Position position, Scenario& scenario,
                  Diagnostics& diagnostics) {
  const std::optional<std::uint64_t> factor = ParseWhole(text);
  if (!factor || *factor < 1 || *factor > static_cast<std::uint64_t>(kScaleMax)) {
    diagnostics.Add(position,
                    Concat({"must be a whole number from 1 to ", std::to_string(kScaleMax)}));
    return;
  }
  struct Total {
    std::string_view what;
    std::uint64_t count;
    std::uint64_t maximum;
  };
  for (const Total& total : {Total{" hosts", HostTotal(scenario), kHostsMax},
                             Total{" users", UserTotal(scenario), kUsersMax}}) {
    if (total.count * *factor <= total.maximum) continue;
    diagnostics.Add(position,
                    Concat({std::to_string(total.count * *factor), total.what, "; at most ",
                            std::to_string(total.maximum), " are possible, that is --scale ",
                            std::to_string(total.maximum / total.count)}));
    return;
  }
  ScaleBy(static_cast<int>(*factor), scenario);
  CheckScaled(position, scenario, diagnostics);
}

void CheckHostTotal(const YamlNode& tree, const Scenario& scenario, Diagnostics& diagnostics) {
  const std::uint64_t hosts = HostTotal(scenario);
  if (hosts <= kHostsMax) return;
  const YamlNode* services = tree.Find("services");
  diagnostics.Add(services == nullptr ? tree.position : services->position,
                  Concat({"the services have ", std::to_string(hosts), " hosts together; at most ",
                          std::to_string(kHostsMax), " are possible"}));
}

}  // namespace

absl::StatusOr<ParsedScenario> ParseScenario(std::string_view yaml_text, std::string_view file_name,
                                             const Overrides& overrides) {
  Diagnostics diagnostics(file_name);
  std::optional<YamlNode> tree = ReadYaml(yaml_text, 0, diagnostics);
  if (!tree) return diagnostics.ToStatus();
  std::vector<int> sources;
  ApplyToTree(overrides, *tree, diagnostics, sources);
  ParsedScenario parsed{.text = std::string(yaml_text)};
  ReadRoot(*tree, diagnostics, parsed.scenario);
  CheckHostTotal(*tree, parsed.scenario, diagnostics);
  std::vector<std::string> removed;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const Position position{.source = sources[i]};
    const Override& change = overrides[i];
    if (change.kind == Override::Kind::kWithout) {
      RemoveFault(change.value, position, parsed.scenario, removed, diagnostics);
    } else if (change.kind == Override::Kind::kScale) {
      ScaleChecked(change.value, position, parsed.scenario, diagnostics);
    }
    parsed.overrides.push_back(TraceText(change));
  }
  if (!diagnostics.ok()) return diagnostics.ToStatus();
  return parsed;
}

}  // namespace groundhog::model
