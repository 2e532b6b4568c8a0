// What the records of a request say of it: its order, its user and what it is about.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "model/world/plan/topology.h"
#include "tests/model/lived.h"
#include "tests/model/said.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

using traces::Record;

UserPopulation People(const std::string& name, int count) {
  return {.name = name,
          .count = count,
          .think_time = Exponentially(sim::Seconds(5)),
          .session_pause = Constantly({}),
          .session = {{.journey = "visit"}, {.journey = "browse", .times = 2}}};
}

// Two journeys, a surge and a burst of both, two groups of users, and failures that are tried again
// by callers and by clients. Each record of a span shows order, user, items and amount.
Scenario BusyScenario() {
  Scenario scenario = SmallScenario();
  const std::string facts = "{order} {user} {items} {amount}";
  for (Service& service : scenario.services) service.messages = {"Handled " + facts};
  scenario.services[2].errors = {
      {.code = "ERR_500", .rate = 0.4, .retryable = true, .messages = {"Failed " + facts}}};
  scenario.journeys[0].retries = {.max = 2, .backoff_base = sim::Milliseconds(10)};
  Journey browse = scenario.journeys[0];
  browse.name = "browse";
  scenario.journeys.push_back(browse);
  Fault surge = SmallFault(Fault::Kind::kSurge, "front-service");
  surge.name = "rush";
  surge.factor = 3;
  scenario.faults = {surge};
  scenario.bursts = {{.name = "lunch",
                      .journeys = {},
                      .at = sim::Minutes(1),
                      .duration = sim::Minutes(1),
                      .factor = 2}};
  scenario.users = {People("shoppers", 40), People("guests", 25)};
  return scenario;
}

using RequestName = std::pair<std::string, std::uint64_t>;  // source and ordinal
struct Facts {
  std::string order;
  std::string user;
  std::string about;  // items and amount
  bool operator==(const Facts&) const = default;
};

// Of every request that some record shows; all its records must show the same.
std::map<RequestName, Facts> FactsByRequest(const Scenario& scenario) {
  const Lived lived(scenario);
  const std::vector<std::string> messages = MessagesOf(lived, scenario.seed);
  std::map<RequestName, Facts> requests;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!messages[i].starts_with("Handled ") && !messages[i].starts_with("Failed ")) continue;
    std::istringstream words(messages[i]);
    std::string word;
    std::string items;
    Facts facts;
    words >> word >> facts.order >> facts.user >> items >> facts.about;
    facts.about = items + " for " + facts.about;
    const Record& record = lived.records()[i];
    const traces::EntityEntry& source =
        lived.catalogue().entities[sim::Index(record.request.source)];
    const std::string name = std::to_string(static_cast<int>(source.kind)) + source.name;
    const auto [found, is_new] = requests.try_emplace({name, record.request.ordinal}, facts);
    EXPECT_TRUE(is_new || found->second == facts) << messages[i];
  }
  return requests;
}

