// The section users: those who wait for each answer before they ask again.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/scenario/parse/sections.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

// nullopt: not valid (reported).
std::optional<SessionStep> ReadStep(const YamlValue& value, std::string_view subject,
                                    SectionContext& context) {
  SessionStep step;
  if (value.node->kind == YamlNode::Kind::kRefused) return std::nullopt;
  if (value.node->kind == YamlNode::Kind::kScalar) {
    step.journey = value.node->text;
    const PlacedName name{.name = value.node->text, .position = value.position};
    if (!context.journey_names.Check(name, subject, context.diagnostics)) return std::nullopt;
    return step;
  }
  MapReader reader(value, ObjectNamed("step"), "a step", value.position, context.diagnostics);
  reader.ReadFields(StructRef::To(step));
  if (!reader.IsRead("journey")) return std::nullopt;
  const PlacedName name = *reader.Reference("journey");
  if (!context.journey_names.Check(name, subject, context.diagnostics)) return std::nullopt;
  return step;
}

void ReadSession(MapReader& reader, std::string_view subject, SectionContext& context,
                 UserPopulation& users) {
  const auto steps = reader.List("session");
  if (!steps) return;
  if (steps->empty() || steps->size() > kSessionStepsMax) {
    context.diagnostics.Add(reader.KeyPosition("session"),
                            Concat({"'session' must have 1 to ", std::to_string(kSessionStepsMax),
                                    " steps, not ", std::to_string(steps->size())}));
    return;
  }
  for (const YamlValue& value : *steps) {
    if (std::optional<SessionStep> step = ReadStep(value, subject, context)) {
      users.session.push_back(*std::move(step));
    }
  }
  if (users.session.size() < steps->size()) return;
  // Otherwise a user could begin session after session, for ever, at the same moment.
  const auto is_never = [](const SessionStep& step) { return step.probability == 0; };
  if (!std::ranges::all_of(users.session, is_never)) return;
  context.diagnostics.Add(reader.KeyPosition("session"),
                          "'session' needs a step with a probability above 0");
}

}  // namespace

void ReadUsers(MapReader& root, SectionContext& context) {
  std::uint64_t total = 0;
  for (const NamedValue& entry : root.Entries("users", kUserPopulationsMax)) {
    const std::string subject = Concat({"users '", entry.name, "'"});
    UserPopulation users;
    users.name = entry.name;
    MapReader reader(entry.value, ObjectNamed("users"), subject, entry.name_position,
                     context.diagnostics);
    reader.ReadFields(StructRef::To(users));
    ReadSession(reader, subject, context, users);
    total += static_cast<std::uint64_t>(users.count);
    context.scenario.users.push_back(std::move(users));
  }
  if (total <= kUsersMax) return;
  context.diagnostics.Add(root.KeyPosition("users"),
                          Concat({"there are ", std::to_string(total), " users together; at most ",
                                  std::to_string(kUsersMax), " are possible"}));
}

}  // namespace groundhog::model
