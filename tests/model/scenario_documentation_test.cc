// docs/SCENARIO.md has the same keys as the table, and every limit and slot.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "model/scenario/keys/keys.h"
#include "model/scenario/message_slots.h"
#include "model/scenario/parse/parser.h"
#include "model/world/plan/occurrence_schedule.h"
#include "text/concat.h"
#include "text/spaced_words.h"
#include "traces/catalogue_check.h"

namespace groundhog::model {
namespace {

using text::Concat;

// "`a`, `b`" of "a b".
std::string InCode(std::string_view words) {
  std::string text;
  for (std::string_view word : text::SplitWords(words)) {
    text += Concat({text.empty() ? "" : ", ", "`", word, "`"});
  }
  return text;
}

std::string DefaultText(const KeySpec& key) {
  if (key.is_required && !key.excluded_by.empty()) {
    return Concat({"**required** without `", key.excluded_by, "`"});
  }
  if (key.is_required) return "**required**";
  if (!key.required_kinds.empty()) {
    return Concat({"**required** by ", InCode(key.required_kinds),
                   key.fallback_note.empty() ? "" : "; ", key.fallback_note});
  }
  if (!key.fallback_note.empty()) return std::string(key.fallback_note);
  return key.fallback.empty() ? "none" : Concat({"`", key.fallback, "`"});
}

// One row of SCENARIO.md for a key.
std::string Row(const KeySpec& key) {
  std::string meaning(key.meaning);
  if (!key.excluded_by.empty()) meaning += Concat({"; not with `", key.excluded_by, "`"});
  if (!key.needs.empty()) meaning += Concat({"; only with `", key.needs, "`"});
  if (!key.kinds.empty()) meaning += Concat({"; kinds ", InCode(key.kinds)});
  return Concat(
      {"| `", key.name, "` | ", Expectation(key), " | ", DefaultText(key), " | ", meaning, " |\n"});
}

std::string Documentation() {
  std::ifstream file(GROUNDHOG_SOURCE_DIR "/docs/SCENARIO.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ScenarioDocumentation, HasEveryObjectsKeysAsInTheTableAndNoOthers) {
  const std::string page = Documentation();
  std::size_t rows = 0;
  for (const ObjectSpec& object : ScenarioObjects()) {
    std::string table = "| key | value | default | meaning |\n|---|---|---|---|\n";
    for (const KeySpec& key : object.keys) table += Row(key);
    rows += object.keys.size();
    EXPECT_NE(page.find(table), std::string::npos) << "docs/SCENARIO.md should have\n" << table;
  }
  std::size_t rows_found = 0;
  for (std::size_t at = page.find("\n| `"); at != std::string::npos;
       at = page.find("\n| `", at + 1)) {
    ++rows_found;
  }
  const auto slots = std::ranges::count_if(MessageSlots(), &MessageSlotEntry::is_for_services);
  EXPECT_EQ(rows_found, rows + static_cast<std::size_t>(slots));
}

TEST(ScenarioDocumentation, OpensWithASoundScenario) {
  const std::string page = Documentation();
  const std::string_view fence = "```yaml\n";
  const std::size_t begin = page.find(fence) + fence.size();
  const std::string yaml = page.substr(begin, page.find("```", begin) - begin);
  const auto parsed = ParseScenario(yaml, "docs/SCENARIO.md");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->scenario.services.size(), 2u);
}

TEST(ScenarioDocumentation, HasEverySlot) {
  const std::string page = Documentation();
  for (const MessageSlotEntry& entry : MessageSlots()) {
    if (!entry.is_for_services) continue;
    const std::string row = Concat({"| `{", entry.name, "}` | ", entry.meaning, " |\n"});
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

TEST(ScenarioDocumentation, HasEveryLimit) {
  const std::string page = Documentation();
  const std::vector<std::pair<std::string, std::size_t>> limits = {
      {"services", kServicesMax},
      {"hosts of all services together", kHostsMax},
      {"dependencies of a service", kDependenciesMax},
      {"own errors of a service", kOwnErrorsMax},
      {"messages of a list", kMessagesMax},
      {"different messages of all services together", kMessagesTotalMax},
      {"zones", kZonesMax},
      {"parts of a mixture", kMixturePartsMax},
      {"bursts", kBurstsMax},
      {"journeys", kJourneysMax},
      {"calls of a journey's tree", kCallsMax},
      {"calls of all journeys together", kCallsTotalMax},
      {"levels of calls", kCallDepthMax},
      {"groups of users", kUserPopulationsMax},
      {"users of all groups together", kUsersMax},
      {"steps of a session", kSessionStepsMax},
      {"occurrences of a random fault, which comes no more after them",
       OccurrenceSchedule::kRandomMax},
      {"occurrences of all random faults together", traces::kFaultTimesMax},
      {"faults", kFaultsMax},
      {"expectations", kClaimsMax},
      {"characters of a name", kNameLengthMax},
      {"bytes of the description", kDescriptionLengthMax},
      {"`--scale`", kScaleMax},
  };
  for (const auto& [what, limit] : limits) {
    const std::string row = Concat({"- ", what, ": ", std::to_string(limit), "\n"});
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace groundhog::model