TEST(RequestFacts, AnOrderIsOneRequestOfOneUser) {
  const std::map<RequestName, Facts> requests = FactsByRequest(BusyScenario());
  std::map<std::string, int> by_source;
  std::set<std::string> orders;
  for (const auto& [request, facts] : requests) {
    ++by_source[request.first];
    EXPECT_TRUE(orders.insert(facts.order).second) << request.first << " " << facts.order;
    EXPECT_EQ(facts.order.size(), 19u) << facts.order;
  }
  // Two journeys, each with a surge and a burst of its own, and two groups of users.
  EXPECT_EQ(by_source.size(), 8u);
  for (const auto& [source, count] : by_source) EXPECT_GT(count, 1'000) << source;
}

// Otherwise the test above says nothing of those that are tried again.
TEST(RequestFacts, SomeRequestsAreTriedAgainByCallersAndByClients) {
  const Lived lived(BusyScenario());
  std::map<traces::ServiceId, std::size_t> again;
  for (const Record& record : lived.records()) {
    if (record.attempt > 1) ++again[record.service];
  }
  EXPECT_GT(again[traces::ServiceId{0}], 10u);
  EXPECT_GT(again[traces::ServiceId{2}], 100u);
}

// By group and index of the user: the numbers that their requests show.
std::map<RequestName, std::set<std::string>> NumbersByUser(const Scenario& scenario) {
  std::map<RequestName, std::set<std::string>> numbers;
  for (const auto& [request, facts] : FactsByRequest(scenario)) {
    for (const UserPopulation& users : scenario.users) {
      if (request.first != "3" + users.name) continue;
      const auto count = static_cast<std::uint64_t>(users.count);
      numbers[{users.name, request.second % count}].insert(facts.user);
    }
  }
  return numbers;
}

TEST(RequestFacts, AClosedLoopUserKeepsANumberThatNoOtherOfTheGroupHas) {
  const auto by_user = NumbersByUser(BusyScenario());
  EXPECT_EQ(by_user.size(), 65u);
  std::set<std::pair<std::string, std::string>> taken;
  for (const auto& [user, numbers] : by_user) {
    ASSERT_EQ(numbers.size(), 1u) << user.first << " " << user.second;
    const std::string& number = *numbers.begin();
    EXPECT_TRUE(taken.insert({user.first, number}).second) << number;
    EXPECT_GE(std::stoi(number), 1'000);
    EXPECT_LT(std::stoi(number), 41'000);
  }
}

TEST(RequestFacts, UsersHaveNumbersOfTheirOwnHoweverManyTheyAre) {
  for (const int count : {1, 40, 39'999, 40'000, 40'001, 100'000}) {
    Scenario scenario = BusyScenario();
    scenario.users = {People("crowd", count)};
    const absl::StatusOr<Topology> topology = CompileTopology(scenario);
    ASSERT_TRUE(topology.ok()) << topology.status();
    const SourceInfo& source = topology->sources.back();
    std::set<std::uint32_t> numbers;
    for (int user = 0; user < count; ++user) {
      numbers.insert(source.NumberOfUser(static_cast<std::uint32_t>(user)));
    }
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(count));
    EXPECT_GE(*numbers.begin(), 1'000u);
    EXPECT_LT(*numbers.rbegin(), 1'000u + static_cast<unsigned>(std::max(count, 40'000)));
  }
}

TEST(RequestFacts, OtherSourcesServicesAndFaultsChangeNothing) {
  Scenario fewer = BusyScenario();
  fewer.bursts.clear();
  fewer.faults.clear();
  fewer.users.erase(fewer.users.begin());
  fewer.journeys[0].name = "browse";
  fewer.journeys.pop_back();
  fewer.users[0].session = {{.journey = "browse"}};
  Scenario more = BusyScenario();
  more.services.insert(more.services.begin(),
                       SmallService("first-service", Constantly(sim::Milliseconds(1))));
  const std::map<RequestName, Facts> all = FactsByRequest(more);
  std::map<std::string, int> compared;
  for (const auto& [request, facts] : FactsByRequest(fewer)) {
    const auto found = all.find(request);
    if (found == all.end()) continue;
    ++compared[request.first];
    EXPECT_EQ(found->second, facts) << request.first << " " << request.second;
  }
  EXPECT_GT(compared["1browse"], 10'000);
  EXPECT_GT(compared["3guests"], 1'000);
}

TEST(RequestFacts, AnotherSeedGivesOtherOrdersAndUsers) {
  Scenario other = BusyScenario();
  other.seed = 2;
  const std::map<RequestName, Facts> one = FactsByRequest(BusyScenario());
  const std::map<RequestName, Facts> two = FactsByRequest(other);
  std::set<std::string> orders;
  for (const auto& [request, facts] : one) orders.insert(facts.order);
  for (const auto& [request, facts] : two) EXPECT_FALSE(orders.contains(facts.order));
  EXPECT_NE(NumbersByUser(BusyScenario()), NumbersByUser(other));
}

}  // namespace
}  // namespace groundhog::model
