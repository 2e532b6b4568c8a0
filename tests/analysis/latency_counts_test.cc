#include "analysis/latency_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tests/traces/sample_trace.h"
#include "text/time_text.h"

namespace groundhog::analysis {
namespace {

constexpr std::int64_t kStart = 1'736'121'600'000'000'000;  // 2025-01-06T00:00:00Z
constexpr std::int64_t kStartSeconds = kStart / 1'000'000'000;

traces::Record RecordAt(sim::Duration time, std::int64_t latency_ms, std::uint16_t service = 0) {
  traces::Record record;
  record.time = sim::VirtualTime(time);
  record.service = traces::ServiceId{service};
  record.duration = sim::Milliseconds(latency_ms);
  return record;
}

void Add(const traces::Record& record, LatencyCounts* counts) {
  counts->Add(record,
              text::UnixNanoseconds(kStart, text::TimeOnClock(record.time, record.clock_skew)));
}

double Percentile(const std::vector<std::pair<std::int64_t, std::uint64_t>>& values, double share) {
  std::vector<LatencyCount> counts;
  for (const auto& [latency, records] : values) {
    counts.push_back({.latency_ms = latency, .records = records});
  }
  return PercentileCont(counts, share);
}

TEST(PercentileCont, IsBetweenTwoRecords) {
  EXPECT_EQ(Percentile({{7, 1}}, 0.95), 7);
  EXPECT_EQ(Percentile({{10, 1}, {20, 1}}, 0.5), 15);
  EXPECT_EQ(Percentile({{10, 1}, {20, 1}, {40, 1}}, 0.5), 20);
  EXPECT_EQ(Percentile({{10, 3}, {20, 1}}, 0.5), 10);
  EXPECT_EQ(Percentile({{10, 2}, {20, 2}}, 0.5), 15);
  EXPECT_EQ(Percentile({{0, 1}, {100, 1}}, 0.95), 95);
  EXPECT_EQ(Percentile({{0, 1}, {100, 1}}, 0), 0);
  EXPECT_EQ(Percentile({{0, 1}, {100, 1}}, 1), 100);
}

TEST(LatencySum, StaysAtTheLargestNumber) {
  LatencySum sum;
  sum.Add({.latency_ms = std::int64_t{1} << 43, .records = std::uint64_t{1} << 20});
  EXPECT_EQ(sum.milliseconds, std::uint64_t{1} << 63);
  for (int i = 0; i < 3; ++i) {
    sum.Add({.latency_ms = std::int64_t{1} << 43, .records = std::uint64_t{1} << 20});
  }
  EXPECT_EQ(sum.milliseconds, ~std::uint64_t{0});
  EXPECT_EQ(sum.records, std::uint64_t{1} << 22);
}

TEST(LatencyCounts, OfHoursAndOfTheWhole) {
  LatencyCounts counts(kStart, std::nullopt);
  Add(RecordAt(sim::Minutes(1), 5), &counts);
  Add(RecordAt(sim::Minutes(2), 5), &counts);
  Add(RecordAt(sim::Minutes(59), 5'000), &counts);
  Add(RecordAt(sim::Minutes(60), 7, 1), &counts);
  Add(RecordAt(sim::Minutes(61), 9), &counts);
  counts.Finish();
  ASSERT_FALSE(counts.is_full());
  ASSERT_EQ(counts.hours().size(), 3u);
  EXPECT_EQ(counts.hours()[0].start, kStartSeconds);
  EXPECT_EQ(counts.hours()[0].latency.records, 3u);
  EXPECT_EQ(counts.hours()[0].latency.milliseconds, 5'010u);
  EXPECT_EQ(counts.hours()[1].start, kStartSeconds + 3'600);
  EXPECT_EQ(counts.hours()[1].service, traces::ServiceId{0});
  EXPECT_EQ(counts.hours()[2].service, traces::ServiceId{1});
  EXPECT_TRUE(counts.series().empty());
  ASSERT_EQ(counts.counts().size(), 4u) << "5, 9 and 5000 ms of one service, 7 ms of the other";
  EXPECT_EQ(counts.counts()[0].latency_ms, 5);
  EXPECT_EQ(counts.counts()[0].records, 2u);
}

TEST(LatencyCounts, GoByTheTimeThatTheRecordShows) {
  LatencyCounts counts(kStart, sim::Minutes(1));
  traces::Record late = RecordAt(sim::Hours(30), 5);
  late.clock_skew = -sim::Hours(24);
  traces::Record early = RecordAt(sim::Hours(31), 6);
  early.clock_skew = sim::Hours(24);
  Add(late, &counts);
  Add(RecordAt(sim::Hours(31), 7), &counts);
  Add(early, &counts);
  Add(RecordAt(sim::Hours(55), 8), &counts);
  counts.Finish();
  ASSERT_EQ(counts.hours().size(), 3u);
  EXPECT_EQ(counts.hours()[0].start, kStartSeconds + 6 * 3'600);
  EXPECT_EQ(counts.hours()[1].start, kStartSeconds + 31 * 3'600);
  EXPECT_EQ(counts.hours()[2].start, kStartSeconds + 55 * 3'600);
  EXPECT_EQ(counts.hours()[2].latency.records, 2u);
  ASSERT_EQ(counts.series().size(), 3u);
  EXPECT_EQ(counts.series()[2].latency.milliseconds, 14u);
}

// Every record kept, for figures without cleverness.
class PlainModel {
 public:
  void Add(std::int64_t start, traces::ServiceId service, std::int64_t latency_ms, bool is_error) {
    Group& group = groups_[{start, service}];
    group.latencies.push_back(latency_ms);
    group.errors += is_error ? 1 : 0;
  }
  void ExpectEqual(const std::vector<PeriodRow>& rows) {
    ASSERT_EQ(rows.size(), groups_.size());
    auto row = rows.begin();
    for (auto& [key, group] : groups_) {
      std::ranges::sort(group.latencies);
      std::uint64_t sum = 0;
      for (const std::int64_t each : group.latencies) sum += static_cast<std::uint64_t>(each);
      const double at = 0.95 * static_cast<double>(group.latencies.size() - 1);
      const auto low = static_cast<double>(group.latencies[static_cast<std::size_t>(at)]);
      const auto high =
          static_cast<double>(group.latencies[static_cast<std::size_t>(std::ceil(at))]);
      ASSERT_EQ(row->start, key.first);
      ASSERT_EQ(row->service, key.second);
      ASSERT_EQ(row->errors, group.errors);
      ASSERT_EQ(row->latency.records, group.latencies.size());
      ASSERT_EQ(row->latency.milliseconds, sum);
      ASSERT_EQ(row->p95, low + (at - std::floor(at)) * (high - low));
      ++row;
    }
  }

 private:
  struct Group {
    std::vector<std::int64_t> latencies;
    std::uint64_t errors = 0;
  };
  std::map<std::pair<std::int64_t, traces::ServiceId>, Group> groups_;
};

// So many records with so different latencies that counts are merged and periods closed on the way.
void CompareWithModel(bool with_wrong_clocks, std::uint64_t step_ms_max) {
  const std::uint64_t seed = 5;
  traces::TestRandom random(seed);
  LatencyCounts counts(kStart, sim::Seconds(1));
  PlainModel hours;
  PlainModel series;
  sim::Duration time;
  for (int i = 0; i < 2'600'000; ++i) {
    time += sim::Milliseconds(static_cast<std::int64_t>(random.Below(step_ms_max)));
    if (random.OneIn(200'000)) time += sim::Hours(20);
    traces::Record record =
        RecordAt(time, static_cast<std::int64_t>(random.Below(random.OneIn(3) ? 4'000 : 50)),
                 static_cast<std::uint16_t>(random.Below(3)));
    if (random.OneIn(5)) {
      record.level = traces::Level::kError;
      record.error_code = traces::ErrorCodeId{static_cast<std::uint16_t>(random.Below(3))};
    }
    if (with_wrong_clocks && random.OneIn(4)) {
      record.clock_skew = sim::Seconds(static_cast<std::int64_t>(random.Below(172'801)) - 86'400);
    }
    Add(record, &counts);
    const sim::VirtualTime shown = text::TimeOnClock(record.time, record.clock_skew);
    const std::int64_t second = text::UnixNanoseconds(kStart, shown) / 1'000'000'000;
    const bool is_error = record.level == traces::Level::kError;
    series.Add(second, record.service, record.duration.milliseconds(), is_error);
    hours.Add(second - second % 3'600, record.service, record.duration.milliseconds(), is_error);
  }
  counts.Finish();
  ASSERT_FALSE(counts.is_full());
  SCOPED_TRACE(seed);
  hours.ExpectEqual(counts.hours());
  series.ExpectEqual(counts.series());
}

TEST(LatencyCounts, AreThoseOfEveryRecordKept) { CompareWithModel(false, 120); }

// A day's records fit in memory, and those of all the days do not.
TEST(LatencyCounts, AreThoseOfEveryRecordKeptWithWrongClocks) { CompareWithModel(true, 240); }

TEST(LatencyCounts, SayThatThereIsMoreThanMemoryForIt) {
  LatencyCounts counts(kStart, std::nullopt);
  std::int64_t added = 0;
  while (!counts.is_full() && added < 100'000'000) Add(RecordAt(sim::Hours(1), added++), &counts);
  EXPECT_GT(added, 1'000'000);
  EXPECT_LT(added, 3'000'000);
}

// As long as no clock is slow, periods are closed when they are over; then a slow one comes.
TEST(LatencyCounts, RefuseARecordOfAPeriodThatIsClosed) {
  LatencyCounts counts(kStart, std::nullopt);
  std::int64_t hour = 0;
  for (; hour < 25; ++hour) {
    for (std::int64_t i = 0; i < 100'000; ++i) Add(RecordAt(sim::Hours(hour), i), &counts);
  }
  ASSERT_FALSE(counts.is_full());
  traces::Record late = RecordAt(sim::Hours(hour), 1);
  late.clock_skew = -sim::Hours(1);
  Add(late, &counts);
  EXPECT_FALSE(counts.is_full()) << "an hour that is still open";
  late.clock_skew = -sim::Hours(24);
  Add(late, &counts);
  EXPECT_TRUE(counts.is_full());
}

TEST(LatencyCounts, OfOneLatencyTakeNoMoreMemory) {
  LatencyCounts counts(kStart, sim::Seconds(1));
  for (int i = 0; i < 4'000'000; ++i) Add(RecordAt(sim::Milliseconds(i), 5'000), &counts);
  counts.Finish();
  EXPECT_FALSE(counts.is_full());
  EXPECT_EQ(counts.series().size(), 4'000u);
  ASSERT_EQ(counts.counts().size(), 1u);
  EXPECT_EQ(counts.counts()[0].records, 4'000'000u);
}

}  // namespace
}  // namespace groundhog::analysis
