// What holds for every key of the table, tried on each: wrong values are refused, right ones have
// an effect, and the documentation says the same.
#include "model/scenario_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "model/concat.h"
#include "model/message_slots.h"
#include "model/scenario_parser.h"
#include "tests/model/full_scenario.h"

namespace groundhog::model {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A line each: "object.key", where kFullScenario has it, and a sound value other than its own.
constexpr std::string_view kExampleLines = R"(
scenario.name name other
scenario.description description other
scenario.seed seed 8
scenario.start start 2025-01-07T00:00:00Z
scenario.duration duration forever
scenario.log_interval log_interval 0s
scenario.network network {min: 50us}
scenario.traffic traffic {}
scenario.services services.extra {service_time: 1ms}
scenario.journeys journeys {}
scenario.faults faults {}
network.latency network.latency 1ms
network.min network.min 200us
traffic.daily traffic.daily [1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6]
traffic.weekly traffic.weekly [1, 2, 1, 1, 1, 1, 1]
service.hosts services.caller.hosts 4
service.concurrency services.caller.concurrency 9
service.queue services.caller.queue 0
service.balancer services.caller.balancer least_outstanding
service.service_time services.caller.service_time 5ms
service.slow services.caller.slow 90ms
service.log_interval services.caller.log_interval 100ms
service.degraded services.caller.degraded {}
service.errors services.caller.errors {}
service.messages services.caller.messages ["Done"]
service.dependencies services.callee.dependencies {steady: {timeout: 1s}}
degraded.error_share services.caller.degraded.error_share 0.2
error.rate services.caller.errors.ERR_402.rate 0.02
error.retry services.caller.errors.ERR_402.retry true
error.messages services.caller.errors.ERR_402.messages ["Declined"]
dependency.timeout services.caller.dependencies.callee.timeout 130ms
dependency.retries services.caller.dependencies.callee.retries {max: 1}
dependency.fallback services.caller.dependencies.callee.fallback fail
retries.max services.caller.dependencies.callee.retries.max 3
retries.backoff services.caller.dependencies.callee.retries.backoff 30ms
backoff.base services.caller.dependencies.callee.retries.backoff.base 30ms
backoff.multiplier services.caller.dependencies.callee.retries.backoff.multiplier 1.5
backoff.max services.caller.dependencies.callee.retries.backoff.max 3s
backoff.jitter services.caller.dependencies.callee.retries.backoff.jitter full
distribution.p50 services.caller.service_time.p50 5ms
distribution.p95 services.caller.service_time.p95 10ms
distribution.p99 services.caller.service_time.p99 20ms
distribution.max services.caller.service_time.max 70ms
distribution.constant services.steady.service_time.constant 4ms
distribution.exponential services.random.service_time.exponential 4ms
distribution.lognormal services.callee.service_time.lognormal {p50: 9ms, sigma: 0.5}
lognormal.p50 services.callee.service_time.lognormal.p50 9ms
lognormal.sigma services.callee.service_time.lognormal.sigma 0.6
journey.rate journeys.buy.rate 30/m
journey.deadline journeys.buy.deadline 2s
journey.entry journeys.buy.entry callee
call.service journeys.buy.entry.calls.0.service steady
call.probability journeys.buy.entry.calls.0.probability 0.5
call.calls journeys.buy.entry.calls [callee]
fault.kind faults.down {kind: latency, factor: 2, target: callee, at: 3h, for: 1m}
fault.target faults.down.target steady
fault.hosts faults.slow.hosts [2]
fault.at faults.down.at 4h
fault.time_of_day faults.slow.time_of_day "11:15"
fault.for faults.down.for 30m
fault.every faults.down.every 12h
fault.factor faults.slow.factor 0.5
fault.rate faults.errors.rate 0.4
fault.code faults.errors.code ERR_504
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
              "{mean: 1ms}"};
    case ValueType::kBackoff:
      return {"x", "5", "[]", "{bse: 1ms}"};
    case ValueType::kNumberList:
      return {"x", "{}", "[]", "[1]", "~"};
    case ValueType::kHostList:
      return {"x", "1", "{}", "[]", "[0]", "[x]", "[1.5]", "~"};
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
      return {"x", "{}", "[nobody]", "[[]]", "~"};
  }
  return {};
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

TEST(ScenarioKeys, EveryKeyRefusesWrongValuesAndSaysWhere) {
  const Examples& examples = AllExamples();
  ForEachKey([&](const ObjectSpec&, const KeySpec& key, const std::string& name) {
    // These two have examples that change another place than the key's own.
    std::string path = examples.at(name).path;
    if (name == "scenario.services") path = "services";
    if (name == "fault.kind") path = "faults.down.kind";
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
  const Examples& examples = AllExamples();
  ForEachKey([&](const ObjectSpec&, const KeySpec& key, const std::string& name) {
    if (name == "scenario.services" || name == "fault.kind") return;  // see above
    std::string path = examples.at(name).path;
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

// One row of SCENARIO.md for a key.
std::string Row(const KeySpec& key) {
  std::string fallback = "none";
  if (key.is_required) {
    fallback = "**required**";
  } else if (!key.fallback_note.empty()) {
    fallback = key.fallback_note;
  } else if (!key.fallback.empty()) {
    fallback = Concat({"`", key.fallback, "`"});
  }
  return Concat(
      {"| `", key.name, "` | ", Expectation(key), " | ", fallback, " | ", key.meaning, " |\n"});
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
  EXPECT_EQ(rows_found, rows + MessageSlots().size());
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
      {"journeys", kJourneysMax},
      {"calls of a journey's tree", kCallsMax},
      {"calls of all journeys together", kCallsTotalMax},
      {"levels of calls", kCallDepthMax},
      {"faults", kFaultsMax},
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
