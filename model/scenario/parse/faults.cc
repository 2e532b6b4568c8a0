// The section faults.
#include <algorithm>
#include <optional>
#include <string>
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
  // Compared by the share of each turn, as all of them together might overflow.
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
    ReadKind();
    ReadTarget();
    const Schedule schedule = ReadSchedule(reader_, subject_, position_, context_);
    fault_.at = schedule.at;
    fault_.time_of_day = schedule.time_of_day;
    fault_.duration = schedule.duration;
    fault_.every = schedule.every;
    fault_.ramp = schedule.ramp;
    reader_.Duration("mtbf", fault_.mtbf);
    reader_.Duration("mttr", fault_.mttr);
    if (has_kind_) ReadStrength();
    return std::move(fault_);
  }

 private:
  void ReadKind() {
    std::size_t kind = 0;
    has_kind_ = reader_.Choice("kind", kind);
    if (has_kind_) fault_.kind = kFaultKinds.rows()[kind].value;
  }

  void ReadTarget() {
    const std::optional<PlacedName> target = reader_.Reference("target");
    if (target) {
      fault_.target = target->name;
      context_.service_names.Check(*target, subject_, diagnostics_);
    }
    const std::optional<std::size_t> index = context_.service_names.IndexOf(fault_.target);
    target_ = index ? &context_.scenario.services[*index] : nullptr;
    ReadHosts();
    ReadZones();
  }

  void ReadHosts() {
    if (!reader_.Wholes("hosts", fault_.hosts)) return;
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

  void ReadZones() {
    for (const PlacedName& zone : reader_.NameList("zones")) {
      fault_.zones.emplace_back(zone.name);
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

  // The keys that depend on the kind. Those that do not belong to it are reported already.
  void ReadStrength() {
    const FaultKind& kind = kFaultKinds[fault_.kind];
    fault_.rate = kind.rate;
    if (reader_.Number("factor", fault_.factor)) CheckFactor(kind);
    reader_.Number("rate", fault_.rate);
    if (kind.HasKey("code")) reader_.Code("code", fault_.code);
    if (kind.HasKey("callers")) ReadCallers();
    if (kind.HasKey("journeys")) ReadJourneys();
    if (kind.HasKey("restart")) ReadRestarts();
    if (kind.HasKey("skew")) ReadSkew();
  }

  void CheckFactor(const FaultKind& kind) {
    if (fault_.factor >= kind.factor_min && fault_.factor <= kind.factor_max) return;
    diagnostics_.Add(
        reader_.KeyPosition("factor"),
        Concat({"the 'factor' of ", kind.phrase, " must be from ", FormatNumber(kind.factor_min),
                " to ", FormatNumber(kind.factor_max), ", not ", FormatNumber(fault_.factor)}));
  }

  void ReadCallers() {
    const std::vector<Service>& services = context_.scenario.services;
    for (const PlacedName& name : reader_.NameList("callers")) {
      fault_.callers.emplace_back(name.name);
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

  void ReadJourneys() {
    const std::vector<Journey>& journeys = context_.scenario.journeys;
    for (const PlacedName& name : reader_.NameList("journeys")) {
      fault_.journeys.emplace_back(name.name);
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

  void ReadRestarts() {
    reader_.Duration("restart", fault_.restart);
    reader_.Duration("pause", fault_.pause);
    reader_.Duration("drain", fault_.drain);
    reader_.Whole("at_once", fault_.at_once);
    if (target_ == nullptr || fault_.duration == sim::Duration()) return;
    const std::string problem = DeployProblem(fault_, target_->hosts);
    if (!problem.empty()) diagnostics_.Add(reader_.KeyPosition("for"), problem);
  }

  void ReadSkew() {
    reader_.Duration("skew", fault_.skew);
    std::size_t direction = 0;
    if (reader_.Choice("direction", direction)) fault_.is_behind = direction == 1;
  }

  std::string subject_;
  Position position_;
  SectionContext& context_;
  Diagnostics& diagnostics_;
  MapReader reader_;
  Fault fault_;
  bool has_kind_ = false;
  const Service* target_ = nullptr;  // null: there is none, and that is told
};

}  // namespace

void ReadFaults(MapReader& root, SectionContext& context) {
  for (const NamedValue& entry : root.Entries("faults", kFaultsMax)) {
    context.scenario.faults.push_back(FaultReader(entry, context).Read());
  }
}

}  // namespace groundhog::model
