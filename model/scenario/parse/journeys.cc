// The section journeys: clients, call trees, and whether each caller has a policy for each callee.
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

// Which service has a policy for which callee.
class Policies {
 public:
  explicit Policies(const std::vector<Service>& services) {
    for (const Service& service : services) {
      for (const DependencyPolicy& policy : service.dependencies) {
        pairs_[{service.name, policy.service}] = true;
      }
    }
  }
  bool Has(std::string_view caller, std::string_view callee) const {
    return pairs_.contains({caller, callee});
  }

 private:
  std::map<std::pair<std::string_view, std::string_view>, bool> pairs_;
};

// Reads one journey's tree. Recursion is bounded by the depth of the YAML tree.
class CallTreeReader {
 public:
  CallTreeReader(std::string_view journey, const Policies& policies, SectionContext& context)
      : journey_(journey), policies_(policies), context_(context) {}

  // `caller`: empty for the entry.
  Call Read(const YamlValue& value, std::string_view caller, int depth) {
    Call call;
    ++count_;
    if (value.node->kind == YamlNode::Kind::kScalar) {
      call.service = value.node->text;
      CheckService(call.service, caller, value.position);
      return call;
    }
    const std::string subject = caller.empty() ? "'entry'" : Concat({"a call of '", caller, "'"});
    MapReader reader(value, ObjectNamed("call"), subject, value.position, context_.diagnostics);
    if (!reader.is_map()) return call;
    reader.ReadFields(StructRef::To(call));
    const bool is_known = reader.IsRead("service") &&
                          CheckService(call.service, caller, reader.Value("service")->position);
    if (caller.empty() && reader.Has("probability") && call.probability != 1) {
      context_.diagnostics.Add(reader.KeyPosition("probability"),
                               "an entry has no 'probability'; change the journey's rate instead");
    }
    const auto calls = reader.List("calls");
    if (!calls || !is_known) return call;
    if (!calls->empty() && depth >= kCallDepthMax) {
      context_.diagnostics.Add(reader.KeyPosition("calls"),
                               Concat({"calls nest deeper than ", std::to_string(kCallDepthMax),
                                       " levels; flatten the tree"}));
      return call;
    }
    for (const YamlValue& item : *calls) ReadItem(item, call, depth + 1);
    return call;
  }

  std::size_t count() const { return count_; }

 private:
  static bool IsGroup(const YamlValue& item) { return item.node->Find("parallel") != nullptr; }

  // One of a list of calls: a call or a group of them.
  void ReadItem(const YamlValue& item, Call& caller, int depth) {
    if (item.node->kind == YamlNode::Kind::kRefused) return;
    if (!IsGroup(item)) {
      caller.calls.push_back(Read(item, caller.service, depth));
      return;
    }
    MapReader reader(item, ObjectNamed("group"), "a group of calls", item.position,
                     context_.diagnostics);
    const auto calls = reader.List("parallel");
    if (!calls) return;
    if (calls->size() < 2) {
      context_.diagnostics.Add(
          reader.KeyPosition("parallel"),
          "'parallel' needs two calls at least; write a single one without it");
    }
    bool is_first = true;
    for (const YamlValue& call : *calls) {
      if (call.node->kind == YamlNode::Kind::kRefused) continue;
      if (IsGroup(call)) {
        context_.diagnostics.Add(call.position,
                                 "a group cannot hold another one; list its calls in this one");
        continue;
      }
      caller.calls.push_back(Read(call, caller.service, depth));
      caller.calls.back().is_with_previous = !is_first;
      is_first = false;
    }
  }

  bool CheckService(const std::string& service, std::string_view caller, Position position) {
    const std::string role = Concat({"journey '", journey_, "'"});
    const PlacedName name{.name = service, .position = position};
    if (!context_.service_names.Check(name, role, context_.diagnostics)) return false;
    if (caller.empty() || policies_.Has(caller, service)) return true;
    context_.diagnostics.Add(position, Concat({"'", caller, "' calls '", service,
                                               "' here without saying how; add 'services.", caller,
                                               ".dependencies.", service, ": {timeout: 120ms}'"}));
    return true;
  }

  std::string_view journey_;
  const Policies& policies_;
  SectionContext& context_;
  std::size_t count_ = 0;
};

}  // namespace

void ReadJourneys(MapReader& root, SectionContext& context) {
  const Policies policies(context.scenario.services);
  std::vector<std::string_view> names;
  std::size_t total = 0;
  for (const NamedValue& entry : root.Entries("journeys", kJourneysMax)) {
    Journey journey;
    journey.name = entry.name;
    names.push_back(entry.name);
    const std::string subject = Concat({"journey '", entry.name, "'"});
    MapReader reader(entry.value, ObjectNamed("journey"), subject, entry.name_position,
                     context.diagnostics);
    reader.ReadFields(StructRef::To(journey));
    // After reporting a bad rate, do not also report it as zero.
    if (!reader.IsRead("rate")) journey.rate_per_second = 1;
    if (reader.IsRead("zone")) {
      context.zone_names.Check(*reader.Reference("zone"), subject, context.diagnostics);
    }
    if (const std::optional<YamlValue> value = reader.Value("entry")) {
      CallTreeReader tree(entry.name, policies, context);
      journey.root = tree.Read(*value, "", 1);
      total += tree.count();
      if (tree.count() > kCallsMax) {
        context.diagnostics.Add(
            reader.KeyPosition("entry"),
            Concat({"journey '", entry.name, "' has ", std::to_string(tree.count()),
                    " calls; at most ", std::to_string(kCallsMax), " are possible"}));
      }
    }
    context.scenario.journeys.push_back(std::move(journey));
  }
  const std::optional<YamlValue> declarations = root.Value("journeys");
  context.journey_names = KnownNames("journey", "declare it under 'journeys'", names,
                                     declarations ? declarations->node : nullptr);
  if (total > kCallsTotalMax) {
    context.diagnostics.Add(
        root.KeyPosition("journeys"),
        Concat({"the journeys have ", std::to_string(total), " calls together; at most ",
                std::to_string(kCallsTotalMax), " are possible"}));
  }
}

}  // namespace groundhog::model
