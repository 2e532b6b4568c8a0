// The world under the determinism contract, and properties of all its records.
#include "model/world/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/model/lived.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

using traces::Level;
using traces::Record;

// An outage, a slow service and injected errors, with retries and errors of a service's own. For a
// world with every mechanism and every kind of fault see deep_world.h.
Scenario TroubledScenario() {
  Scenario scenario = SmallScenario();
  scenario.services[2].errors = {
      {.code = "ERR_404", .rate = 0.02, .retryable = false, .messages = {"No such user {user}"}},
      {.code = "ERR_500", .rate = 0.01, .retryable = true, .messages = {"Bug in {request}"}}};
  scenario.services[1].slow = sim::Milliseconds(60);
  scenario.journeys.push_back(
      {.name = "browse",
       .rate_per_second = 30,
       .deadline = sim::Milliseconds(400),
       .root = {.service = "front-service",
                .calls = {{.service = "middle-service", .probability = 0.7, .calls = {}},
                          {.service = "middle-service", .probability = 0.4, .calls = {}}}}});
  Fault outage = SmallFault(Fault::Kind::kOutage, "back-service");
  outage.name = "outage";
  outage.at = sim::Minutes(1);
  outage.duration = sim::Seconds(40);
  outage.every = sim::Minutes(5);
  Fault slow = SmallFault(Fault::Kind::kLatency, "middle-service");
  slow.name = "slow";
  slow.factor = 30;
  Fault errors = SmallFault(Fault::Kind::kErrorRate, "back-service");
  errors.name = "errors";
  errors.at = sim::Minutes(4);
  errors.duration = sim::Minutes(3);
  errors.rate = 0.4;
  errors.code = "ERR_500";
  scenario.faults = {outage, slow, errors};
  return scenario;
}

TEST(World, SameScenarioGivesTheSameRecords) {
  EXPECT_EQ(Lived(TroubledScenario()).records(), Lived(TroubledScenario()).records());
}

TEST(World, AnotherSeedGivesOtherRecords) {
  Scenario other = TroubledScenario();
  other.seed = 2;
  EXPECT_NE(Lived(TroubledScenario()).records(), Lived(other).records());
}

TEST(World, EntitiesSpreadOverPartitionsGiveTheSameRecords) {
  const std::vector<Record> records = Lived(TroubledScenario()).records();
  for (const int partitions : {2, 3, 7, 8}) {
    EXPECT_EQ(records, Lived(TroubledScenario(), partitions).records())
        << partitions << " partitions";
  }
}

TEST(World, RunInSlicesGivesTheSameRecords) {
  const Scenario scenario = TroubledScenario();
  absl::StatusOr<World> world = World::Create(scenario);
  ASSERT_TRUE(world.ok());
  std::vector<Record> all;
  sim::VirtualTime reached;
  const sim::VirtualTime end{scenario.duration};
  while (reached < end) {
    std::vector<Record> some;
    const absl::StatusOr<sim::VirtualTime> now =
        world->Run(std::min(end, reached + sim::Milliseconds(777)), 5, &some);
    ASSERT_TRUE(now.ok());
    for (const Record& record : some) EXPECT_LE(record.time, *now);
    all.insert(all.end(), some.begin(), some.end());
    reached = *now;
  }
  EXPECT_EQ(all, Lived(scenario).records());
}

TEST(World, LongerRunBeginsWithTheRecordsOfTheShorter) {
  Scenario shorter = TroubledScenario();
  shorter.duration = sim::Minutes(4);
  const std::vector<Record> few = Lived(shorter).records();
  std::vector<Record> many = Lived(TroubledScenario()).records();
  ASSERT_GT(many.size(), few.size());
  many.resize(few.size());
  EXPECT_EQ(few, many);
}

TEST(World, RecordsAreTotallyOrderedByTimeAndHost) {
  const std::vector<Record> records = Lived(TroubledScenario()).records();
  EXPECT_TRUE(std::is_sorted(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return std::tuple(a.time, a.host) < std::tuple(b.time, b.host);
  }));
  ASSERT_GT(records.size(), 1000u);
  EXPECT_LT(records.back().time, sim::VirtualTime(TroubledScenario().duration));
}

TEST(World, RemovingAFaultChangesNothingBeforeIt) {
  Scenario without = TroubledScenario();
  const sim::VirtualTime start{without.faults[2].at};
  without.faults.pop_back();
  const std::vector<Record> before = Lived(TroubledScenario()).records();
  const std::vector<Record> after = Lived(without).records();
  EXPECT_NE(before, after);
  for (std::size_t i = 0; before[i].time < start; ++i) ASSERT_EQ(before[i], after[i]);
}

