// The section faults.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"
#include "text/numbers.h"
#include "text/time_text.h"

namespace groundhog::model {
namespace {

using text::Concat;
using text::FormatDuration;
using text::FormatNumber;

// What is wrong with the length of a deploy; empty: nothing.
std::string DeployProblem(const Fault& fault, int hosts) {
  const sim::Duration turn = fault.restart + fault.pause;  // 2 days at most
  const int turns = (hosts + fault.at_once - 1) / fault.at_once;
  // The sum of all turns might overflow, so this compares a turn with its share of the time.
  if (turn <= (fault.duration - fault.drain) / turns) return "";
  std::string problem =
      Concat({"'for', ", FormatDuration(fault.duration), ", is too short for a deploy of ",
              std::to_string(hosts), hosts == 1 ? " host" : " hosts", " that take ",
              FormatDuration(fault.restart), " to restart and pause for ",
              FormatDuration(fault.pause), " each"});
  if (turn > (sim::Duration::Max() - fault.drain) / turns) return problem;
  return Concat({problem, "; it takes ", FormatDuration(turn * turns + fault.drain)});
}

class FaultReader {
 public:
  FaultReader(const NamedValue& entry, SectionContext& context)
      : subject_(Concat({"fault '", entry.name, "'"})),
        position_(entry.name_position),
        context_(context),
        diagnostics_(context.diagnostics),
        reader_(entry.value, ObjectNamed("fault"), subject_, entry.name_position,
                context.diagnostics) {
    fault_.name = entry.name;
  }

  Fault Read() {
    if (!reader_.is_map()) return std::move(fault_);
    ReadScheduled(reader_, subject_, position_, context_, fault_);
    CheckTarget();
    CheckHosts();
    CheckZones();
    if (reader_.IsRead("kind")) CheckStrength();
    return std::move(fault_);
  }

 private:
  void CheckTarget() {
    if (!reader_.IsRead("target")) return;
    context_.service_names.Check(*reader_.Reference("target"), subject_, diagnostics_);
    const std::optional<std::size_t> index = context_.service_names.IndexOf(fault_.target);
    if (index) target_ = &context_.scenario.services[*index];
  }

  void CheckHosts() {
    if (!reader_.IsRead("hosts")) return;
    const Position position = reader_.KeyPosition("hosts");
    if (fault_.hosts.empty()) {
      diagnostics_.Add(position, "'hosts' must not be empty; leave it out for all");
    }
    std::ranges::sort(fault_.hosts);
    const auto repeated = std::ranges::adjacent_find(fault_.hosts);
    if (repeated != fault_.hosts.end()) {
      diagnostics_.Add(position,
                       Concat({"'hosts' names host ", std::to_string(*repeated), " twice"}));
    }
    if (target_ == nullptr || fault_.hosts.empty() || fault_.hosts.back() <= target_->hosts) return;
    diagnostics_.Add(position,
                     Concat({"'hosts' names host ", std::to_string(fault_.hosts.back()), ", but '",
                             fault_.target, "' has ", std::to_string(target_->hosts)}));
  }

  void CheckZones() {
    if (!reader_.IsRead("zones")) return;
    for (const PlacedName& zone : reader_.NameList("zones")) {
      if (!context_.zone_names.Check(zone, subject_, diagnostics_) || target_ == nullptr) continue;
      if (std::ranges::count(target_->zones, zone.name) > 0) continue;
      std::string where;
      for (const std::string& own : target_->zones)
        where += Concat({where.empty() ? "" : ", ", own});
      diagnostics_.Add(zone.position,
                       Concat({"'", fault_.target, "' has no host in zone '", zone.name,
                               "'; it is in ", where.empty() ? "no zone" : where}));
    }
  }

  // The keys that not all kinds have.
  void CheckStrength() {
    const FaultKind& kind = kFaultKinds[fault_.kind];
    if (!reader_.IsRead("rate")) fault_.rate = kind.rate;
    if (reader_.IsRead("factor")) CheckFactor(kind);
    if (reader_.IsRead("callers")) CheckCallers();
    if (kind.HasKey("journeys")) CheckJourneys();
    if (kind.HasKey("restart")) CheckRestarts();
  }

  void CheckFactor(const FaultKind& kind) {
    if (fault_.factor >= kind.factor_min && fault_.factor <= kind.factor_max) return;
    diagnostics_.Add(
        reader_.KeyPosition("factor"),
        Concat({"the 'factor' of ", kind.phrase, " must be from ", FormatNumber(kind.factor_min),
                " to ", FormatNumber(kind.factor_max), ", not ", FormatNumber(fault_.factor)}));
  }

  void CheckCallers() {
    const std::vector<Service>& services = context_.scenario.services;
    for (const PlacedName& name : reader_.NameList("callers")) {
      if (!context_.service_names.Check(name, subject_, diagnostics_)) continue;
      const auto& dependencies = services[*context_.service_names.IndexOf(name.name)].dependencies;
      const bool calls_target = std::ranges::any_of(
          dependencies, [&](const auto& policy) { return policy.service == fault_.target; });
      if (calls_target) continue;
      diagnostics_.Add(name.position,
                       Concat({"'", name.name, "' has no dependency '", fault_.target,
                               "', so nothing is lost between them; name those that call it"}));
    }
  }

  void CheckJourneys() {
    const std::vector<Journey>& journeys = context_.scenario.journeys;
    for (const PlacedName& name : reader_.NameList("journeys")) {
      if (!context_.journey_names.Check(name, subject_, diagnostics_)) continue;
      const Journey& journey = journeys[*context_.journey_names.IndexOf(name.name)];
      CheckHasRate(journey, name.position, diagnostics_);
      if (journey.root.service == fault_.target) continue;
      diagnostics_.Add(name.position,
                       Concat({"journey '", name.name, "' enters at '", journey.root.service,
                               "', not at the target '", fault_.target, "'"}));
    }
    const bool has_entry = std::ranges::any_of(journeys, [&](const Journey& journey) {
      return journey.root.service == fault_.target && journey.rate_per_second > 0;
    });
    if (target_ == nullptr || has_entry || reader_.Has("journeys")) return;
    diagnostics_.Add(reader_.KeyPosition("target"),
                     Concat({"no journey with a rate enters at '", fault_.target,
                             "', so there is nothing to multiply; name the target of an 'entry'"}));
  }

  void CheckRestarts() {
    if (target_ == nullptr || !reader_.IsRead("for")) return;
    const std::string problem = DeployProblem(fault_, target_->hosts);
    if (!problem.empty()) diagnostics_.Add(reader_.KeyPosition("for"), problem);
  }

  std::string subject_;
  Position position_;
  SectionContext& context_;
  Diagnostics& diagnostics_;
  MapReader reader_;
  Fault fault_;
  const Service* target_ = nullptr;  // null: there is none, which is reported
};

}  // namespace

void ReadFaults(MapReader& root, const YamlNode* declarations, SectionContext& context) {
  std::vector<std::string_view> names;
  for (const NamedValue& entry : root.Entries("faults", kFaultsMax)) {
    names.push_back(entry.name);
    context.scenario.faults.push_back(FaultReader(entry, context).Read());
  }
  context.fault_names = KnownNames("fault", "declare it under 'faults'", names, declarations);
}

}  // namespace groundhog::model
