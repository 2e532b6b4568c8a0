// That the causes of an ExactWorld's records are those of the counterfactual, and that nothing else
// of the records changes.
#include "model/truth/exact_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/truth/comparison.h"
#include "model/world/world.h"
#include "tests/model/deep_world.h"
#include "tests/model/small_world.h"

namespace groundhog::model {

// How a test of one fault is named.
void PrintTo(const Fault& fault, std::ostream* out) { *out << kFaultKinds.NameOf(fault.kind); }

namespace {

std::vector<traces::Record> Live(const Scenario& scenario) {
  absl::StatusOr<World> world = World::Create(scenario);
  EXPECT_TRUE(world.ok()) << world.status();
  std::vector<traces::Record> records;
  EXPECT_TRUE(world->Run(sim::VirtualTime(scenario.duration), SIZE_MAX, &records).ok());
  return records;
}

// In stretches of `step`, each at most `enough` records at a time.
std::vector<traces::Record> LiveExactly(const Scenario& scenario,
                                        sim::Duration step = sim::Hours(24),
                                        std::size_t enough = SIZE_MAX) {
  absl::StatusOr<ExactWorld> world = ExactWorld::Create(scenario);
  EXPECT_TRUE(world.ok()) << world.status();
  std::vector<traces::Record> all;
  std::vector<traces::Record> records;
  const sim::VirtualTime end(scenario.duration);
  sim::VirtualTime reached;
  while (reached < end) {
    records.clear();
    const sim::VirtualTime until = end - reached > step ? reached + step : end;
    const absl::StatusOr<sim::VirtualTime> now = world->Run(until, enough, &records);
    EXPECT_TRUE(now.ok()) << now.status();
    if (!now.ok()) break;
    EXPECT_LE(*now, until);
    for (const traces::Record& record : records) {
      EXPECT_GE(record.time, all.empty() ? reached : all.back().time);
      all.push_back(record);
    }
    reached = *now;
  }
  return all;
}

std::vector<traces::Record> WithoutTruth(std::vector<traces::Record> records) {
  for (traces::Record& record : records) record.truth = {};
  return records;
}

Scenario Without(Scenario scenario, std::size_t fault) {
  scenario.faults.erase(scenario.faults.begin() + static_cast<std::ptrdiff_t>(fault));
  return scenario;
}

bool IsOf(const traces::Record& record, std::size_t fault) {
  return record.truth.fault == traces::FaultId{static_cast<std::uint16_t>(fault)};
}

// What a record is about, and its latency, as a naive reader would compare two lists.
using Subject =
    std::tuple<std::uint32_t, std::uint64_t, std::uint32_t, traces::Level, traces::ErrorCodeId>;

Subject SubjectOf(const traces::Record& record) {
  const bool has_request = record.span != traces::SpanId::kNone;
  return {
      sim::Index(record.request.source),
      has_request ? record.request.ordinal : static_cast<std::uint64_t>(record.time.nanoseconds()),
      static_cast<std::uint32_t>(record.span), record.level, record.error_code};
}

std::int64_t Milliseconds(const traces::Record& record) {
  return record.duration / sim::Milliseconds(1);
}

struct Subjects {
  std::size_t real = 0;
  std::size_t other = 0;
  std::size_t labelled = 0;
  std::multiset<std::int64_t> real_latencies;
  std::multiset<std::int64_t> other_latencies;
};

// Of one fault, by lists of the whole run.
std::map<Subject, Subjects> Compare(const std::vector<traces::Record>& real,
                                    const std::vector<traces::Record>& other, std::size_t fault) {
  std::map<Subject, Subjects> subjects;
  for (const traces::Record& record : real) {
    Subjects& subject = subjects[SubjectOf(record)];
    ++subject.real;
    subject.real_latencies.insert(Milliseconds(record));
    if (IsOf(record, fault)) ++subject.labelled;
  }
  for (const traces::Record& record : other) {
    Subjects& subject = subjects[SubjectOf(record)];
    ++subject.other;
    subject.other_latencies.insert(Milliseconds(record));
  }
  return subjects;
}

// Whether a record that is alone in the real world is missing in the other or, of level INFO, has
// another latency there.
bool IsOther(const Subject& subject, const Subjects& found) {
  const bool is_info = std::get<traces::Level>(subject) == traces::Level::kInfo;
  return found.other == 0 || (is_info && found.other_latencies != found.real_latencies);
}

Scenario ScenarioWith(Fault fault) {
  Scenario scenario = SmallScenario();
  scenario.faults = {std::move(fault)};
  return scenario;
}

Fault SlowBack() {
  Fault fault = SmallFault(Fault::Kind::kLatency, "back-service");
  fault.factor = 8;
  return fault;
}

TEST(ExactWorld, ChangesNothingButTruth) {
  Scenario scenario = DeepScenario();
  ASSERT_FALSE(scenario.faults.empty());
  EXPECT_EQ(WithoutTruth(LiveExactly(scenario)), WithoutTruth(Live(scenario)));
}

TEST(ExactWorld, WithoutFaultsIsTheWorld) {
  EXPECT_EQ(LiveExactly(SmallScenario()), Live(SmallScenario()));
}

TEST(ExactWorld, GivesTheSameHoweverTheRunIsCut) {
  const Scenario scenario = ScenarioWith(SlowBack());
  const std::vector<traces::Record> whole = LiveExactly(scenario);
  EXPECT_EQ(LiveExactly(scenario, sim::Seconds(7), 100), whole);
  EXPECT_EQ(LiveExactly(scenario, sim::Milliseconds(300), 1), whole);
}

class ExactTruth : public testing::TestWithParam<Fault> {};

// One fault: a record has it as its cause exactly if there is none about the same in the world
// without it, or, of INFO, if the latencies of those that there are differ.
TEST_P(ExactTruth, IsTheDifference) {
  const Scenario scenario = ScenarioWith(GetParam());
  const std::vector<traces::Record> real = LiveExactly(scenario);
  std::size_t differing = 0;
  for (const auto& [subject, each] : Compare(real, Live(Without(scenario, 0)), 0)) {
    const std::size_t excess = each.real > each.other ? each.real - each.other : 0;
    EXPECT_GE(each.labelled, excess);
    const bool is_info = std::get<traces::Level>(subject) == traces::Level::kInfo;
    if (excess == 0 && (!is_info || each.real_latencies == each.other_latencies)) {
      EXPECT_EQ(each.labelled, 0U);
    } else if (each.real == 1) {
      EXPECT_EQ(each.labelled, 1U);
      ++differing;
    }
  }
  EXPECT_GT(differing, 100U);
  for (const traces::Record& record : real) {
    if (record.time < sim::VirtualTime(GetParam().at)) {
      EXPECT_EQ(record.truth, traces::Truth());
    }
  }
}

Fault Crash() {
  Fault fault = SmallFault(Fault::Kind::kCrash, "middle-service");
  fault.hosts = {1};
  return fault;
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExactTruth,
                         testing::Values(SlowBack(), Crash(),
                                         SmallFault(Fault::Kind::kOutage, "back-service"),
                                         SmallFault(Fault::Kind::kPartition, "middle-service")));

// The healthy host does the work of the one that is down. The rule of blame knows it, too.
TEST(ExactWorld, KnowsWhyLoadMoved) {
  Scenario scenario = ScenarioWith(Crash());
  scenario.journeys[0].rate_per_second = 400;
  const auto of_healthy_host = [](const traces::Record& record) {
    return record.level == traces::Level::kError && sim::Index(record.host) == 3 &&
           record.time > sim::VirtualTime(sim::Minutes(4));
  };
  const auto has_no_cause = [&](const traces::Record& record) {
    return of_healthy_host(record) && record.truth.fault == traces::FaultId::kNone;
  };
  const std::vector<traces::Record> exact = LiveExactly(scenario);
  EXPECT_GT(std::ranges::count_if(exact, of_healthy_host), 50);
  EXPECT_EQ(std::ranges::count_if(exact, has_no_cause), 0);
  EXPECT_EQ(std::ranges::count_if(Live(scenario), has_no_cause), 0);
}

// A slow database and errors of the service before it: the errors are not the database's.
TEST(ExactWorld, BlamesWhatMadeTheRecordRatherThanWhatMadeItSlow) {
  Scenario scenario = ScenarioWith(SlowBack());
  scenario.faults[0].factor = 2;
  Fault errors = SmallFault(Fault::Kind::kErrorRate, "middle-service");
  errors.name = "errors";
  errors.at = sim::Minutes(4);
  errors.rate = 0.5;
  scenario.faults.push_back(errors);
  std::size_t injected = 0;
  for (const traces::Record& record : LiveExactly(scenario)) {
    const bool is_injected = record.level == traces::Level::kError &&
                             sim::Index(record.host) / 2 == 1 &&
                             record.dependency == traces::ServiceId::kNone;
    if (!is_injected || record.time < sim::VirtualTime(errors.at)) continue;
    if (record.time > sim::VirtualTime(sim::Minutes(5))) continue;
    ++injected;
    EXPECT_TRUE(IsOf(record, 1));
    EXPECT_EQ(record.truth.root, record.service);
    EXPECT_EQ(record.truth.hops, 0);
  }
  EXPECT_GT(injected, 100U);
}

// Each of two outages is enough: without either, the other refuses the same spans.
TEST(ExactWorld, KeepsACauseWhereEachOfTwoIsEnough) {
  Scenario scenario = ScenarioWith(SmallFault(Fault::Kind::kOutage, "back-service"));
  scenario.faults.push_back(scenario.faults[0]);
  scenario.faults[1].name = "again";
  std::size_t refused = 0;
  for (const traces::Record& record : LiveExactly(scenario)) {
    if (record.level != traces::Level::kError) continue;
    ++refused;
    EXPECT_NE(record.truth.fault, traces::FaultId::kNone);
  }
  EXPECT_GT(refused, 100U);
}

// Both slow the same spans down, so the latency of these is another without either.
TEST(ExactWorld, NamesBothWhereEachMakesARecordSlower) {
  Scenario scenario = ScenarioWith(SlowBack());
  scenario.services[2].service_time = Constantly(sim::Milliseconds(2));
  scenario.faults[0].factor = 3;
  scenario.faults.push_back(scenario.faults[0]);
  scenario.faults[1].name = "more";
  scenario.faults[1].at += sim::Minutes(1);
  const sim::VirtualTime from(scenario.faults[1].at + sim::Seconds(1));
  std::size_t slower = 0;
  for (const traces::Record& record : LiveExactly(scenario)) {
    const bool is_of_both = sim::Index(record.host) / 2 == 2 &&
                            record.span != traces::SpanId::kNone && record.time > from &&
                            record.time < sim::VirtualTime(sim::Minutes(5));
    if (!is_of_both || record.level != traces::Level::kInfo) continue;
    ++slower;
    EXPECT_TRUE(IsOf(record, 0));
    EXPECT_EQ(record.truth.also, traces::FaultId{1});
  }
  EXPECT_GT(slower, 100U);
}

TEST(ExactWorld, NamesTheOccurrence) {
  Scenario scenario = ScenarioWith(SlowBack());
  scenario.faults[0].duration = sim::Minutes(1);
  scenario.faults[0].every = sim::Minutes(3);
  std::set<std::uint32_t> occurrences;
  for (const traces::Record& record : LiveExactly(scenario)) {
    if (record.truth.fault == traces::FaultId::kNone) continue;
    occurrences.insert(record.truth.occurrence);
    const std::int64_t started =
        (record.time - sim::VirtualTime(sim::Minutes(3))) / sim::Minutes(3);
    EXPECT_LE(record.truth.occurrence, started + 1);
  }
  EXPECT_EQ(occurrences, (std::set<std::uint32_t>{1, 2, 3}));
}

// The gap between occurrences is rounded before the run: what is counted from the scenario's own
// words would be 400 us further away with each occurrence.
TEST(ExactWorld, CountsOccurrencesOnTheGrid) {
  Scenario scenario = ScenarioWith(SlowBack());
  scenario.resolution = Resolution::k1ms;
  scenario.faults[0].duration = sim::Milliseconds(500);
  scenario.faults[0].every = sim::Microseconds(1'000'400);
  const std::vector<traces::Record> by_rule = Live(scenario);
  const std::vector<traces::Record> exact = LiveExactly(scenario);
  ASSERT_EQ(exact.size(), by_rule.size());
  std::size_t only_exact = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i].truth.occurrence == 0 || by_rule[i].truth.occurrence != 0) continue;
    ++only_exact;
    const sim::Duration since_first = exact[i].time - sim::VirtualTime(scenario.faults[0].at);
    EXPECT_EQ(exact[i].truth.occurrence, since_first / sim::Seconds(1) + 1);
  }
  EXPECT_GT(only_exact, 50U);
}

