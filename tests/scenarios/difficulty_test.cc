// What the comment of each shipped scenario says of its incidents: which services simple detectors
// blame, and how hard that makes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/detectors.h"
#include "model/scenario/parse/parser.h"
#include "model/world/world.h"
#include "scenarios/shipped.h"
#include "traces/catalogue.h"
#include "traces/occurrences.h"

namespace groundhog {
namespace {

using analysis::Detection;

traces::ServiceId ServiceNamed(const traces::Catalogue& catalogue, std::string_view name) {
  const auto found = std::find_if(catalogue.services.begin(), catalogue.services.end(),
                                  [name](const auto& service) { return service.name == name; });
  return static_cast<traces::ServiceId>(found - catalogue.services.begin());
}

// Lives the world to its end. In the order of the occurrences.
std::vector<Detection> Detect(model::World& world, sim::VirtualTime end,
                              const std::vector<traces::Occurrence>& occurrences) {
  const traces::Catalogue& catalogue = world.catalogue();
  std::vector<analysis::Incident> incidents;
  for (const traces::Occurrence& each : occurrences) {
    const std::string& target = catalogue.faults[traces::Index(each.fault)].target;
    incidents.push_back(
        {.start = each.start, .end = each.end, .root = ServiceNamed(catalogue, target)});
  }
  analysis::Detectors detectors(catalogue.services.size(), incidents);
  std::vector<traces::Record> records;
  for (sim::VirtualTime reached; reached < end;) {
    records.clear();
    const auto until = world.Run(end, 10'000, &records);
    if (!until.ok()) {
      ADD_FAILURE() << until.status();
      break;
    }
    reached = *until;
    detectors.Add(records);
  }
  return detectors.Finish(end);
}

// What the comment says of a fault after its name; empty: nothing.
std::string_view LineOf(std::string_view text, std::string_view fault) {
  const std::string begin = "\n# - " + std::string(fault) + ": ";
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + begin.size());
  return rest.substr(0, rest.find('\n'));
}

bool Names(std::string_view line, const std::string& service) {
  const std::size_t at = line.find(" " + service);
  return at != std::string_view::npos &&
         line.find_first_of(" ,:", at + 1) == at + 1 + service.size();
}

// How hard it is, and that each service which the line names is blamed by a detector.
void ExpectAsStated(std::string_view line, const Detection& found,
                    const traces::Catalogue& catalogue) {
  ASSERT_TRUE(found.difficulty().has_value());
  const std::string difficulty(analysis::kDifficultyNames.NameOf(*found.difficulty()));
  EXPECT_TRUE(line.ends_with(": " + difficulty + ".")) << difficulty;
  for (std::size_t service = 0; service < catalogue.services.size(); ++service) {
    const std::string& name = catalogue.services[service].name;
    if (!Names(line, name)) continue;
    EXPECT_TRUE(std::any_of(found.verdicts.begin(), found.verdicts.end(), [&](const auto& verdict) {
      return verdict.blamed && traces::Index(verdict.blamed->service) == service;
    })) << name;
  }
}

TEST(Difficulty, OfEveryIncidentIsWhatTheCommentOfItsScenarioSays) {
  std::size_t incidents = 0;
  for (const scenarios::ShippedScenario& shipped : scenarios::ShippedScenarios()) {
    const auto parsed = model::ParseScenario(shipped.text, shipped.name);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    auto world = model::World::Create(parsed->scenario);
    ASSERT_TRUE(world.ok()) << world.status();
    const sim::VirtualTime end(parsed->scenario.duration);
    const auto occurrences = traces::OccurrencesBefore(world->catalogue(), end, 100);
    const std::vector<Detection> found = Detect(*world, end, occurrences);
    for (std::size_t i = 0; i < occurrences.size(); ++i, ++incidents) {
      const traces::Catalogue& catalogue = world->catalogue();
      const std::string& fault = catalogue.faults[traces::Index(occurrences[i].fault)].name;
      SCOPED_TRACE(fault);
      const std::string_view line = LineOf(shipped.text, fault);
      SCOPED_TRACE(std::string(line));
      ExpectAsStated(line, found[i], catalogue);
    }
  }
  EXPECT_GE(incidents, 9u);
}

}  // namespace
}  // namespace groundhog