// Records written with names instead of indices, which shift when a service is added.
std::vector<std::string> Told(const Lived& day, const std::string& except_service) {
  std::vector<std::string> told;
  for (const Record& record : day.records()) {
    const std::string& service = day.catalogue().services[traces::Index(record.service)].name;
    if (service == except_service) continue;
    std::string line = std::to_string(record.time.nanoseconds()) + " " +
                       day.catalogue().entities[sim::Index(record.host)].name + " " +
                       day.catalogue().entities[sim::Index(record.request.source)].name + " " +
                       std::to_string(record.request.ordinal) + " " +
                       std::to_string(static_cast<std::uint32_t>(record.span)) + " " +
                       std::to_string(record.duration.nanoseconds()) + " " +
                       std::to_string(static_cast<int>(record.level)) + " " +
                       day.catalogue().templates[traces::Index(record.message)].text;
    told.push_back(line);
  }
  return told;
}

TEST(World, AddingAnUnconnectedServiceChangesNoOtherRecord) {
  Scenario more = TroubledScenario();
  Service extra = SmallService("extra-service", Exponentially(sim::Milliseconds(5)));
  extra.hosts = 3;
  extra.log_interval = sim::Seconds(20);
  more.services.insert(more.services.begin() + 1, extra);
  more.journeys.insert(more.journeys.begin(), {.name = "apart",
                                               .rate_per_second = 5,
                                               .deadline = sim::Milliseconds(100),
                                               .root = {.service = "extra-service", .calls = {}}});
  const Lived day(more);
  EXPECT_EQ(Told(Lived(TroubledScenario()), ""), Told(day, "extra-service"));
  EXPECT_GT(day.records().size(), Told(day, "extra-service").size());
}

TEST(World, RecordsOfServicesApartFromAFaultAreUntouchedThroughout) {
  Scenario with = TroubledScenario();
  with.services.push_back(SmallService("extra-service", Exponentially(sim::Milliseconds(5))));
  with.services.back().log_interval = sim::Seconds(20);
  with.journeys.push_back({.name = "apart",
                           .rate_per_second = 5,
                           .deadline = sim::Milliseconds(100),
                           .root = {.service = "extra-service", .calls = {}}});
  Scenario without = with;
  without.faults.clear();
  const auto only_extra = [](const Lived& day) {
    std::vector<Record> records;
    for (const Record& record : day.records()) {
      if (traces::Index(record.service) == 3) records.push_back(record);
    }
    return records;
  };
  std::vector<Record> a = only_extra(Lived(with));
  std::vector<Record> b = only_extra(Lived(without));
  ASSERT_GT(a.size(), 2000u);
  EXPECT_EQ(a, b);
}

TEST(World, ErrorCodeIsPresentExactlyOnErrors) {
  int errors = 0;
  for (const std::vector<Record> records = Lived(TroubledScenario()).records();
       const Record& record : records) {
    EXPECT_EQ(record.level == Level::kError, record.error_code != traces::ErrorCodeId::kNone);
    errors += record.level == Level::kError ? 1 : 0;
  }
  EXPECT_GT(errors, 100);
}

TEST(World, AParentSpanEnclosesItsChildren) {
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>, const Record*> final_record;
  const Lived day(TroubledScenario());
  const auto key = [](const Record& record, traces::SpanId span) {
    return std::tuple(sim::Index(record.request.source), record.request.ordinal,
                      static_cast<std::uint32_t>(span));
  };
  // A span's last record is its own; earlier ones are about its retries.
  for (const Record& record : day.records()) {
    if (record.span != traces::SpanId::kNone) final_record[key(record, record.span)] = &record;
  }
  int children = 0;
  for (const Record& record : day.records()) {
    if (record.parent_span == traces::SpanId::kNone) continue;
    if (final_record[key(record, record.span)] != &record) continue;
    const auto parent = final_record.find(key(record, record.parent_span));
    if (parent == final_record.end()) continue;  // the run ended first
    const Record& enclosing = *parent->second;
    EXPECT_LE(enclosing.time - enclosing.duration, record.time - record.duration);
    EXPECT_GE(enclosing.time, record.time);
    ++children;
  }
  EXPECT_GT(children, 1000);
}

TEST(World, EachSpanIdIsUniqueWithinItsRequest) {
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>, std::uint16_t> paths;
  for (const std::vector<Record> records = Lived(TroubledScenario()).records();
       const Record& record : records) {
    if (record.span == traces::SpanId::kNone) continue;
    const auto [found, is_new] =
        paths.emplace(std::tuple(sim::Index(record.request.source), record.request.ordinal,
                                 static_cast<std::uint32_t>(record.span)),
                      traces::Index(record.call_path));
    EXPECT_EQ(found->second, traces::Index(record.call_path));
  }
}

