// How many slots the messages of a service show that takes work from a queue: heartbeats, restarts
// and errors count the same ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/model/lived.h"
#include "tests/model/said.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

// Messages of 8 ms, 100 in a second on each host of middle-service with its 4 slots and 1 consumer,
// and a fault that makes them 5 times as long: more than the consumer can do.
Scenario QueueScenario() {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 200;
  scenario.journeys[0].root.calls[0].calls.clear();
  scenario.services[0].concurrency = 1'000;
  scenario.services[0].dependencies = {{.service = "middle-service", .is_async = true}};
  scenario.services[1].consumers = Consumers{.count = 1, .queue_bound = 50};
  Fault slow = SmallFault(Fault::Kind::kLatency, "middle-service");
  slow.name = "slow";
  slow.factor = 5;
  Fault crash = SmallFault(Fault::Kind::kCrash, "middle-service");
  crash.at = sim::Minutes(7);
  crash.duration = sim::Seconds(10);
  scenario.faults = {slow, crash};
  return scenario;
}

struct Shown {
  std::set<int> slots;  // "of N slots", or "with N slots"
  int in_use = 0;       // the most
  int waiting = 0;      // the most
};

// What the messages of middle-service show, by their first words.
std::map<std::string, Shown> ShownByMiddle(const Scenario& scenario) {
  const std::regex heartbeat(R"((Heartbeat|Degraded): .* (\d+) queued, (\d+) of (\d+) slots.*)");
  const std::regex error(R"((Queue full) on .*: (\d+) waiting, (\d+) of (\d+) slots busy.*)");
  const std::regex started(R"(middle-service-\d is (up): .* with (\d+) slots)");
  const Lived lived(scenario);
  const std::vector<std::string> messages = MessagesOf(lived, scenario.seed);
  std::map<std::string, Shown> shown;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (lived.Service(lived.records()[i]) != "middle-service") continue;
    std::smatch found;
    if (std::regex_match(messages[i], found, heartbeat) ||
        std::regex_match(messages[i], found, error)) {
      Shown& one = shown[found[1]];
      one.waiting = std::max(one.waiting, std::stoi(found[2]));
      one.in_use = std::max(one.in_use, std::stoi(found[3]));
      one.slots.insert(std::stoi(found[4]));
    } else if (std::regex_match(messages[i], found, started)) {
      shown[found[1]].slots.insert(std::stoi(found[2]));
    }
  }
  return shown;
}

TEST(SlotsInUse, AreConsumersWhereNothingButMessagesIsTaken) {
  auto shown = ShownByMiddle(QueueScenario());
  for (const char* words : {"Heartbeat", "Degraded", "Queue full", "up"}) {
    EXPECT_EQ(shown[words].slots, std::set<int>{1}) << words;
  }
  for (const char* words : {"Degraded", "Queue full"}) {
    EXPECT_EQ(shown[words].in_use, 1) << words;
    EXPECT_GE(shown[words].waiting, 45) << words;
    EXPECT_LE(shown[words].waiting, 50) << words;
  }
}

// A journey that enters the service waits for its answer, so its slots are in use as well.
TEST(SlotsInUse, AreTheSlotsOfAServiceThatIsCalledToo) {
  Scenario scenario = QueueScenario();
  Journey direct = scenario.journeys[0];
  direct.name = "direct";
  direct.rate_per_second = 20;
  direct.root = {.service = "middle-service", .calls = {}};
  scenario.journeys.push_back(direct);
  auto shown = ShownByMiddle(scenario);
  for (const char* words : {"Heartbeat", "Degraded", "up"}) {
    EXPECT_EQ(shown[words].slots, std::set<int>{4}) << words;
    EXPECT_LE(shown[words].in_use, 4) << words;
    EXPECT_LE(shown[words].waiting, 16) << words;
  }
  EXPECT_EQ(shown["Queue full"].slots, std::set<int>{1}) << "those of messages";
}

// Without consumers nothing is taken from a queue.
TEST(SlotsInUse, AreTheSlotsOfAServiceWithoutConsumers) {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 100;
  scenario.services[0].concurrency = 1'000;
  Fault slow = SmallFault(Fault::Kind::kLatency, "middle-service");
  slow.factor = 50;
  scenario.faults = {slow};
  auto shown = ShownByMiddle(scenario);
  for (const char* words : {"Heartbeat", "Degraded", "Queue full"}) {
    EXPECT_EQ(shown[words].slots, std::set<int>{4}) << words;
  }
}

}  // namespace
}  // namespace groundhog::model
