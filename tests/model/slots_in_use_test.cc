// How many slots the messages of a service show that takes work from a queue: heartbeats, restarts
// and errors count the same ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
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

// "Heartbeat", "Degraded", "Queue full" or "up", whichever the message is, and what it shows;
// empty: none of these.
std::string ReadMessage(const std::string& message, int* waiting, int* in_use, int* slots) {
  const auto from = [&message](const char* words) {
    const std::size_t at = message.find(words);
    return at == std::string::npos ? "" : message.c_str() + at;
  };
  for (const char* words : {"Heartbeat", "Degraded"}) {
    const std::size_t queued = message.find(" queued, ");
    if (!message.starts_with(words) || queued == std::string::npos) continue;
    *waiting = std::stoi(message.substr(message.rfind(' ', queued - 1)));
    const int read = std::sscanf(from(" queued, "), " queued, %d of %d slots", in_use, slots);
    return read == 2 ? words : "";
  }
  if (message.starts_with("Queue full on ")) {
    const int read =
        std::sscanf(from(": "), ": %d waiting, %d of %d slots busy", waiting, in_use, slots);
    return read == 3 ? "Queue full" : "";
  }
  const bool is_up = message.find(" is up: ") != std::string::npos;
  return is_up && std::sscanf(from(" with "), " with %d slots", slots) == 1 ? "up" : "";
}

// What the messages of middle-service show, by their first words.
std::map<std::string, Shown> ShownByMiddle(const Scenario& scenario) {
  const Lived lived(scenario);
  const std::vector<std::string> messages = MessagesOf(lived, scenario.seed);
  std::map<std::string, Shown> shown;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (lived.Service(lived.records()[i]) != "middle-service") continue;
    int waiting = 0;
    int in_use = 0;
    int slots = 0;
    const std::string words = ReadMessage(messages[i], &waiting, &in_use, &slots);
    if (words.empty()) continue;
    Shown& one = shown[words];
    one.waiting = std::max(one.waiting, waiting);
    one.in_use = std::max(one.in_use, in_use);
    one.slots.insert(slots);
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