TEST(World, NoSpanOutlivesItsDeadline) {
  Scenario scenario = TroubledScenario();
  scenario.faults[1].factor = 200;
  sim::Duration longest;
  for (const std::vector<Record> records = Lived(scenario).records();
       const Record& record : records)
    longest = std::max(longest, record.duration);
  EXPECT_LE(longest, sim::Milliseconds(500));
  EXPECT_GT(longest, sim::Milliseconds(300));
}

TEST(World, ALongerDeadlineLetsLongerSpansAppear) {
  Scenario scenario = TroubledScenario();
  scenario.faults[1].factor = 200;
  for (Journey& journey : scenario.journeys) journey.deadline = sim::Seconds(3);
  for (Service& service : scenario.services) {
    for (DependencyPolicy& policy : service.dependencies) policy.timeout = sim::Seconds(2);
  }
  sim::Duration longest;
  for (const std::vector<Record> records = Lived(scenario).records();
       const Record& record : records)
    longest = std::max(longest, record.duration);
  EXPECT_GT(longest, sim::Seconds(1));
}

TEST(World, IntervalLogsComeFromEveryHostAtItsInterval) {
  std::map<std::uint32_t, std::vector<sim::VirtualTime>> times;
  for (const std::vector<Record> records = Lived(SmallScenario()).records();
       const Record& record : records) {
    if (record.span == traces::SpanId::kNone) {
      times[sim::Index(record.host)].push_back(record.time);
      EXPECT_EQ(record.request.source, record.host);
    }
  }
  ASSERT_EQ(times.size(), 6u);
  for (const auto& [host, logged] : times) {
    EXPECT_EQ(logged.size(), 20u) << host;
    for (std::size_t i = 1; i < logged.size(); ++i) {
      EXPECT_EQ(logged[i] - logged[i - 1], sim::Seconds(30));
    }
  }
}

TEST(World, ARunawayWorldIsStoppedByName) {
  Scenario scenario = SmallScenario();
  scenario.duration = sim::Hours(24);
  scenario.services[0].concurrency = 1;
  scenario.services[0].queue_bound = 100'000;
  scenario.services[0].service_time = Constantly(sim::Hours(100));
  scenario.journeys[0].deadline = sim::Hours(200);
  scenario.journeys[0].rate_per_second = 100'000;
  absl::StatusOr<World> world = World::Create(scenario, {.spans_in_flight_max = 20'000});
  ASSERT_TRUE(world.ok());
  std::vector<Record> records;
  const absl::StatusOr<sim::VirtualTime> reached =
      world->Run(sim::VirtualTime(scenario.duration), 100'000'000, &records);
  ASSERT_FALSE(reached.ok());
  EXPECT_EQ(reached.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(std::string(reached.status().message()).find("front-service"), std::string::npos);
}

TEST(World, ARunawayWorldWithoutQueuesNamesWhereTheSpansAre) {
  Scenario scenario = SmallScenario();
  scenario.services[2].concurrency = 100'000;
  scenario.services[2].service_time = Constantly(sim::Minutes(5));
  for (Service& service : scenario.services) service.dependencies.clear();
  scenario.journeys[0].root = {.service = "back-service", .calls = {}};
  scenario.journeys[0].deadline = sim::Minutes(6);
  scenario.journeys[0].rate_per_second = 1'000;
  absl::StatusOr<World> world = World::Create(scenario, {.spans_in_flight_max = 20'000});
  ASSERT_TRUE(world.ok());
  std::vector<Record> records;
  const auto reached = world->Run(sim::VirtualTime(scenario.duration), 100'000'000, &records);
  EXPECT_NE(std::string(reached.status().message()).find("at a host of back-service"),
            std::string::npos);
}

TEST(World, ARunawayWorldWithoutJourneysIsStopped) {
  Scenario scenario = SmallScenario();
  scenario.journeys.clear();
  absl::StatusOr<World> world = World::Create(scenario, {.events_pending_max = 3});
  ASSERT_TRUE(world.ok());
  std::vector<Record> records;
  const auto reached = world->Run(sim::VirtualTime(scenario.duration), 100'000'000, &records);
  EXPECT_EQ(reached.status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(World, AWorldOfTooManyTimersIsStoppedByName) {
  Scenario scenario = SmallScenario();
  scenario.duration = sim::Hours(24);
  scenario.journeys[0].deadline = sim::Hours(20);
  scenario.journeys[0].rate_per_second = 2'000;
  absl::StatusOr<World> world = World::Create(scenario, {.events_pending_max = 50'000});
  ASSERT_TRUE(world.ok());
  std::vector<Record> records;
  const absl::StatusOr<sim::VirtualTime> reached =
      world->Run(sim::VirtualTime(scenario.duration), 100'000'000, &records);
  ASSERT_FALSE(reached.ok());
  EXPECT_EQ(reached.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(std::string(reached.status().message()).find("timers of journey visit"),
            std::string::npos);
}

}  // namespace
}  // namespace groundhog::model
