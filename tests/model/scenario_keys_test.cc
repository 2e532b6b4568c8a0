// Checks for every key of the table: wrong values are refused, right ones have an effect and are
// printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "model/scenario/keys/keys.h"
#include "model/scenario/parse/parser.h"
#include "model/scenario/print/printer.h"
#include "tests/model/full_scenario.h"
#include "tests/model/later_options.h"
#include "text/concat.h"

namespace groundhog::model {
namespace {

using text::Concat;

using testing::AllOf;
using testing::HasSubstr;

// A line each: "object.key", where kFullScenario has it, and a sound value other than its own.
constexpr std::string_view kExampleLines = R"(
scenario.name name other
scenario.description description other
scenario.seed seed 8
scenario.start start 2025-01-07T00:00:00Z
scenario.duration duration forever
scenario.resolution resolution 10us
scenario.log_interval log_interval 0s
scenario.network network {min: 50us}
scenario.traffic traffic {}
scenario.services services.extra {service_time: 1ms}
scenario.journeys journeys.extra {rate: 1/s, deadline: 1s, entry: callee}
scenario.users users {}
scenario.faults faults.extra {kind: outage, target: callee, at: 1h, for: 1m}
scenario.expect expect {}
network.latency network.latency 1ms
network.min network.min 200us
network.cross_zone network.cross_zone 15ms
network.links network.links []
link.between network.links.0.between [eu, asia]
link.latency network.links.0.latency 50ms
traffic.daily traffic.daily [1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6]
traffic.weekly traffic.weekly [1, 2, 1, 1, 1, 1, 1]
traffic.bursts traffic.bursts {}
burst.journeys traffic.bursts.sale.journeys [buy]
burst.at traffic.bursts.sale.at 6h
burst.time_of_day traffic.bursts.lunch.time_of_day "13:00"
burst.for traffic.bursts.sale.for 40m
burst.every traffic.bursts.lunch.every 12h
burst.ramp traffic.bursts.lunch.ramp 30m
burst.factor traffic.bursts.lunch.factor 2
service.hosts services.caller.hosts 4
service.zones services.caller.zones [us, eu]
service.prefer_own_zone services.caller.prefer_own_zone false
service.concurrency services.caller.concurrency 9
service.queue services.caller.queue 0
service.queue_timeout services.caller.queue_timeout 100ms
service.balancer services.caller.balancer round_robin
service.shedding services.caller.shedding {}
service.warm_up services.caller.warm_up {for: 1m}
service.health_check services.caller.health_check {}
service.consumers services.mailer.consumers {}
service.time_limit services.caller.time_limit 5s
service.service_time services.caller.service_time 5ms
service.slow services.caller.slow 90ms
service.log_interval services.caller.log_interval 100ms
service.degraded services.caller.degraded {}
service.errors services.caller.errors {}
service.messages services.caller.messages ["Done"]
service.dependencies services.callee.dependencies {steady: {timeout: 1s}}
shedding.concurrency_limit services.caller.shedding.concurrency_limit 20
shedding.queue_delay services.caller.shedding.queue_delay 30ms
shedding.window services.caller.shedding.window 60ms
warm_up.for services.caller.warm_up.for 3m
warm_up.factor services.caller.warm_up.factor 5
health_check.interval services.caller.health_check.interval 3s
health_check.unhealthy_after services.caller.health_check.unhealthy_after 5
health_check.healthy_after services.caller.health_check.healthy_after 3
consumers.count services.mailer.consumers.count 3
consumers.queue services.mailer.consumers.queue 0
consumers.deadline services.mailer.consumers.deadline 10s
degraded.error_share services.caller.degraded.error_share 0.2
error.rate services.caller.errors.ERR_402.rate 0.02
error.retry services.caller.errors.ERR_402.retry true
error.messages services.caller.errors.ERR_402.messages ["Declined"]
dependency.timeout services.caller.dependencies.callee.timeout 130ms
dependency.retries services.caller.dependencies.callee.retries {max: 1}
dependency.fallback services.caller.dependencies.callee.fallback fail
dependency.breaker services.caller.dependencies.callee.breaker {}
dependency.propagate_deadline services.caller.dependencies.callee.propagate_deadline true
dependency.cancel services.caller.dependencies.callee.cancel true
dependency.async services.caller.dependencies.mailer {timeout: 1s}
retries.max services.caller.dependencies.callee.retries.max 3
retries.backoff services.caller.dependencies.callee.retries.backoff 30ms
retries.budget_percent services.caller.dependencies.callee.retries.budget_percent 10
backoff.base services.caller.dependencies.callee.retries.backoff.base 30ms
backoff.multiplier services.caller.dependencies.callee.retries.backoff.multiplier 1.5
backoff.max services.caller.dependencies.callee.retries.backoff.max 3s
backoff.jitter services.caller.dependencies.callee.retries.backoff.jitter full
breaker.failure_rate services.caller.dependencies.callee.breaker.failure_rate 0.6
breaker.window services.caller.dependencies.callee.breaker.window 30s
breaker.calls_min services.caller.dependencies.callee.breaker.calls_min 5
breaker.open services.caller.dependencies.callee.breaker.open 4s
breaker.probes services.caller.dependencies.callee.breaker.probes 1
distribution.p50 services.caller.service_time.p50 5ms
distribution.p95 services.caller.service_time.p95 10ms
distribution.p99 services.caller.service_time.p99 20ms
distribution.max services.caller.service_time.max 70ms
distribution.constant services.steady.service_time.constant 4ms
distribution.exponential services.random.service_time.exponential 4ms
distribution.lognormal services.callee.service_time.lognormal {p50: 9ms, sigma: 0.5}
distribution.mixture services.mailer.service_time.mixture [{weight: 1, constant: 1s},)"
                                           R"( {weight: 1, constant: 0s}]
part.weight services.mailer.service_time.mixture.0.weight 8
part.p50 services.mailer.service_time.mixture.0.p50 1ms
part.p95 services.mailer.service_time.mixture.0.p95 4ms
part.p99 services.mailer.service_time.mixture.0.p99 6ms
part.max services.mailer.service_time.mixture.0.max 10ms
part.constant services.mailer.service_time.mixture.1.constant 50ms
part.exponential services.mailer.service_time.mixture.2.exponential 5ms
part.lognormal services.mailer.service_time.mixture.3.lognormal {p50: 8ms, sigma: 1}
lognormal.p50 services.callee.service_time.lognormal.p50 9ms
lognormal.sigma services.callee.service_time.lognormal.sigma 0.6
journey.rate journeys.buy.rate 30/m
journey.deadline journeys.buy.deadline 2s
journey.entry journeys.look.entry callee
journey.zone journeys.buy.zone asia
journey.client journeys.buy.client {}
call.service journeys.buy.entry.calls.0.service steady
call.probability journeys.buy.entry.calls.0.probability 0.5
call.calls journeys.buy.entry.calls [callee]
group.parallel journeys.buy.entry.calls.2.parallel [steady, callee]
client.patience journeys.buy.client.patience 300ms
client.retries journeys.buy.client.retries {max: 2}
client.cancel journeys.buy.client.cancel true
client_retries.max journeys.buy.client.retries.max 2
client_retries.backoff journeys.buy.client.retries.backoff 800ms
users.count users.shoppers.count 50
users.think_time users.shoppers.think_time 4s
users.session_pause users.shoppers.session_pause 30s
users.session users.shoppers.session [buy]
step.journey users.shoppers.session.1.journey look
step.probability users.shoppers.session.1.probability 0.5
step.times users.shoppers.session.1.times 3
fault.kind faults.down {kind: latency, factor: 2, target: callee, at: 3h, for: 1m}
fault.target faults.down.target steady
fault.hosts faults.slow.hosts [2]
fault.zones faults.squeezed.zones [us]
fault.at faults.down.at 4h
fault.time_of_day faults.slow.time_of_day "11:15"
fault.for faults.down.for 30m
fault.every faults.down.every 12h
fault.mtbf faults.crashes.mtbf 5h
fault.mttr faults.crashes.mttr 6m
fault.ramp faults.slow.ramp 15m
fault.factor faults.slow.factor 0.5
fault.rate faults.errors.rate 0.4
fault.code faults.errors.code ERR_504
fault.callers faults.cut.callers [steady]
fault.journeys faults.crowd.journeys [browse, buy]
fault.restart faults.release.restart 30s
fault.pause faults.release.pause 50s
fault.drain faults.release.drain 4s
fault.at_once faults.release.at_once 3
fault.skew faults.drift.skew 80s
fault.direction faults.drift.direction ahead
expectation.service expect.rare.service caller
expectation.from expect.steady.from 2h
expectation.until expect.volume.until 11h
expectation.during expect.rare.during slow
expectation.after expect.passes.after slow
expectation.within expect.passes.within 2m
expectation.error_rate expect.rare.error_rate {at_most: 0.9}
expectation.p50 expect.quick.p50 {at_least: 1ms}
expectation.p95 expect.steady.p95 {at_most: 20s}
expectation.p99 expect.passes.p99 {at_least: 1ms}
expectation.records expect.few.records {at_least: 3}
error_rate_bounds.at_least expect.rare.error_rate.at_least 0.02
error_rate_bounds.at_most expect.healthy.error_rate.at_most 0.98
percentile_bounds.at_least expect.steady.p95.at_least 2ms
percentile_bounds.at_most expect.passes.p99.at_most 29s
record_bounds.at_least expect.volume.records.at_least 999
record_bounds.at_most expect.few.records.at_most 9999999
)";

struct Example {
  std::string path;
  std::string other;
};

using Examples = std::map<std::string, Example>;  // by "object.key"

Examples ReadExamples() {
  Examples examples;
  std::istringstream lines{std::string(kExampleLines)};
  std::string name;
  while (lines >> name) {
    Example& example = examples[name];
    lines >> example.path;
    std::getline(lines >> std::ws, example.other);
  }
  return examples;
}

const Examples& AllExamples() {
  static const Examples kExamples = ReadExamples();
  return kExamples;
}

// For types that hold several values.
std::vector<std::string> WrongCollections(const KeySpec& key) {
  switch (key.type) {
    case ValueType::kNumberList:
      return {"x", "{}", "[]", "[1]", "~"};
    case ValueType::kHostList:
      return {"x", "1", "{}", "[]", "[0]", "[x]", "[1.5]", "~"};
    case ValueType::kNameList:
      return {"x", "1", "{}", "[]", "[A]", "[a, a]", "[[]]", "~"};
    case ValueType::kServiceList:
    case ValueType::kJourneyList:
    case ValueType::kZoneList:
      return {"x", "1", "{}", "[]", "[nobody]", "[[]]", "~"};
    case ValueType::kZonePair:
      return {"eu", "{}", "[]", "[eu]", "[eu, eu]", "[eu, us, asia]", "[eu, mars]", "~"};
    case ValueType::kMessageList:
      return {"x", "{}", "[]", "[[]]", "[\"{nonsense}\"]", "~"};
    case ValueType::kMap:
      return {"x", "1", "[]", "{nonsense: 1}"};
    case ValueType::kMapsByName:
    case ValueType::kMapsByService:
    case ValueType::kMapsByCode:
      return {"x", "1", "[]", "{\"A B\": {}}", "{nonsense: 1}"};
    case ValueType::kCall:
      return {"nobody", "[]", "{}", "~", "{servce: caller}"};
    case ValueType::kCallList:
      return {"x", "{}", "[nobody]", "[[]]", "~", "[{parallel: [steady]}]"};
    case ValueType::kParallelCalls:
      return {"x", "{}", "[]", "[steady]", "[steady, nobody]", "[steady, {parallel: []}]", "~"};
    case ValueType::kStepList:
      return {"x", "{}", "[]", "[nobody]", "[[]]", "[{journey: buy, probability: 0}]", "~"};
    case ValueType::kMapList:
      return {"x", "{}", "[x]", "[[]]", "[{nonsense: 1}]", "~"};
    default:
      return {};
  }
}

// Values that no key of this type may have.
std::vector<std::string> WrongValues(const KeySpec& key) {
  switch (key.type) {
    case ValueType::kName:
      return {"Shop", "a b", "a_b", "-a", "[]", "{}", "~", std::string(64, 'a')};
    case ValueType::kText:
      return {"[]", "{}", "\"two\\nlines\"", std::string(201, 'a')};
    case ValueType::kWhole:
      return {"x",  "-1", "1.5", "0x10", "1e3", "yes", "99999999999999999999",
              "[]", "{}", "~",   "5ms"};
    case ValueType::kNumber:
      return {"x", "nan", ".inf", "-0.1", "1e999", "0x1p3", "10001", "[]", "{}", "~", "5ms"};
    case ValueType::kBoolean:
      return {"yes", "on", "1", "True", "[]", "{}", "~"};
    case ValueType::kDuration:
    case ValueType::kRunDuration:
      return {"5", "x", "-5ms", "\"5 ms\"", "5M", "0.1ns", "1e3ms", "40000d", "[]", "{}", "~"};
    case ValueType::kRate:
      return {"0.3", "x/s", "-1/s", "1/w", "1000001/s", "5ms", "[]", "{}", "~"};
    case ValueType::kTimestamp:
      return {"2025-01-06", "2025-02-30T00:00:00Z", "1969-01-01T00:00:00Z", "x", "[]", "{}", "~"};
    case ValueType::kTimeOfDay:
      return {"25:00", "\"9:00\"", "3h", "x", "[]", "{}", "~"};
    case ValueType::kChoice:
      return {"nonsense", "1", "[]", "{}", "~"};
    case ValueType::kCode:
      return {"500", "ERR_5", "err_500", "ERR_5000", "[]", "{}", "~"};
    case ValueType::kServiceName:
      return {"nobody", "[]", "{}", "~"};
    case ValueType::kJourneyName:
    case ValueType::kZoneName:
    case ValueType::kFaultName:
      return {"nobody", "[]", "{}", "~"};
    case ValueType::kDistribution:
      return {"x",
              "5",
              "-5ms",
              "40000d",
              "[]",
              "{}",
              "{p50: 1ms}",
              "{p99: 1ms}",
              "{p50: 2ms, p99: 1ms}",
              "{constant: 1ms, exponential: 1ms}",
              "{mixture: []}",
              "{mixture: [{weight: 1, constant: 1ms}]}",
              "{mixture: [{weight: 0, constant: 1ms}, {weight: 1, constant: 1ms}]}",
              "{mixture: [{weight: 1, constant: 1ms}, {weight: 1}]}",
              "{mixture: [{weight: 1, constant: 1ms}, {weight: 1, mixture: []}]}",
              "{mean: 1ms}"};
    case ValueType::kBackoff:
      return {"x", "5", "[]", "{bse: 1ms}"};
    default:
      return WrongCollections(key);
  }
}

// The key's own place. Some examples change another place, because the key cannot change alone.
std::string OwnPath(const std::string& name) {
  if (name == "scenario.services") return "services";
  if (name == "scenario.journeys") return "journeys";
  if (name == "dependency.async") return "services.caller.dependencies.mailer.async";
  if (name == "scenario.faults") return "faults";
  if (name == "fault.kind") return "faults.down.kind";
  return AllExamples().at(name).path;
}

template <class Visit>
void ForEachKey(Visit visit) {
  for (const ObjectSpec& object : ScenarioObjects()) {
    for (const KeySpec& key : object.keys) {
      visit(object, key, Concat({object.name, ".", key.name}));
    }
  }
}

absl::StatusOr<ParsedScenario> With(const std::string& path, const std::string& value) {
  return ParseScenario(kFullScenario, "full.yaml", {{.value = Concat({path, "=", value})}});
}

TEST(ScenarioKeys, EveryKeyHasAnExample) {
  const Examples& examples = AllExamples();
  std::size_t keys = 0;
  ForEachKey([&](const ObjectSpec&, const KeySpec&, const std::string& name) {
    EXPECT_TRUE(examples.contains(name)) << name;
    ++keys;
  });
  EXPECT_EQ(keys, examples.size());
}

TEST(ScenarioKeys, EveryKeyChangesTheScenario) {
  const auto unchanged = ParseScenario(kFullScenario, "full.yaml");
  ASSERT_TRUE(unchanged.ok()) << unchanged.status();
  for (const auto& [name, example] : AllExamples()) {
    const auto changed = With(example.path, example.other);
    ASSERT_TRUE(changed.ok()) << name << ": " << changed.status();
    EXPECT_FALSE(changed->scenario == unchanged->scenario) << name;
  }
}

TEST(ScenarioKeys, EveryKeyIsPrintedAndReadsBack) {
  for (const auto& [name, example] : AllExamples()) {
    const auto changed = With(example.path, example.other);
    ASSERT_TRUE(changed.ok()) << name << ": " << changed.status();
    const auto back = ParseScenario(ScenarioText(changed->scenario), "printed.yaml");
    ASSERT_TRUE(back.ok()) << name << ": " << back.status();
    EXPECT_TRUE(back->scenario == changed->scenario) << name;
  }
}

// The printed text means the same as the given one, also when it is changed once more.
TEST(ScenarioKeys, EveryKeyIsPrintedSoThatOptionsActOnItAlike) {
  for (const auto& [name, example] : AllExamples()) {
    const auto changed = With(example.path, example.other);
    ASSERT_TRUE(changed.ok()) << name << ": " << changed.status();
    const std::string printed = ScenarioText(changed->scenario);
    for (const Overrides& options : LaterOptions()) {
      Overrides all = options;
      all.insert(all.begin(), {.value = Concat({example.path, "=", example.other})});
      const auto direct = ParseScenario(kFullScenario, "full.yaml", all);
      const auto by_way_of_text = ParseScenario(printed, "printed.yaml", options);
      ASSERT_EQ(direct.ok(), by_way_of_text.ok()) << name << ": " << by_way_of_text.status();
      if (!direct.ok()) continue;
      EXPECT_TRUE(by_way_of_text->scenario == direct->scenario) << name;
    }
  }
}

TEST(ScenarioKeys, EveryKeyRefusesWrongValuesAndSaysWhere) {
  ForEachKey([&](const ObjectSpec&, const KeySpec& key, const std::string& name) {
    const std::string path = OwnPath(name);
    for (const std::string& wrong : WrongValues(key)) {
      const auto parsed = With(path, wrong);
      ASSERT_FALSE(parsed.ok()) << path << "=" << wrong << " was taken";
      const std::string message(parsed.status().message());
      EXPECT_THAT(message, HasSubstr(Concat({"--set ", path, "="}))) << path << "=" << wrong;
    }
  });
}

TEST(ScenarioKeys, EveryRangeIsKeptAtBothEnds) {
  const Examples& examples = AllExamples();
  ForEachKey([&](const ObjectSpec&, const KeySpec& key, const std::string& name) {
    if (key.type != ValueType::kDuration || key.maximum.empty()) return;
    const auto above = With(examples.at(name).path, std::string(key.maximum) + "1ns");
    ASSERT_FALSE(above.ok()) << name;
    EXPECT_THAT(std::string(above.status().message()), HasSubstr(std::string(key.maximum)));
  });
  ForEachKey([&](const ObjectSpec&, const KeySpec& key, const std::string& name) {
    if (key.type != ValueType::kWhole && key.type != ValueType::kNumber) return;
    const auto above = With(examples.at(name).path, std::string(key.maximum) + "1");
    EXPECT_FALSE(above.ok()) << name;
    if (key.minimum == "0") return;
    EXPECT_FALSE(With(examples.at(name).path, "0").ok()) << name;
  });
}

TEST(ScenarioKeys, EveryKeyMisspeltIsToldByItsName) {
  ForEachKey([&](const ObjectSpec&, const KeySpec& key, const std::string& name) {
    std::string path = OwnPath(name);
    path.resize(path.rfind('.') == std::string::npos ? 0 : path.rfind('.') + 1);
    const std::string misspelt = std::string(key.name) + "x";
    const auto parsed = With(path + misspelt, "1");
    ASSERT_FALSE(parsed.ok()) << path + misspelt;
    EXPECT_THAT(std::string(parsed.status().message()),
                AllOf(HasSubstr(Concat({"unknown key '", misspelt, "'"})),
                      HasSubstr(Concat({"did you mean '", key.name, "'?"}))));
  });
}

TEST(ScenarioKeys, EveryRequiredKeyIsMissed) {
  const auto parsed = ParseScenario("services: {a: {}}\njourneys: {j: {}}\nfaults: {f: {}}\n", "f");
  ASSERT_FALSE(parsed.ok());
  const std::string message(parsed.status().message());
  for (const std::string_view object : {"scenario", "service", "journey", "fault"}) {
    for (const KeySpec& key : ObjectNamed(object).keys) {
      if (!key.is_required || key.name == "services") continue;
      EXPECT_THAT(message, HasSubstr(Concat({"needs the key '", key.name, "'"})));
    }
  }
}

}  // namespace
}  // namespace groundhog::model
