#include "analysis/stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;

std::string JsonOf(const Stats& stats, const traces::Catalogue& catalogue) {
  std::string json;
  WriteStatsAsJson(stats, catalogue, [&](std::string_view part) {
    json += part;
    return true;
  });
  return json;
}

Stats StatsOf(const std::vector<traces::Record>& records,
              std::optional<sim::Duration> each = std::nullopt,
              std::int64_t start_unix_nanoseconds = traces::SampleInfo().start_unix_nanoseconds) {
  traces::TraceInfo info = traces::SampleInfo();
  info.start_unix_nanoseconds = start_unix_nanoseconds;
  const traces::Catalogue catalogue = traces::SampleCatalogue();
  StatsCollector collector(info, catalogue, each);
  for (const traces::Record& record : records) collector.Take(record);
  const absl::StatusOr<Stats> stats = collector.Finish();
  EXPECT_TRUE(stats.ok()) << stats.status();
  return *stats;
}

// Two requests, one of which failed by a dependency; and one a second into the next day.
std::vector<traces::Record> FewRecords() {
  traces::Record good = traces::SampleRecord(0);
  traces::Record bad = traces::SampleRecord(2 * kSecond + 1'500'000);
  bad.request.ordinal = 18;
  bad.level = traces::Level::kError;
  bad.error_code = traces::ErrorCodeId{1};
  bad.dependency = traces::ServiceId{1};
  bad.duration = sim::Milliseconds(3'000);
  bad.truth = {.fault = traces::FaultId{0}, .root = traces::ServiceId{1}, .occurrence = 2};
  traces::Record next = traces::SampleRecord(86'400 * kSecond);
  next.host = sim::EntityId{1};
  next.service = traces::ServiceId{1};
  next.level = traces::Level::kWarn;
  return {good, bad, next};
}

TEST(Health, IsTheShareOfGoodRecordsTimesThatOfTheP95) {
  EXPECT_EQ(Health(0, 0), 100);
  EXPECT_EQ(Health(0, 1'000), 100);
  EXPECT_EQ(Health(0, 2'000), 50);
  EXPECT_EQ(Health(0.5, 1), 50);
  EXPECT_EQ(Health(0.5, 4'000), 12.5);
  EXPECT_EQ(Health(1, 1), 0);
}

TEST(Stats, AsJsonHaveALineForEachRow) {
  const Stats stats = StatsOf(FewRecords(), sim::Seconds(1));
  EXPECT_EQ(JsonOf(stats, traces::SampleCatalogue()),
            R"({
  "records": 3,
  "first_time": "2025-01-06T00:00:00.000Z",
  "last_time": "2025-01-07T00:00:00.000Z",
  "services": {
    "gateway-service": {"records": 2, "info": 1, "warn": 0, "error": 1, "error_rate": 0.5, )"
            R"("latency_ms": {"sum": 3007, "min": 7, "max": 3000, "mean": 1503.5, "p50": 1503.5, )"
            R"("p95": 2850.35, "p99": 2970.07}, "histogram": [[1, 0], [2, 0], [5, 0], [10, 1], )"
            R"([20, 0], [50, 0], [100, 0], [200, 0], [500, 0], [1000, 0], [2000, 0], [5000, 1], )"
            R"([10000, 0], [20000, 0], [50000, 0], [null, 0]], "health": 17.541705404599437},
    "order-service": {"records": 1, "info": 0, "warn": 1, "error": 0, "error_rate": 0, )"
            R"("latency_ms": {"sum": 7, "min": 7, "max": 7, "mean": 7, "p50": 7, "p95": 7, )"
            R"("p99": 7}, "histogram": [[1, 0], [2, 0], [5, 0], [10, 1], [20, 0], [50, 0], )"
            R"([100, 0], [200, 0], [500, 0], [1000, 0], [2000, 0], [5000, 0], [10000, 0], )"
            R"([20000, 0], [50000, 0], [null, 0]], "health": 100}
  },
  "dependencies": [
    {"service": "gateway-service", "dependency": "order-service", "records": 1, "errors": 1, )"
            R"("failure_rate": 1, "latency_ms": {"mean": 3000, "p95": 3000}}
  ],
  "failure_patterns": [
    {"service": "gateway-service", "dependency": "order-service", "error_code": "ERR_504", )"
            R"("records": 1}
  ],
  "error_codes": [
    {"error_code": "ERR_504", "records": 1, "services": {"gateway-service": 1}}
  ],
  "hours": [
    {"start": "2025-01-06T00:00:00Z", "service": "gateway-service", "records": 2, "errors": 1, )"
            R"("error_rate": 0.5, "latency_ms": {"mean": 1503.5, "p95": 2850.35}},
    {"start": "2025-01-07T00:00:00Z", "service": "order-service", "records": 1, "errors": 0, )"
            R"("error_rate": 0, "latency_ms": {"mean": 7, "p95": 7}}
  ],
  "days": [
    {"date": "2025-01-06", "records": 2, "errors": 1},
    {"date": "2025-01-07", "records": 1, "errors": 0}
  ],
  "alerts": 1,
  "trace_ids": 2,
  "causes": [
    {"cause": null, "records": 2, "errors": 0},
    {"cause": "order-outage/2", "records": 1, "errors": 1}
  ],
  "series": [
    {"start": "2025-01-06T00:00:00Z", "service": "gateway-service", "records": 1, "errors": 0, )"
            R"("latency_ms": {"sum": 7, "p95": 7}},
    {"start": "2025-01-06T00:00:02Z", "service": "gateway-service", "records": 1, "errors": 1, )"
            R"("latency_ms": {"sum": 3000, "p95": 3000}},
    {"start": "2025-01-07T00:00:00Z", "service": "order-service", "records": 1, "errors": 0, )"
            R"("latency_ms": {"sum": 7, "p95": 7}}
  ]
}
)");
}

TEST(Stats, OfNoRecordAreEmpty) {
  const std::string json = JsonOf(StatsOf({}), traces::SampleCatalogue());
  EXPECT_THAT(json, HasSubstr("\"records\": 0,\n  \"first_time\": null,\n  \"last_time\": null,\n"
                              "  \"services\": {},\n  \"dependencies\": [],\n"));
  EXPECT_THAT(json, HasSubstr("\"causes\": []\n}\n")) << "no series was asked for";
}

TEST(Stats, GoByTheHostsClock) {
  traces::Record early = traces::SampleRecord(kSecond);
  early.clock_skew = sim::Hours(24);
  traces::Record late = traces::SampleRecord(2 * kSecond);
  late.clock_skew = -sim::Hours(24);
  const std::string json = JsonOf(StatsOf({early, late}), traces::SampleCatalogue());
  EXPECT_THAT(json, HasSubstr("\"first_time\": \"2025-01-05T00:00:02.000Z\",\n"
                              "  \"last_time\": \"2025-01-07T00:00:01.000Z\",\n"));
  EXPECT_THAT(json, HasSubstr("\"days\": [\n    {\"date\": \"2025-01-05\""));
}

TEST(Stats, OfEquallyManyGoByName) {
  std::vector<traces::Record> records;
  for (const std::uint16_t code : {1, 0}) {
    traces::Record& record = records.emplace_back(traces::SampleRecord(kSecond));
    record.level = traces::Level::kError;
    record.error_code = traces::ErrorCodeId{code};
    record.dependency = traces::ServiceId{1};
  }
  const Stats stats = StatsOf(records);
  ASSERT_EQ(stats.error_codes.size(), 2u);
  EXPECT_EQ(stats.error_codes[0].error_code, traces::ErrorCodeId{0});
  ASSERT_EQ(stats.failure_patterns.size(), 2u);
  EXPECT_EQ(stats.failure_patterns[0].error_code, traces::ErrorCodeId{0});
}

TEST(Stats, OfTimesAtTheEndsOfTheRangeAreThere) {
  for (const std::int64_t start :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    std::vector<traces::Record> records = {
        traces::SampleRecord(0), traces::SampleRecord(std::numeric_limits<std::int64_t>::max())};
    records[0].clock_skew = -sim::Hours(24);
    records[1].clock_skew = sim::Hours(24);
    for (const sim::Duration each : {sim::Seconds(1), sim::Hours(1)}) {
      const Stats stats = StatsOf(records, each, start);
      EXPECT_EQ(stats.records, 2u);
      EXPECT_FALSE(JsonOf(stats, traces::SampleCatalogue()).empty());
    }
  }
}

TEST(Stats, RefuseWhatDoesNotFitInMemory) {
  const traces::Catalogue catalogue = traces::SampleCatalogue();
  StatsCollector collector(traces::SampleInfo(), catalogue);
  traces::Record record = traces::SampleRecord(kSecond);
  for (int i = 0; i < 3'000'000 && !collector.is_full(); ++i) {
    record.request.ordinal += 512;
    collector.Take(record);
  }
  EXPECT_TRUE(collector.is_full());
  const absl::StatusOr<Stats> stats = collector.Finish();
  EXPECT_TRUE(absl::IsResourceExhausted(stats.status())) << stats.status();
  EXPECT_THAT(std::string(stats.status().message()), HasSubstr("--from"));
}

}  // namespace
}  // namespace groundhog::analysis