// Two latencies of which neither alone is enough for most timeouts.
TEST(ExactWorld, NamesBothFaultsWhereBothAreNeeded) {
  Scenario scenario = ScenarioWith(SlowBack());
  scenario.faults[0].factor = 3;
  scenario.faults.push_back(scenario.faults[0]);
  scenario.faults[1].name = "again";
  const std::vector<traces::Record> real = LiveExactly(scenario);
  const auto without_first = Compare(real, Live(Without(scenario, 0)), 0);
  const auto without_second = Compare(real, Live(Without(scenario, 1)), 1);
  std::size_t both = 0;
  for (const traces::Record& record : real) {
    const Subject subject = SubjectOf(record);
    if (without_first.at(subject).real > 1) continue;
    const bool needs_both =
        IsOther(subject, without_first.at(subject)) && IsOther(subject, without_second.at(subject));
    EXPECT_EQ(record.truth.also != traces::FaultId::kNone, needs_both);
    if (!needs_both) continue;
    ++both;
    EXPECT_NE(record.truth.also, record.truth.fault);
    EXPECT_NE(record.truth.fault, traces::FaultId::kNone);
  }
  EXPECT_GT(both, 100U);
}

TEST(ExactWorld, RefusesMoreFaultsThanItCanTellApart) {
  Scenario scenario = SmallScenario();
  for (std::size_t i = 0; i <= ExactWorld::kFaultsMax; ++i) {
    scenario.faults.push_back(SlowBack());
    scenario.faults.back().name = "fault-" + std::to_string(i);
  }
  const absl::StatusOr<ExactWorld> world = ExactWorld::Create(scenario);
  EXPECT_EQ(world.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(world.status().message(),
            "exact truth can separate at most 63 faults, and the scenario has 64: leave some out "
            "(--without) or use --truth local");
}

// One record of a request's span.
traces::Record RecordAt(sim::Duration time, std::uint64_t ordinal, sim::Duration duration = {}) {
  return {.time = sim::VirtualTime(time),
          .request = {.ordinal = ordinal},
          .span = traces::SpanId{7},
          .duration = duration};
}

std::vector<Comparison::Verdict> Added(Comparison& comparison,
                                       const std::vector<traces::Record>& real,
                                       const std::vector<traces::Record>& other) {
  std::vector<Comparison::Verdict> verdicts;
  comparison.Add(real, 0, other, &verdicts);
  return verdicts;
}

TEST(Comparison, FindsWhatComesLaterInEitherWorld) {
  Comparison comparison;
  EXPECT_TRUE(
      Added(comparison, {RecordAt(sim::Seconds(1), 1)}, {RecordAt(sim::Seconds(1), 2)}).empty());
  const std::vector<Comparison::Verdict> later =
      Added(comparison, {RecordAt(sim::Seconds(60), 2)}, {RecordAt(sim::Seconds(61), 1)});
  ASSERT_EQ(later.size(), 2U);
  EXPECT_FALSE(later[0].has_other_latency);
  EXPECT_FALSE(later[1].has_other_latency);
}

TEST(Comparison, SeesLatencyInMilliseconds) {
  Comparison comparison;
  const std::vector<Comparison::Verdict> verdicts =
      Added(comparison,
            {RecordAt(sim::Seconds(1), 1, sim::Microseconds(4'100)),
             RecordAt(sim::Seconds(2), 2, sim::Microseconds(4'100))},
            {RecordAt(sim::Seconds(1), 1, sim::Microseconds(4'900)),
             RecordAt(sim::Seconds(3), 2, sim::Microseconds(5'000))});
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_FALSE(verdicts[0].has_other_latency);
  EXPECT_TRUE(verdicts[1].has_other_latency);
}

// A record at its own place is not taken for one that came before it.
TEST(Comparison, PrefersTheSamePlace) {
  Comparison comparison;
  const std::vector<Comparison::Verdict> verdicts =
      Added(comparison, {RecordAt(sim::Seconds(1), 1), RecordAt(sim::Seconds(2), 1)},
            {RecordAt(sim::Seconds(2), 1)});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].number, 1U);
}

TEST(Comparison, NeverFindsWhatIsFurtherAwayThanTheHorizon) {
  const sim::Duration late = sim::Seconds(1) + Comparison::kHorizon;
  for (const bool is_real_first : {true, false}) {
    const auto found = [&](sim::Duration time) {
      Comparison comparison;
      const std::vector<traces::Record> first = {RecordAt(sim::Seconds(1), 1)};
      const std::vector<traces::Record> second = {RecordAt(time, 1)};
      if (is_real_first) {
        Added(comparison, first, {});
        return Added(comparison, {}, second).size();
      }
      Added(comparison, {}, first);
      return Added(comparison, second, {}).size();
    };
    EXPECT_EQ(found(late), 1U);
    EXPECT_EQ(found(late + sim::Nanoseconds(1)), 0U);
  }
}

// A span that is slow anyway now tries a call again, too: only that is new.
TEST(Comparison, PrefersTheSameMessage) {
  traces::Record retry = RecordAt(sim::Seconds(1), 1);
  retry.message = traces::TemplateId{5};
  traces::Record slow = RecordAt(sim::Seconds(3), 1);
  slow.message = traces::TemplateId{6};
  traces::Record slow_anyway = slow;
  slow_anyway.time = sim::VirtualTime(sim::Seconds(2));
  Comparison comparison;
  std::vector<Comparison::Verdict> verdicts = Added(comparison, {retry, slow}, {slow_anyway});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].number, 1U);
  Comparison another;
  verdicts = Added(another, {retry}, {slow_anyway});  // the same step, level and error code
  EXPECT_EQ(verdicts.size(), 1U);
}

TEST(Comparison, ForgetsWhatIsOld) {
  Comparison comparison;
  Added(comparison, {RecordAt(sim::Seconds(1), 1)}, {});
  comparison.ForgetBefore(sim::VirtualTime(sim::Seconds(2)));
  EXPECT_TRUE(Added(comparison, {}, {RecordAt(sim::Seconds(3), 1)}).empty());
}

}  // namespace
}  // namespace groundhog::model
