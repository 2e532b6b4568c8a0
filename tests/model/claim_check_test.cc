// What becomes of a scenario's expectations, with records made by hand.
#include "model/claims/claim_check.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/claims/duration_counts.h"
#include "model/world/plan/log_model.h"
#include "sim/time.h"
#include "traces/catalogue.h"
#include "traces/record.h"

namespace groundhog::model {
namespace {

using sim::Milliseconds;
using sim::Minutes;
using sim::Seconds;
using traces::Level;
using traces::Record;

constexpr traces::ServiceId kFront{0};
constexpr traces::ServiceId kBack{1};
constexpr traces::TemplateId kDone{0};
constexpr traces::TemplateId kRetried{1};

// Two services; `down` is there from 2 to 4 minutes of 10.
Scenario SmallScenario(std::vector<Claim> claims) {
  Scenario scenario;
  scenario.duration = Minutes(10);
  scenario.services = {{.name = "front"}, {.name = "back"}};
  Fault fault;
  fault.name = "down";
  fault.target = "back";
  fault.at = Minutes(2);
  fault.duration = Minutes(2);
  scenario.faults = {fault};
  scenario.claims = std::move(claims);
  return scenario;
}

traces::Catalogue SmallCatalogue() {
  traces::Catalogue catalogue;
  catalogue.templates = {{.text = "Done", .slots = {}}, RetryMessages().front()};
  return catalogue;
}

// The end of a span.
Record Span(sim::Duration time, traces::ServiceId service, Level level = Level::kInfo,
            sim::Duration duration = Milliseconds(10)) {
  Record record;
  record.time = sim::VirtualTime(time);
  record.service = service;
  record.level = level;
  record.span = traces::SpanId{1};
  record.parent_span = service == kFront ? traces::SpanId::kNone : traces::SpanId{2};
  record.duration = duration;
  record.message = kDone;
  return record;
}

Record Heartbeat(sim::Duration time, traces::ServiceId service) {
  Record record = Span(time, service);
  record.span = traces::SpanId::kNone;
  record.parent_span = traces::SpanId::kNone;
  return record;
}

Record Retry(sim::Duration time, traces::ServiceId service) {
  Record record = Span(time, service, Level::kWarn, Seconds(9));
  record.message = kRetried;
  return record;
}

ClaimReport ReportOf(const Scenario& scenario, const std::vector<Record>& records,
                     sim::Duration reached = Minutes(10)) {
  ClaimCheck check(scenario, SmallCatalogue());
  check.Take(records);
  return check.Finish(sim::VirtualTime(reached));
}

// "held", "not checked", or what is said of the only claim.
std::string Verdict(const Claim& claim, const std::vector<Record>& records,
                    sim::Duration reached = Minutes(10)) {
  const ClaimReport report = ReportOf(SmallScenario({claim}), records, reached);
  EXPECT_EQ(report.held + report.not_checked + report.broken.size(), 1u);
  if (report.held == 1) return "held";
  return report.not_checked == 1 ? "not checked" : report.broken.front();
}

Claim ErrorRate(Bounds<double> bounds) {
  Claim claim;
  claim.name = "c";
  claim.service = "front";
  claim.error_rate = bounds;
  return claim;
}

Claim Records(std::uint64_t at_least, std::uint64_t at_most) {
  Claim claim;
  claim.name = "c";
  claim.from = sim::Duration();
  claim.until = Minutes(5);
  claim.records = Bounds<std::uint64_t>{.at_least = at_least, .at_most = at_most};
  return claim;
}

// At 1 minute 3 good spans of front, and one that failed.
std::vector<Record> OneOfFourFailed() {
  return {Span(Minutes(1), kFront), Span(Minutes(1), kFront), Span(Minutes(1), kFront),
          Span(Minutes(1), kFront, Level::kError)};
}

TEST(ClaimCheck, HasBoundsThatAreInclusive) {
  const std::vector<Record> records = OneOfFourFailed();
  EXPECT_EQ(Verdict(ErrorRate({.at_least = 0.25, .at_most = 0.25}), records), "held");
  EXPECT_EQ(Verdict(ErrorRate({.at_most = 0.2}), records),
            "expectation 'c' is broken: from 0s to 10m, the error rate of front is 25 % (1 of 4), "
            "not at most 20 %");
  EXPECT_EQ(Verdict(ErrorRate({.at_least = 0.3}), records),
            "expectation 'c' is broken: from 0s to 10m, the error rate of front is 25 % (1 of 4), "
            "not at least 30 %");
}

TEST(ClaimCheck, CountsOnlyTheEndsOfTheServicesSpans) {
  std::vector<Record> records = OneOfFourFailed();
  for (int i = 0; i < 10; ++i) {
    records.push_back(Retry(Minutes(2), kFront));
    records.push_back(Heartbeat(Minutes(2), kFront));
    records.push_back(Span(Minutes(2), kBack, Level::kError));
  }
  const Bounds<double> quarter = {.at_least = 0.25, .at_most = 0.25};
  EXPECT_EQ(Verdict(ErrorRate(quarter), records), "held");
  records.push_back(Span(Minutes(3), kFront, Level::kWarn));  // slow, or degraded
  EXPECT_EQ(Verdict(ErrorRate({.at_least = 0.2, .at_most = 0.2}), records), "held");
}

TEST(ClaimCheck, TakesTheRequestsOfUsersWhereNoServiceIsNamed) {
  std::vector<Record> records = OneOfFourFailed();
  records.push_back(Span(Minutes(2), kBack, Level::kError));
  Claim claim = ErrorRate({.at_most = 0.1});
  claim.service = "";
  EXPECT_EQ(Verdict(claim, records),
            "expectation 'c' is broken: from 0s to 10m, the error rate of users' requests is 25 % "
            "(1 of 4), not at most 10 %");
}

TEST(ClaimCheck, TakesASpanOfTheRunWithoutItsEnd) {
  Claim claim = ErrorRate({.at_most = 0});
  claim.from = Minutes(1) + Seconds(1);
  EXPECT_EQ(Verdict(claim, OneOfFourFailed()), "not checked");  // without a span it has no rate
  claim.from = Seconds(30);
  claim.until = Minutes(1);
  std::vector<Record> records = {Span(Seconds(30), kFront)};
  for (const Record& record : OneOfFourFailed()) records.push_back(record);
  EXPECT_EQ(Verdict(claim, records), "held");
  claim.until = Minutes(1) + sim::Nanoseconds(1);
  EXPECT_EQ(Verdict(claim, records),
            "expectation 'c' is broken: from 30s to 1m1ns, the error rate of front is "
            "20 % (1 of 5), not at most 0 %");
}

TEST(ClaimCheck, TakesEachOccurrenceOfAFault) {
  Claim claim = ErrorRate({.at_most = 0.1});
  claim.during = "down";
  Scenario scenario = SmallScenario({claim});
  scenario.faults[0].every = Minutes(3);
  std::vector<Record> records = OneOfFourFailed();  // before the fault
  records.push_back(Span(Minutes(2), kFront));
  records.push_back(Span(Minutes(5), kFront));
  records.push_back(Span(Minutes(6), kFront, Level::kError));
  records.push_back(Span(Minutes(8), kFront, Level::kError));
  EXPECT_EQ(ReportOf(scenario, records).broken,
            (std::vector<std::string>{
                "expectation 'c' is broken: during down/2, from 5m to 7m, the error rate of front "
                "is 50 % (1 of 2), not at most 10 %; broken at 2 of 3 such times"}));
}

// The world begins the fault every 10 ms, on its grid, though 10.4 ms are written.
TEST(ClaimCheck, TakesOccurrencesAsTheWorldLivesThem) {
  Claim claim = ErrorRate({.at_least = 1.0});
  claim.during = "down";
  Scenario scenario = SmallScenario({claim});
  scenario.resolution = Resolution::k1ms;
  Fault& fault = scenario.faults.front();
  fault.at = Seconds(1);
  fault.duration = Milliseconds(2);
  fault.every = Milliseconds(10) + sim::Microseconds(400);
  std::vector<Record> records;
  for (int i = 0; i < 1'000; ++i) {
    const sim::Duration start = Seconds(1) + Milliseconds(10) * i;
    records.push_back(Span(start, kFront, Level::kError));
    records.push_back(Span(start + Milliseconds(1), kFront, Level::kError));
    records.push_back(Span(start + Milliseconds(5), kFront));
  }
  const ClaimReport report = ReportOf(scenario, records);
  EXPECT_EQ(report.held, 1u);
  EXPECT_EQ(report.broken, std::vector<std::string>());
}

TEST(ClaimCheck, TakesEachMinuteAfterAFaultUntilTheNextOneBegins) {
  Claim claim = ErrorRate({.at_most = 0.1});
  claim.after = "down";
  claim.within = Seconds(30);
  Scenario scenario = SmallScenario({claim});
  Fault other = scenario.faults[0];
  other.name = "other";
  other.at = Minutes(7);
  scenario.faults.push_back(other);
  // The minutes begin at 4m30s and 5m30s; the next one would end after the other fault has begun.
  std::vector<Record> records = {Span(Minutes(4), kFront, Level::kError), Span(Minutes(5), kFront),
                                 Span(Minutes(6), kFront),
                                 Span(Minutes(6) + Seconds(30), kFront, Level::kError)};
  EXPECT_EQ(ReportOf(scenario, records).held, 1u);
  records.insert(records.begin() + 3, Span(Minutes(6), kFront, Level::kError));
  EXPECT_EQ(ReportOf(scenario, records).broken,
            (std::vector<std::string>{
                "expectation 'c' is broken: after down, from 5m30s to 6m30s, the error rate of "
                "front is 50 % (1 of 2), not at most 10 %; broken at 1 of 2 such times"}));
}

TEST(ClaimCheck, EndsWhereAFaultLeavesNoWholeMinute) {
  Claim claim = ErrorRate({.at_most = 0.1});
  claim.after = "down";
  Scenario scenario = SmallScenario({claim});
  scenario.duration = sim::Duration::Max();
  scenario.faults[0].every = Minutes(2) + Seconds(59);
  EXPECT_EQ(ReportOf(scenario, OneOfFourFailed()).not_checked, 1u);
}

TEST(ClaimCheck, JudgesOnlyTimesThatWereRecordedToTheirEnd) {
  Claim claim = ErrorRate({.at_most = 0.1});
  EXPECT_EQ(Verdict(claim, OneOfFourFailed(), Minutes(9)), "not checked");
  claim.during = "down";
  const std::vector<Record> records = {Span(Minutes(3), kFront, Level::kError)};
  EXPECT_EQ(Verdict(claim, records, Minutes(4) - sim::Nanoseconds(1)), "not checked");
  EXPECT_EQ(Verdict(claim, records, Minutes(4)),
            "expectation 'c' is broken: during down, from 2m to 4m, the error rate of front is "
            "100 % (1 of 1), not at most 10 %");
  Scenario scenario = SmallScenario({claim});
  scenario.duration = Minutes(4);  // the fault ends with the run
  EXPECT_EQ(ReportOf(scenario, records, Minutes(4)).broken.size(), 1u);
  claim.during = "";
  claim.from = Minutes(20);
  EXPECT_EQ(Verdict(claim, records), "not checked");
}

TEST(ClaimCheck, CountsRecordsOfEveryKind) {
  const std::vector<Record> records = {
      Span(Minutes(1), kFront), Retry(Minutes(1), kFront), Heartbeat(Minutes(1), kBack),
      Span(Minutes(2), kBack, Level::kError), Span(Minutes(5), kBack)};
  EXPECT_EQ(Verdict(Records(4, 4), records), "held");
  EXPECT_EQ(Verdict(Records(5, 2'000'000), records),
            "expectation 'c' is broken: from 0s to 5m, the number of records is 4, not at least 5");
  Claim of_back = Records(0, 1);
  of_back.service = "back";
  EXPECT_EQ(Verdict(of_back, records),
            "expectation 'c' is broken: from 0s to 5m, the number of records of back is 2, not at "
            "most 1");
  EXPECT_EQ(Verdict(Records(1'234'567, 2'000'000), {}),
            "expectation 'c' is broken: from 0s to 5m, the number of records is 0, not at least "
            "1,234,567");
}

TEST(ClaimCheck, TakesPercentilesOfAllSpansFailedOnesToo) {
  std::vector<Record> records;
  for (int i = 1; i <= 100; ++i) {
    const Level level = i == 99 ? Level::kError : Level::kInfo;
    records.push_back(Span(Minutes(1), kFront, level, Milliseconds(i)));
  }
  records.push_back(Retry(Minutes(1), kFront));
  const auto bounded = [](sim::Duration at_least, sim::Duration at_most) {
    return Bounds<sim::Duration>{.at_least = at_least, .at_most = at_most};
  };
  Claim claim;
  claim.name = "c";
  claim.service = "front";
  claim.p50 = bounded(Milliseconds(50), Milliseconds(50));
  EXPECT_EQ(Verdict(claim, records), "held");
  claim.p50.reset();
  claim.p95 = bounded(Milliseconds(95), Milliseconds(95));
  EXPECT_EQ(Verdict(claim, records), "held");
  claim.p95.reset();
  claim.p99 = bounded(Milliseconds(99), Milliseconds(99));
  EXPECT_EQ(Verdict(claim, records), "held");
  claim.p99 = Bounds<sim::Duration>{.at_most = Milliseconds(90)};
  EXPECT_EQ(Verdict(claim, records),
            "expectation 'c' is broken: from 0s to 10m, the p99 of front is 98.83ms, not at most "
            "90ms");
}

TEST(ClaimCheck, TellsHeldBrokenAndUncheckedOnesApart) {
  Claim late = ErrorRate({.at_most = 0});
  late.from = Minutes(9);
  late.until = Minutes(11);
  const Scenario scenario =
      SmallScenario({ErrorRate({.at_most = 1}), ErrorRate({.at_most = 0}), late});
  const ClaimReport report = ReportOf(scenario, OneOfFourFailed());
  EXPECT_EQ(report.held, 1u);
  EXPECT_EQ(report.broken.size(), 1u);
  EXPECT_EQ(report.not_checked, 1u);
  EXPECT_EQ(report.checked(), 2u);
}

TEST(DurationCounts, KnowsAPercentileToWithinFourPerMille) {
  for (std::int64_t exact = 1; exact < 4'000'000'000'000'000'000; exact += exact / 3 + 1) {
    DurationCounts counts;
    for (int i = 0; i < 9; ++i) counts.Add(sim::Nanoseconds(exact));
    counts.Add(sim::Nanoseconds(2 * exact));
    const DurationRange found = counts.Percentile(90);
    EXPECT_LE(found.least.nanoseconds(), exact);
    EXPECT_GE(found.most.nanoseconds(), exact);
    const auto middle = static_cast<double>(found.Middle().nanoseconds());
    EXPECT_NEAR(middle / static_cast<double>(exact), 1, 0.004) << exact;
    EXPECT_GT(counts.Percentile(91).least.nanoseconds(), exact) << exact;
  }
}

TEST(DurationCounts, IsExactBelow256NanosecondsAndEmptyWhenCleared) {
  DurationCounts counts;
  for (std::int64_t i = 0; i < 256; ++i) counts.Add(sim::Nanoseconds(i));
  EXPECT_EQ(counts.Percentile(50).least, sim::Nanoseconds(127));
  EXPECT_EQ(counts.Percentile(50).most, sim::Nanoseconds(127));
  EXPECT_EQ(counts.Percentile(100).most, sim::Nanoseconds(255));
  counts.Clear();
  EXPECT_EQ(counts.Percentile(99).most, sim::Duration());
}

}  // namespace
}  // namespace groundhog::model
