// Compares requests that are tried one by one with what the world records at a rate so low that
// hardly anything waits. Both are samples: at most 4 % apart, which is four standard deviations of
// the smaller one.
#include "model/review/request_trial.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "model/scenario/parse/parser.h"
#include "tests/model/lived.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

constexpr double kTolerance = 0.04;

Scenario Parsed(const std::string& yaml) {
  const auto parsed = ParseScenario(yaml, "f.yaml");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->scenario : Scenario();
}

// A scenario's requests, both tried and simulated.
class Both {
 public:
  explicit Both(const std::string& yaml)
      : scenario_(Parsed(yaml)),
        topology_(*CompileTopology(scenario_)),
        trial_(topology_),
        tried_(trial_.Try(topology_.journeys[0], 4'000, 1'000'000)),
        lived_(scenario_) {}

  RequestTrial& trial() { return trial_; }
  const Topology& topology() const { return topology_; }
  const JourneyTrial& tried() const { return tried_; }
  const Lived& lived() const { return lived_; }

  // Of the attempts to call `callee`.
  double TriedTimeouts(const std::string& callee) const {
    for (const auto& [node, call] : tried_.calls) {
      if (topology_.services[topology_.nodes[node].service].spec->name != callee) continue;
      return static_cast<double>(call.timeouts) / static_cast<double>(call.attempts);
    }
    ADD_FAILURE() << "no call of " << callee;
    return -1;
  }
  // Where only timeouts fail, the attempts that time out are those before a retry and the last ones
  // of spans that failed; the attempts that do not are one for each other span.
  double LivedTimeouts(const std::string& caller, const std::string& callee) const {
    const auto is_of = [&](const traces::Record& r) {
      return r.level != traces::Level::kInfo && lived_.Service(r) == caller &&
             lived_.Dependency(r) == callee;
    };
    const double failed = static_cast<double>(lived_.Count(is_of));
    const double well = static_cast<double>(lived_.Ended(caller, "").size());
    return failed / (failed + well);
  }

  double TriedFailures() const {
    return static_cast<double>(tried_.failed_total()) / static_cast<double>(tried_.requests);
  }
  double LivedFailures(const std::string& entry) const {
    const double well = static_cast<double>(lived_.Ended(entry, "").size());
    const double failed = static_cast<double>(lived_.Count([&](const traces::Record& r) {
      return lived_.Service(r) == entry && r.level == traces::Level::kError;
    }));
    return failed / (failed + well);
  }

 private:
  Scenario scenario_;
  Topology topology_;
  RequestTrial trial_;
  JourneyTrial tried_;
  Lived lived_;
};

constexpr std::string_view kHead = "name: x\nduration: 2h\nlog_interval: 0s\n";

TEST(RequestTrial, ATimeoutBetweenTheQuantilesEndsAsManyAttemptsAsInTheWorld) {
  const Both both(Concat({kHead, R"(
services:
  web: {service_time: 4ms, dependencies: {database: {timeout: 20ms}}}
  database: {service_time: {p50: 10ms, p95: 40ms, p99: 80ms}}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [database]}}
)"}));
  const double share = both.TriedTimeouts("database");
  EXPECT_GT(share, 0.15);
  EXPECT_LT(share, 0.3);
  EXPECT_NEAR(share, both.LivedTimeouts("web", "database"), kTolerance);
  EXPECT_NEAR(both.TriedFailures(), both.LivedFailures("web"), kTolerance);
}

TEST(RequestTrial, RetriesAreTriedAsInTheWorld) {
  const Both both(Concat({kHead, R"(
services:
  web:
    service_time: 4ms
    dependencies: {database: {timeout: 20ms, retries: {max: 2, backoff: 5ms}}}
  database: {concurrency: 100, service_time: {exponential: 20ms}}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [database]}}
)"}));
  EXPECT_NEAR(both.TriedTimeouts("database"), both.LivedTimeouts("web", "database"), kTolerance);
  EXPECT_NEAR(both.TriedFailures(), both.LivedFailures("web"), kTolerance);
  EXPECT_LT(both.TriedFailures(), 0.1);  // a third, three times
}

TEST(RequestTrial, SequentialCallsAddUpAndOfParallelOnesTheSlowestCounts) {
  const Both both(Concat({kHead, R"(
services:
  web: {service_time: 1ms, dependencies: {api: {timeout: 100ms}}}
  api:
    service_time: {exponential: 5ms}
    dependencies: {a: {timeout: 1s}, b: {timeout: 1s}, c: {timeout: 1s}}
  a: {service_time: {exponential: 30ms}}
  b: {service_time: {p50: 20ms, p99: 90ms}}
  c: {service_time: {mixture: [{weight: 3, constant: 5ms}, {weight: 1, constant: 70ms}]}}
journeys:
  visit:
    rate: 2/s
    deadline: 2s
    entry: {service: web, calls: [{service: api, calls: [{parallel: [a, b]},
                                                         {service: c, probability: 0.6}]}]}
)"}));
  const double share = both.TriedTimeouts("api");
  EXPECT_GT(share, 0.1);
  EXPECT_NEAR(share, both.LivedTimeouts("web", "api"), kTolerance);
}

TEST(RequestTrial, ADeadlineEndsAsManyRequestsAsInTheWorld) {
  const Both both(Concat({kHead, R"(
services:
  web: {service_time: {exponential: 10ms}, dependencies: {api: {timeout: 1s}}}
  api: {service_time: {exponential: 10ms}, dependencies: {db: {timeout: 1s, retries: {max: 3}}}}
  db: {service_time: {exponential: 20ms}, errors: {ERR_500: {rate: 0.2}}}
journeys:
  visit: {rate: 2/s, deadline: 50ms, entry: {service: web, calls: [{service: api, calls: [db]}]}}
)"}));
  EXPECT_GT(both.TriedFailures(), 0.2);
  EXPECT_NEAR(both.TriedFailures(), both.LivedFailures("web"), kTolerance);
}

TEST(RequestTrial, TheWaysBetweenZonesCount) {
  const Both both(Concat({kHead, R"(
network: {latency: 500us, cross_zone: 20ms}
services:
  web: {hosts: 2, zones: [a, b], service_time: 1ms, dependencies: {db: {timeout: 30ms}}}
  db: {hosts: 2, zones: [a, b], service_time: 1ms}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [db]}}
)"}));
  EXPECT_NEAR(both.TriedTimeouts("db"), 0.5, kTolerance);
  EXPECT_NEAR(both.TriedTimeouts("db"), both.LivedTimeouts("web", "db"), kTolerance);
}

TEST(RequestTrial, WithoutADeadlineThatTravelsAlongTheCallerGivesUpAllTheSame) {
  const Both both(Concat({kHead, R"(
services:
  web:
    service_time: 1ms
    dependencies: {api: {timeout: 30ms, propagate_deadline: false, cancel: false}}
  api: {concurrency: 100, service_time: 1ms, dependencies: {db: {timeout: 60ms, fallback: degrade}}}
  db: {concurrency: 100, service_time: {exponential: 30ms}}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [{service: api, calls: [db]}]}}
)"}));
  EXPECT_NEAR(both.TriedTimeouts("api"), both.LivedTimeouts("web", "api"), kTolerance);
  EXPECT_NEAR(both.TriedTimeouts("db"), both.LivedTimeouts("api", "db"), kTolerance);
}

TEST(RequestTrial, WhoseCallersHoldAllItsSlotsWaitsForThem) {
  const Both alone(Concat({kHead, R"(
services:
  a: {concurrency: 1, service_time: 4ms, dependencies: {a: {timeout: 1s}}}
journeys:
  visit: {rate: 6/m, deadline: 500ms, entry: {service: a, calls: [a]}}
)"}));
  EXPECT_EQ(alone.TriedFailures(), 1);
  EXPECT_EQ(alone.LivedFailures("a"), 1);
  const Both four(Concat({kHead, R"(
services:
  a: {hosts: 4, concurrency: 1, service_time: 4ms, dependencies: {a: {timeout: 1s}}}
journeys:
  visit: {rate: 30/m, deadline: 500ms, entry: {service: a, calls: [a]}}
)"}));
  EXPECT_NEAR(four.TriedFailures(), 0.25, kTolerance);
  // Of the records of 'a', outer and inner ones: those that end well are the inner ones as well.
  const double well = static_cast<double>(four.lived().Ended("a", "").size()) / 2;
  const double timed_out = static_cast<double>(four.lived().Ended("a", "ERR_504").size());
  EXPECT_NEAR(four.TriedFailures(), timed_out / (well + timed_out), kTolerance);
}

TEST(RequestTrial, MessagesHaveTheTimeOfTheirConsumers) {
  const Both both(Concat({kHead, R"(
services:
  web: {service_time: 4ms, dependencies: {mail: {async: true}}}
  mail: {service_time: {exponential: 20ms}, consumers: {count: 10, deadline: 30ms}}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [mail]}}
)"}));
  ASSERT_EQ(both.tried().messages.size(), 1u);
  const auto& [node, messages] = *both.tried().messages.begin();
  const double late = static_cast<double>(both.tried().messages_late.at(node));
  EXPECT_NEAR(late / static_cast<double>(messages), both.LivedFailures("mail"), kTolerance);
}

TEST(RequestTrial, RetriesThatFitIntoTheTimeLeftAreThoseThatTheWorldMakes) {
  const std::string world = Concat({kHead, R"(
services:
  web: {service_time: 4ms, dependencies: {api: {timeout: 400ms, retries: {max: 5, backoff: 1s}}}}
  api: {service_time: 10ms}
journeys:
  visit: {rate: 2/s, deadline: 500ms, entry: {service: web, calls: [api]}}
faults:
)"});
  const auto retries_made = [](const Both& both) {
    const double made = static_cast<double>(both.lived().Count(
        [](const traces::Record& r) { return r.level == traces::Level::kWarn; }));
    return made / static_cast<double>(both.lived().Ended("web", "ERR_503").size() +
                                      both.lived().Ended("web", "ERR_502").size() +
                                      both.lived().Ended("web", "ERR_504").size());
  };
  const auto expected = [](std::uint64_t retries, const CallTrial& call) {
    return static_cast<double>(retries) / static_cast<double>(call.calls);
  };
  const Both refused(world + "  f: {kind: outage, target: api, at: 0s, for: 2h}\n");
  const CallTrial& call = refused.tried().calls.begin()->second;
  EXPECT_NEAR(expected(call.retries_after_errors, call), retries_made(refused), kTolerance);
  const Both silent(world + "  f: {kind: crash, target: api, at: 0s, for: 2h}\n");
  EXPECT_NEAR(expected(call.retries_after_timeouts, call), retries_made(silent), kTolerance);
}

TEST(RequestTrial, NoAnswerTakesLessThanTheLeast) {
  Both both(Concat({kHead, R"(
network: {latency: 1ms}
services:
  web: {service_time: 4ms, dependencies: {api: {timeout: 1s}, c: {timeout: 1s, fallback: degrade}}}
  api: {service_time: 10ms, dependencies: {db: {timeout: 1s}, a: {timeout: 1s}}}
  a: {service_time: 50ms}
  c: {service_time: 900ms}
  db: {service_time: 200ms}
journeys:
  visit: {rate: 2/s, deadline: 500ms,
          entry: {service: web, calls: [{service: api, calls: [{parallel: [db, a]}, a]}, c]}}
)"}));
  // web 4, api 10, db 200 in parallel to a, a 50; and two ways of 1 ms to each, once for the group.
  EXPECT_EQ(both.trial().LeastAnswerTime(both.topology().journeys[0].root),
            sim::Milliseconds(4 + 10 + 200 + 50 + 2 * 4));
}

TEST(RequestTrial, TreesThatRetryAtEveryLevelEndTheTrialInTime) {
  std::string services;
  std::string calls = "s9";
  for (int i = 0; i < 10; ++i) {
    const std::string name = Concat({"s", std::to_string(i)});
    services += Concat({"  ", name, ": {service_time: 1ms, errors: {ERR_500: {rate: 1}}",
                        i == 9 ? ""
                               : Concat({", dependencies: {s", std::to_string(i + 1),
                                         ": {timeout: 1h, retries: {max: 100, backoff: 0s}}}"}),
                        "}\n"});
    if (i < 9) services.replace(services.find("rate: 1}"), 8, "rate: 0}");
    if (i > 0) calls = Concat({"{service: s", std::to_string(9 - i), ", calls: [", calls, "]}"});
  }
  const Scenario scenario =
      Parsed(Concat({kHead, "services:\n", services,
                     "journeys: {j: {rate: 1/h, deadline: 1h, entry: ", calls, "}}\n"}));
  const auto topology = CompileTopology(scenario);
  ASSERT_TRUE(topology.ok());
  RequestTrial trial(*topology);
  EXPECT_EQ(trial.Try(topology->journeys[0], 1'000, 100'000).requests, 0u);
}

}  // namespace
}  // namespace groundhog::model
