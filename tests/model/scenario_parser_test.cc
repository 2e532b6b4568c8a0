#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "model/scenario/parse/parser.h"
#include "tests/model/full_scenario.h"
#include "tests/model/scenario_errors.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kHead = "name: x\nservices:\n  a: {service_time: 1ms}\n";

// The errors in `text` after three correct lines.
std::string ErrorAfterHead(std::string_view text) {
  return ErrorOf(std::string(kHead) + std::string(text));
}

// The errors in a journey with this `entry`, in a world where 'a' may call itself.
std::string ErrorAfterSelfCaller(std::string_view entry) {
  return ErrorOf(
      Concat({"name: x\nservices:\n  a: {service_time: 1ms, dependencies: {a: {timeout: 1s}}}\n",
              "journeys: {j: {rate: 1/s, deadline: 1s, entry: ", entry, "}}\n"}));
}

TEST(ScenarioParser, FillsEveryStructFromEveryKey) {
  const auto parsed = ParseScenario(kFullScenario, "full.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Scenario& scenario = parsed->scenario;
  EXPECT_EQ(scenario.name, "full");
  EXPECT_EQ(scenario.seed, 7u);
  EXPECT_EQ(scenario.start_unix_nanoseconds, 1'736'143'200'000'000'000);
  EXPECT_EQ(scenario.duration, sim::Hours(12));
  EXPECT_EQ(scenario.network_latency.p99, sim::Milliseconds(2));
  ASSERT_EQ(scenario.services.size(), 5u);
  const Service& caller = scenario.services[0];
  EXPECT_EQ(caller.hosts, 3);
  EXPECT_EQ(caller.queue_bound, 32);
  EXPECT_EQ(caller.balancer, Balancer::kRandom);
  EXPECT_EQ(caller.service_time.p95, sim::Milliseconds(9));
  EXPECT_EQ(caller.errors[0].code, "ERR_402");
  EXPECT_FALSE(caller.errors[0].retryable);
  ASSERT_EQ(caller.dependencies.size(), 3u);
  EXPECT_EQ(caller.dependencies[0].retries.max, 2);
  EXPECT_EQ(caller.dependencies[0].retries.backoff_base, sim::Milliseconds(20));
  EXPECT_EQ(caller.dependencies[0].retries.backoff_jitter, Jitter::kNone);
  EXPECT_EQ(caller.dependencies[0].fallback, DependencyPolicy::Fallback::kDegrade);
  const Journey& buy = scenario.journeys.at(0);
  EXPECT_DOUBLE_EQ(buy.rate_per_second, 0.3);
  EXPECT_DOUBLE_EQ(buy.root.calls.at(0).probability, 0.9);
  EXPECT_EQ(buy.root.calls.at(1).service, "steady");
  EXPECT_EQ(scenario.faults.at(1).hosts, (std::vector<int>{1, 3}));
  EXPECT_DOUBLE_EQ(scenario.faults.at(1).factor, 8);
  EXPECT_EQ(parsed->text, kFullScenario);
}

TEST(ScenarioParser, FillsInDefaults) {
  const auto parsed = ParseScenario(kHead, "f.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Scenario& scenario = parsed->scenario;
  EXPECT_EQ(scenario.seed, 1u);
  EXPECT_EQ(scenario.duration, sim::Hours(24));
  EXPECT_EQ(scenario.daily, std::vector<double>(24, 1.0));
  EXPECT_EQ(scenario.weekly, std::vector<double>(7, 1.0));
  EXPECT_EQ(scenario.services[0].log_interval, sim::Seconds(30));
  EXPECT_EQ(scenario.services[0].messages.size(), 1u);
}

TEST(ScenarioParser, WeightsAreScaledToAMeanOfOne) {
  const auto parsed = ParseScenario(kFullScenario, "full.yaml");
  ASSERT_TRUE(parsed.ok());
  EXPECT_DOUBLE_EQ(parsed->scenario.daily[0], 1 / 1.5);
  EXPECT_DOUBLE_EQ(parsed->scenario.weekly[6], 0.5 * 7 / 6);
}

TEST(ScenarioParser, TimeOfDayIsTheFirstAfterTheStart) {
  const auto at = [](std::string_view time_of_day) {
    const auto parsed = ParseScenario(
        kFullScenario, "f", {{.value = Concat({"faults.slow.time_of_day=\"", time_of_day, "\""})}});
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed->scenario.faults.at(1).at;
  };
  EXPECT_EQ(at("10:15"), sim::Minutes(255));  // the scenario starts at 06:00
  EXPECT_EQ(at("06:00"), sim::Hours(0));
  EXPECT_EQ(at("05:59:30"), sim::Hours(24) - sim::Seconds(30));
}

TEST(ScenarioParser, UnknownKeyIsToldWithASuggestion) {
  EXPECT_EQ(ErrorAfterHead("    \njournys: {}\n"),
            "f.yaml:5:1: unknown key 'journys' in a scenario; did you mean 'journeys'?");
}

TEST(ScenarioParser, ColumnsCountCharacters) {
  EXPECT_EQ(ErrorAfterHead("network: {\"é\": 1}\n").substr(0, 13), "f.yaml:4:11: ");
  EXPECT_EQ(ErrorOf("name: x\nservices: {a: {messages: [\"é\", \"{x\"], service_time: 1ms}}\n")
                .substr(0, 13),
            "f.yaml:2:32: ");
}

// The time must not grow with the square of the line, or this test would not end.
TEST(ScenarioParser, ColumnsCountCharactersInAVeryLongLine) {
  std::string text = "{name: x, services: {a: {service_time: 1ms, messages: [";
  std::size_t column = text.size() + 1;
  for (int i = 0; i < 200'000; ++i) text += "é,";
  text += "a]}}, sed: 1}";
  column += 400'000 + 6;
  EXPECT_THAT(
      ErrorOf(text),
      AllOf(StartsWith("f.yaml:1:55: 'messages' must have 1 to 100 messages"),
            HasSubstr(Concat({"f.yaml:1:", std::to_string(column), ": unknown key 'sed'"}))));
}

TEST(ScenarioParser, MissingKeyIsToldWhereItsOwnerStands) {
  EXPECT_EQ(
      ErrorOf("name: x\nservices:\n  a:\n    hosts: 2\n"),
      "f.yaml:3:3: service 'a' needs the key 'service_time': a distribution of durations from "
      "0s to 1d, such as 5ms or {p50: 4ms, p95: 9ms, p99: 15ms}");
}

TEST(ScenarioParser, DuplicateKeyIsRefused) {
  EXPECT_EQ(ErrorAfterHead("seed: 1\nseed: 2\n"),
            "f.yaml:5:1: 'seed' is given twice, first in line 4; keep one of them");
}

TEST(ScenarioParser, AnchorAliasTagAndMergeKeyAreRefused) {
  EXPECT_THAT(ErrorAfterHead("seed: &x 1\n"),
              AllOf(StartsWith("f.yaml:4:7: "), HasSubstr("anchor")));
  EXPECT_THAT(ErrorAfterHead("seed: &x 1\ndescription: *x\n"),
              AllOf(HasSubstr("f.yaml:5:14: "), HasSubstr("aliases")));
  EXPECT_THAT(ErrorAfterHead("seed: !!int 1\n"),
              AllOf(StartsWith("f.yaml:4:7: "), HasSubstr("tag")));
  EXPECT_THAT(ErrorAfterHead("<<: {seed: 1}\n"), HasSubstr("f.yaml:4:1: merge keys"));
}

TEST(ScenarioParser, SecondDocumentIsRefused) {
  EXPECT_EQ(ErrorAfterHead("---\nname: y\n"),
            "f.yaml:5:1: a second document begins here; a file holds one scenario");
}

TEST(ScenarioParser, EmptyInputIsTold) {
  for (const std::string_view text : {"", "\n\n", "# only a comment\n", "~\n"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("there is no scenario here")) << text;
  }
}

TEST(ScenarioParser, OtherThanAMapIsTold) {
  EXPECT_THAT(ErrorOf("[1, 2]"), HasSubstr("f.yaml:1:1: a scenario must be a map"));
  EXPECT_THAT(ErrorOf("hello"), HasSubstr("not 'hello'"));
}

TEST(ScenarioParser, BinaryInputIsTold) {
  EXPECT_THAT(ErrorOf(std::string_view("name: x\0", 8)), HasSubstr("f.yaml:1:8: a NUL byte"));
  EXPECT_THAT(ErrorOf("name: \x04\n"), HasSubstr("f.yaml:1:7: a control character"));
  EXPECT_THAT(ErrorOf("name: x\n\xFF\xFEseed"), HasSubstr("f.yaml:2:1: not valid UTF-8"));
  EXPECT_THAT(ErrorOf("name: \xED\xA0\x80"), HasSubstr("not valid UTF-8"));
}

TEST(ScenarioParser, ByteOrderMarkIsSkipped) {
  EXPECT_TRUE(ParseScenario("\xEF\xBB\xBF" + std::string(kHead), "f.yaml").ok());
}

TEST(ScenarioParser, NotYamlIsToldWithItsPlace) {
  EXPECT_THAT(ErrorOf("name: [1, 2\nseed: 3"), StartsWith("f.yaml:"));
  EXPECT_THAT(ErrorOf("a: b: c"), AllOf(StartsWith("f.yaml:1:"), HasSubstr("not YAML")));
}

TEST(ScenarioParser, DeepNestingIsRefusedWhateverItsForm) {
  for (const std::string_view opening : {"[", "{a: ", "- ", "? "}) {
    std::string text;
    while (text.size() < 200'000) text += opening;
    EXPECT_THAT(ErrorOf(text), StartsWith("f.yaml:1:")) << opening;
  }
  std::string indented;
  for (std::size_t depth = 0; depth < 1000; ++depth) {
    indented += std::string(depth, ' ') + "a:\n";
  }
  EXPECT_THAT(ErrorOf(indented), HasSubstr("nested deeper than 100 levels"));
}

TEST(ScenarioParser, OversizedInputIsRefused) {
  std::string text(kHead);
  text.append(10u << 20, '[');
  EXPECT_THAT(ErrorOf(text), HasSubstr("f.yaml:1:1: larger than 4 MiB"));
}

TEST(ScenarioParser, TenProblemsAreShownAndTheRestCounted) {
  std::string text(kHead);
  for (int i = 0; i < 13; ++i) text += Concat({"k", std::to_string(i), ": 1\n"});
  const std::string error = ErrorOf(text);
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 10);
  EXPECT_THAT(error, EndsWith("\nand 3 more"));
}

TEST(ScenarioParser, ProblemsComeInTheOrderOfTheText) {
  const std::string error =
      ErrorOf("faults: 3\nseed: x\nname: x\nservices:\n  a: {service_time: 1ms, hosts: x}\n");
  const std::size_t faults = error.find("f.yaml:1:9: ");
  const std::size_t seed = error.find("f.yaml:2:7: ");
  const std::size_t hosts = error.find("f.yaml:5:33: ");
  ASSERT_NE(hosts, std::string::npos) << error;
  EXPECT_LT(faults, seed);
  EXPECT_LT(seed, hosts);
}

TEST(ScenarioParser, UnknownServicesAreToldWithASuggestion) {
  EXPECT_THAT(ErrorAfterHead("  auth-service: {service_time: 1ms, dependencies: {aut-service: "
                             "{timeout: 1s}}}\n"),
              AllOf(StartsWith("f.yaml:4:52: "), EndsWith("did you mean 'auth-service'?")));
  EXPECT_THAT(ErrorAfterHead("journeys: {j: {rate: 1/s, deadline: 1s, entry: b}}\n"),
              StartsWith("f.yaml:4:48: journey 'j' names the service 'b', which there is not"));
  EXPECT_THAT(ErrorAfterHead("faults: {f: {kind: outage, target: b, at: 1h, for: 1m}}\n"),
              StartsWith("f.yaml:4:36: fault 'f' names the service 'b'"));
}

TEST(ScenarioParser, WrongRateIsNotAlsoToldToBeZero) {
  EXPECT_EQ(ErrorAfterHead("journeys: {j: {rate: 1, deadline: 1s, entry: a}}\n"
                           "faults: {f: {kind: surge, target: a, at: 1h, for: 1m, factor: 2}}\n"),
            "f.yaml:4:22: 'rate' must be a rate from 0/s to 1000000/s, such as 0.3/s or 18/m, not "
            "'1'; write 1/s");
}

TEST(ScenarioParser, CallWithoutAPolicyIsRefusedWithTheFix) {
  EXPECT_EQ(
      ErrorAfterHead("  b: {service_time: 1ms}\njourneys:\n  j:\n    rate: 1/s\n    deadline: "
                     "1s\n    entry: {service: a, calls: [b]}\n"),
      "f.yaml:9:33: 'a' calls 'b' here without saying how; add "
      "'services.a.dependencies.b: {timeout: 120ms}'");
}

TEST(ScenarioParser, FaultKeysMustSuitItsKind) {
  const auto fault = [](std::string_view keys) {
    return ErrorAfterHead(Concat({"faults: {f: {target: a, for: 1m, ", keys, "}}\n"}));
  };
  EXPECT_THAT(fault("at: 1h, kind: outage, factor: 2"), HasSubstr("'factor' belongs to"));
  EXPECT_THAT(fault("at: 1h, kind: latency"), HasSubstr("needs the key 'factor'"));
  EXPECT_THAT(fault("at: 1h, kind: error_rate"), HasSubstr("needs the key 'rate'"));
  EXPECT_THAT(fault("at: 1h, kind: outage, code: ERR_500"), HasSubstr("'code' belongs to"));
  EXPECT_THAT(fault("kind: outage"), HasSubstr("exactly one of 'at' and 'time_of_day'"));
  EXPECT_THAT(fault("at: 1h, time_of_day: \"10:00\", kind: outage"), HasSubstr("exactly one of"));
  EXPECT_THAT(fault("at: 1h, every: 30s, kind: outage"), HasSubstr("must not be below 'for'"));
  EXPECT_THAT(fault("at: 1h, hosts: [2], kind: outage"), HasSubstr("names host 2, but 'a' has 1"));
  EXPECT_THAT(fault("at: 1h, hosts: [1, 1], kind: outage"), HasSubstr("names host 1 twice"));
}

TEST(ScenarioParser, LimitsHold) {
  EXPECT_THAT(ErrorOf("name: x\nservices:\n  a: {service_time: 1ms, hosts: 40000}\n"
                      "  b: {service_time: 1ms, hosts: 40000}\n"),
              HasSubstr("80000 hosts together; at most 65000"));
  EXPECT_THAT(
      ErrorOf(Concat({"name: x\nservices:\n  ", std::string(62, 'a'), ": {service_time: 1ms}\n"})),
      HasSubstr("has more than 63 characters"));
  EXPECT_THAT(ErrorOf("name: x\nservices:\n  A: {service_time: 1ms}\n"),
              HasSubstr("'A' is no name"));
  std::string calls;
  for (int i = 0; i < 4096; ++i) calls += "a,";
  EXPECT_THAT(ErrorAfterSelfCaller(Concat({"{service: a, calls: [", calls, "]}"})),
              HasSubstr("has 4097 calls; at most 4096"));
}

TEST(ScenarioParser, CallsNestThirtyTwoLevels) {
  const auto nested = [](int levels) {
    std::string tree = "a";
    for (int i = 1; i < levels; ++i) tree = Concat({"{service: a, calls: [", tree, "]}"});
    return ErrorAfterSelfCaller(tree);
  };
  EXPECT_EQ(nested(32), "(none)");
  EXPECT_THAT(nested(33), HasSubstr("deeper than 32 levels"));
}

TEST(ScenarioParser, MessageNamingACalleeNeedsOne) {
  EXPECT_THAT(ErrorOf("name: x\nservices:\n  a:\n    service_time: 1ms\n    messages: [\"Asked "
                      "{dependency}\"]\n"),
              HasSubstr("f.yaml:5:5: a message has {dependency}, but 'a' calls nobody"));
}

TEST(ScenarioParser, MessageMayNotShowWhatASpanDoesNotKnow) {
  for (const char* slot : {"attempts_max", "timeout_ms", "peer_host", "call_attempt", "backoff_ms",
                           "spans", "errors", "load"}) {
    EXPECT_THAT(ErrorOf(Concat({"name: x\nservices:\n  a:\n    service_time: 1ms\n    errors: "
                                "{ERR_400: {rate: 0.1, messages: [\"{",
                                slot, "}\"]}}\n"})),
                HasSubstr(Concat({"f.yaml:5:5: a message has {", slot,
                                  "}, which only the program's own messages can show"})));
  }
}

}  // namespace
}  // namespace groundhog::model
