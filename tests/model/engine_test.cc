// The effect of each single mechanism of the model, in worlds made for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/model/lived.h"
#include "tests/model/small_world.h"

namespace groundhog::model {
namespace {

using traces::Level;
using traces::Record;

bool IsDuring(const Record& record, const Fault& fault) {
  return record.time >= sim::VirtualTime(fault.at) &&
         record.time < sim::VirtualTime(fault.at + fault.duration);
}

TEST(Engine, AHealthyWorldLogsOneRecordASpanAndNothingElse) {
  const Lived lived(SmallScenario());
  const std::size_t front = lived.Count([&](const Record& r) {
    return lived.Service(r) == "front-service" && r.span != traces::SpanId::kNone;
  });
  const std::size_t back = lived.Count([&](const Record& r) {
    return lived.Service(r) == "back-service" && r.span != traces::SpanId::kNone;
  });
  EXPECT_NEAR(static_cast<double>(front), 12'000, 500);  // 20/s for 600 s, five sigma
  EXPECT_NEAR(static_cast<double>(back), static_cast<double>(front), 60);
  EXPECT_GT(lived.Count([](const Record& r) { return r.level == Level::kInfo; }),
            lived.records().size() * 99 / 100);
}

TEST(Engine, AnOutageIsRefusedAtOnceAndTravelsToTheCallers) {
  Scenario scenario = SmallScenario();
  const Fault outage = SmallFault(Fault::Kind::kOutage, "back-service");
  scenario.faults = {outage};
  const Lived lived(scenario);
  std::size_t refused = 0;
  std::size_t travelled = 0;
  for (const Record& record : lived.records()) {
    if (lived.Code(record) == "ERR_503") {
      ++refused;
      EXPECT_EQ(lived.Service(record), "back-service");
      EXPECT_EQ(record.duration, sim::Duration());
      EXPECT_TRUE(IsDuring(record, outage));
      EXPECT_EQ(record.truth, (traces::Truth{.fault = traces::FaultId{0},
                                             .root = traces::ServiceId{2},
                                             .occurrence = 1,
                                             .hops = 0}));
    }
    if (lived.Code(record) == "ERR_502") {
      ++travelled;
      const bool is_middle = lived.Service(record) == "middle-service";
      EXPECT_EQ(lived.Dependency(record), is_middle ? "back-service" : "middle-service");
      EXPECT_EQ(record.truth.fault, traces::FaultId{0});
      EXPECT_EQ(record.truth.root, traces::ServiceId{2});
      EXPECT_EQ(record.truth.hops, is_middle ? 1 : 2);
    }
  }
  // 20/s for 120 s; the middle tries twice for each of the front's two tries.
  EXPECT_NEAR(static_cast<double>(refused), 9'600, 1'000);
  EXPECT_GT(travelled, 6'000u);
}

TEST(Engine, ARetriedAttemptIsAWarningThatNamesTheDependency) {
  Scenario scenario = SmallScenario();
  scenario.faults = {SmallFault(Fault::Kind::kOutage, "back-service")};
  const Lived lived(scenario);
  const std::size_t refused = lived.CountCode("back-service", "ERR_503");
  const std::size_t retried = lived.Count([&](const Record& r) {
    return r.level == Level::kWarn && lived.Service(r) == "middle-service" &&
           lived.Dependency(r) == "back-service";
  });
  EXPECT_NEAR(static_cast<double>(retried), static_cast<double>(refused) / 2, 60);
}

TEST(Engine, AFallbackTurnsFailureIntoAWarning) {
  Scenario scenario = SmallScenario();
  scenario.services[1].dependencies[0].fallback = DependencyPolicy::Fallback::kDegrade;
  scenario.services[1].dependencies[0].retries.max = 0;
  scenario.faults = {SmallFault(Fault::Kind::kOutage, "back-service")};
  const Lived lived(scenario);
  EXPECT_EQ(lived.CountCode("middle-service", "ERR_502"), 0u);
  EXPECT_EQ(lived.CountCode("front-service", "ERR_502"), 0u);
  EXPECT_NEAR(static_cast<double>(lived.Count([&](const Record& r) {
                return r.level == Level::kWarn && lived.Service(r) == "middle-service" &&
                       lived.Dependency(r) == "back-service";
              })),
              static_cast<double>(lived.CountCode("back-service", "ERR_503")), 3);
}

TEST(Engine, ASlowDependencyTimesOutAtItsTimeoutAndIsPutDownToTheFault) {
  Scenario scenario = SmallScenario();
  Fault slow = SmallFault(Fault::Kind::kLatency, "back-service");
  slow.factor = 1'000;
  scenario.faults = {slow};
  scenario.services[0].dependencies[0].retries.max = 0;
  scenario.services[1].dependencies[0].retries.max = 0;
  const Lived lived(scenario);
  const std::size_t overrun = lived.CountCode("back-service", "ERR_524");
  std::size_t timed_out = 0;
  std::size_t explained = 0;
  for (const Record& record : lived.records()) {
    if (lived.Code(record) == "ERR_524") {
      EXPECT_EQ(record.truth.hops, 0);
      EXPECT_LE(record.duration, sim::Milliseconds(120));
    }
    if (lived.Code(record) != "ERR_504") continue;
    ++timed_out;
    EXPECT_EQ(lived.Service(record), "middle-service");
    EXPECT_EQ(lived.Dependency(record), "back-service");
    EXPECT_GE(record.duration, sim::Milliseconds(120));
    explained += record.truth.fault == traces::FaultId{0} ? 1 : 0;
  }
  EXPECT_GT(overrun, 1'000u);
  EXPECT_GT(timed_out, 1'000u);
  EXPECT_EQ(explained, timed_out);
}

TEST(Engine, AnInjectedErrorFailsWithTheFaultsCode) {
  Scenario scenario = SmallScenario();
  Fault errors = SmallFault(Fault::Kind::kErrorRate, "back-service");
  errors.rate = 0.25;
  errors.code = "ERR_599";
  scenario.faults = {errors};
  const Lived lived(scenario);
  const std::size_t injected = lived.CountCode("back-service", "ERR_599");
  const std::size_t handled = lived.Count([&](const Record& r) {
    return lived.Service(r) == "back-service" && IsDuring(r, errors) &&
           r.span != traces::SpanId::kNone;
  });
  EXPECT_NEAR(static_cast<double>(injected) / static_cast<double>(handled), 0.25, 0.03);
}

TEST(Engine, OwnErrorsThatAreNotRetryableAreNotRetried) {
  Scenario scenario = SmallScenario();
  scenario.services[2].errors = {
      {.code = "ERR_402", .rate = 0.1, .retryable = false, .messages = {"Card declined"}}};
  const Lived lived(scenario);
  EXPECT_GT(lived.CountCode("back-service", "ERR_402"), 1'000u);
  EXPECT_EQ(lived.Count([](const Record& r) { return r.level == Level::kWarn && r.attempt > 0; }),
            0u);
}

TEST(Engine, AFullQueueRejectsAndAnExpiredWaitGivesUp) {
  Scenario scenario = SmallScenario();
  scenario.services[0].dependencies.clear();
  scenario.journeys[0].root.calls.clear();
  scenario.services[0].service_time = Constantly(sim::Milliseconds(400));
  scenario.services[0].concurrency = 2;
  scenario.services[0].queue_bound = 3;
  scenario.journeys.push_back(scenario.journeys[0]);
  scenario.journeys[1].name = "hasty";
  scenario.journeys[1].deadline = sim::Milliseconds(100);
  const Lived lived(scenario);
  EXPECT_GT(lived.CountCode("front-service", "ERR_429"), 100u);
  EXPECT_GT(lived.CountCode("front-service", "ERR_408"), 100u);
  for (const Record& record : lived.records()) {
    if (lived.Code(record) == "ERR_408") {
      EXPECT_EQ(record.queue_wait, record.duration);
    }
    if (lived.Code(record) == "ERR_429") {
      EXPECT_EQ(record.duration, sim::Duration());
    }
  }
}

TEST(Engine, TheReportedLoadIsTheTimeIntegralOfWorkInFlight) {
  Scenario scenario = SmallScenario();
  scenario.services[0].hosts = 1;
  scenario.services[0].messages = {"ok"};
  const Lived lived(scenario);
  double reported = 0;
  std::vector<sim::VirtualTime> ends;  // of the log intervals
  for (const Record& record : lived.records()) {
    if (lived.Service(record) != "front-service" || record.span != traces::SpanId::kNone) continue;
    ends.push_back(record.time);
    // The first interval is a part of one.
    if (ends.size() > 1) reported += static_cast<double>(record.slots[2]) / 100;  // {load}
  }
  ASSERT_EQ(ends.size(), 20u);
  double held = 0;
  for (const Record& record : lived.records()) {
    if (lived.Service(record) != "front-service" || record.span == traces::SpanId::kNone ||
        record.level == Level::kWarn) {
      continue;
    }
    const sim::VirtualTime arrival = std::max(record.time - record.duration, ends.front());
    const sim::VirtualTime end = std::min(record.time, ends.back());
    if (arrival < end) held += static_cast<double>((end - arrival).nanoseconds()) / 30e9;
  }
  // Each of 19 loads is rounded to a hundredth.
  EXPECT_NEAR(reported, held, 19 * 0.005);
}

TEST(Engine, TheReportedLoadOfALongIntervalIsExact) {
  Scenario scenario = SmallScenario();
  scenario.duration = sim::Hours(48);
  Service& front = scenario.services[0];
  front.hosts = 1;
  front.concurrency = 5'000;
  front.log_interval = sim::Hours(24);
  front.service_time = Constantly(sim::Hours(2));
  front.time_limit = sim::Hours(3);
  front.dependencies.clear();
  scenario.journeys[0].root.calls.clear();
  scenario.journeys[0].rate_per_second = 0.5;
  scenario.journeys[0].deadline = sim::Hours(3);
  const Lived lived(scenario);
  std::size_t full_intervals = 0;
  for (const Record& record : lived.records()) {
    if (lived.Service(record) != "front-service" || record.span != traces::SpanId::kNone) continue;
    if (record.time < sim::VirtualTime(sim::Hours(26))) continue;
    ++full_intervals;
    EXPECT_NEAR(static_cast<double>(record.slots[2]) / 100, 3'600, 100);  // {load}
  }
  EXPECT_EQ(full_intervals, 1u);
}

TEST(Engine, UsersWhoNeverThinkPassUnlikelyStepsInTime) {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 0;
  scenario.users = {{.name = "people",
                     .count = 10,
                     .think_time = Constantly({}),
                     .session_pause = Constantly({}),
                     .session = {{.journey = "visit", .probability = 0.01}}}};
  const Lived lived(scenario);
  // A hundred steps of 1 ms and a request of some 25 ms, again and again.
  const double requests = 600 / 0.125 * 10;
  const auto visits = lived.Ended("front-service", "").size();
  EXPECT_NEAR(static_cast<double>(visits), requests, 0.05 * requests);
}

TEST(Engine, ACapacityFaultLeavesTheWholeShareOfSlots) {
  Scenario scenario = SmallScenario();
  scenario.services[2].concurrency = 100;
  Fault fault = SmallFault(Fault::Kind::kCapacity, "back-service");
  fault.factor = 0.29;  // times 100 it is a little less than 29, as a double
  scenario.faults = {fault};
  const Lived lived(scenario);
  std::size_t intervals = 0;
  for (const Record& record : lived.records()) {
    if (lived.Service(record) != "back-service" || !IsDuring(record, fault)) continue;
    if (record.span != traces::SpanId::kNone) continue;
    ++intervals;
    EXPECT_EQ(record.slots[5], 29);  // {slots}
  }
  EXPECT_EQ(intervals, 8u);
}

// Messages that take 8 ms each, 150 in a second on each host: too many for one consumer, not for
// ten.
TEST(Engine, ACapacityFaultTakesConsumersAway) {
  Scenario scenario = SmallScenario();
  scenario.journeys[0].rate_per_second = 300;
  scenario.journeys[0].root.calls[0].calls.clear();
  scenario.services[0].concurrency = 1'000;
  scenario.services[0].dependencies = {{.service = "middle-service", .is_async = true}};
  scenario.services[1].consumers = Consumers{.count = 10, .queue_bound = 50};
  Fault fault = SmallFault(Fault::Kind::kCapacity, "middle-service");
  fault.factor = 0.1;
  scenario.faults = {fault};
  const Lived lived(scenario);
  std::size_t intervals = 0;
  std::size_t dropped = 0;
  std::size_t explained = 0;
  std::size_t dropped_otherwise = 0;
  for (const Record& record : lived.records()) {
    if (lived.Service(record) != "middle-service") continue;
    if (record.span == traces::SpanId::kNone) {
      if (!IsDuring(record, fault)) continue;
      ++intervals;
      EXPECT_EQ(record.slots[5], 1);  // {slots}: of 10 consumers
    } else if (lived.Code(record) == "ERR_429") {
      dropped += IsDuring(record, fault) ? 1u : 0u;
      dropped_otherwise += IsDuring(record, fault) ? 0u : 1u;
      explained += record.truth.fault == traces::FaultId{0} ? 1u : 0u;
    }
  }
  EXPECT_EQ(intervals, 8u);
  // 120 seconds in which each of two hosts takes 125 a second instead of 150.
  EXPECT_NEAR(static_cast<double>(dropped), 120 * 50, 900);
  EXPECT_EQ(explained, dropped);
  EXPECT_EQ(dropped_otherwise, 0u);
}

TEST(Engine, WaitingBehindAnAffectedBacklogIsPutDownToTheFault) {
  Scenario scenario = SmallScenario();
  Fault slow = SmallFault(Fault::Kind::kLatency, "back-service");
  slow.factor = 12;
  scenario.faults = {slow};
  scenario.services[2].concurrency = 1;
  scenario.services[1].dependencies[0].retries.max = 0;
  const Lived lived(scenario);
  std::size_t waited = 0;
  std::size_t explained = 0;
  for (const Record& record : lived.records()) {
    if (lived.Service(record) != "back-service" || !IsDuring(record, slow)) continue;
    if (record.queue_wait < sim::Milliseconds(20)) continue;
    ++waited;
    explained += record.truth.fault == traces::FaultId{0} ? 1 : 0;
  }
  EXPECT_GT(waited, 300u);
  EXPECT_EQ(explained, waited);
}

TEST(Engine, EveryBalancerSpreadsLoadOverAllHosts) {
  for (const Balancer balancer :
       {Balancer::kRandom, Balancer::kPowerOfTwo, Balancer::kLeastOutstanding}) {
    Scenario scenario = SmallScenario();
    for (Service& service : scenario.services) {
      service.hosts = 5;
      service.balancer = balancer;
    }
    const Lived lived(scenario);
    std::vector<int> spans(5);
    for (const Record& record : lived.records()) {
      if (lived.Service(record) == "front-service" && record.span != traces::SpanId::kNone) {
        ++spans[sim::Index(record.host)];
      }
    }
    for (const int count : spans) {
      EXPECT_NEAR(count, 2'400, 300) << static_cast<int>(balancer);
    }
  }
}

}  // namespace
}  // namespace groundhog::model
