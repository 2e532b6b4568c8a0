#include "analysis/course.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"
#include "traces/rollup_builder.h"

namespace groundhog::analysis {
namespace {

using traces::Level;
using traces::Record;
using traces::ServiceId;

traces::Rollup RollupOfRecords(const std::vector<Record>& records) {
  traces::RollupBuilder builder;
  builder.Add(records);
  builder.Finish();
  return *builder.rollup();
}

Record At(std::int64_t minute, std::uint16_t service, std::int64_t latency_ms) {
  Record record = traces::SampleRecord(sim::Minutes(minute).nanoseconds());
  record.service = ServiceId{service};
  record.duration = sim::Milliseconds(latency_ms);
  return record;
}

// "3 0: 2 records, 5 ms" for two records of service 0 in interval 3, and "3 all: ...".
std::vector<std::string> Rows(const traces::Rollup& rollup, std::vector<ServiceId> services = {}) {
  std::vector<std::string> rows;
  ForEachCourseRow(rollup, services, [&](const CourseRow& row) {
    rows.push_back(std::to_string(row.interval) + " " +
                   (row.service ? std::to_string(traces::Index(*row.service)) : "all") + ": " +
                   std::to_string(row.figures.counts().total()) + " records, " +
                   std::to_string(row.figures.latency_sum_ms()) + " ms");
  });
  return rows;
}

TEST(Course, HasARowForEachIntervalAndService) {
  const traces::Rollup rollup =
      RollupOfRecords({At(3, 0, 2), At(3, 0, 3), At(3, 2, 1'001), At(7, 1, 9)});
  EXPECT_EQ(Rows(rollup),
            (std::vector<std::string>{"3 all: 3 records, 1006 ms", "3 0: 2 records, 5 ms",
                                      "3 2: 1 records, 1001 ms", "7 all: 1 records, 9 ms",
                                      "7 1: 1 records, 9 ms"}));
  EXPECT_EQ(Rows(rollup, {ServiceId{2}}),
            (std::vector<std::string>{"3 all: 1 records, 1001 ms", "3 2: 1 records, 1001 ms"}));
  EXPECT_TRUE(Rows({}).empty());
}

TEST(Course, RowsHaveTheCellsThatTheyAreOf) {
  std::vector<Record> records = {At(3, 0, 2), At(3, 1, 3), At(3, 1, 900), At(4, 1, 9)};
  records[2].level = Level::kWarn;
  const traces::Rollup rollup = RollupOfRecords(records);
  ForEachCourseRow(rollup, {}, [&](const CourseRow& row) {
    CourseFigures again;
    const traces::RollupBin* bins = row.bins;
    for (const traces::RollupCell& cell : row.cells) {
      again.Add(cell, bins);
      bins += cell.bins;
    }
    EXPECT_EQ(again.counts(), row.figures.counts());
    EXPECT_EQ(again.latency_sum_ms(), row.figures.latency_sum_ms());
  });
}

TEST(Course, PercentilesAreAtMostAQuarterTooHigh) {
  traces::TestRandom random(sim::TestSeed());
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(testing::Message() << "--seed=" << sim::TestSeed() << ", round " << round);
    std::vector<Record> records;
    std::vector<std::int64_t> latencies;
    for (std::uint64_t i = 1 + random.Below(200); i > 0; --i) {
      latencies.push_back(static_cast<std::int64_t>(random.Below(round < 100 ? 30 : 100'000)));
      records.push_back(At(0, 0, latencies.back()));
    }
    std::ranges::sort(latencies);
    ForEachCourseRow(RollupOfRecords(records), {}, [&](const CourseRow& row) {
      for (const double share : {0.5, 0.95, 1.0}) {
        const auto rank =
            static_cast<std::size_t>(std::ceil(share * static_cast<double>(latencies.size())));
        const auto exact = static_cast<std::uint64_t>(latencies[rank - 1]);
        EXPECT_GE(row.figures.LatencyAtMost(share), exact);
        EXPECT_LE(row.figures.LatencyAtMost(share), exact + exact / 4);
      }
    });
  }
}

TEST(RollupOf, CountsWhereTheFooterHasNone) {
  const traces::SampleTrace trace = traces::RandomTrace(sim::TestSeed(), 500);
  const traces::TestFile file("course.ghog");
  traces::WriteTrace(trace, file.path());
  for (const bool is_cut : {false, true}) {
    if (is_cut) {
      const std::string bytes = traces::ReadFile(file.path());
      traces::WriteFile(file.path(), std::string_view(bytes).substr(0, bytes.size() - 8));
    }
    const auto reader = traces::Reader::Open(file.path());
    ASSERT_TRUE(reader.ok());
    int chunks = 0;
    const absl::StatusOr<traces::Rollup> rollup =
        RollupOf(**reader, [&](std::vector<Record>* records) {
          const absl::StatusOr<bool> more = (*reader)->NextChunk(records);
          if (more.ok() && *more) ++chunks;
          return more.ok() && *more;
        });
    ASSERT_TRUE(rollup.ok());
    EXPECT_EQ(*rollup, RollupOfRecords(trace.records));
    EXPECT_EQ(chunks > 0, is_cut);
  }
}

TEST(PleasantWidth, IsTheLeastThatFits) {
  const auto width = [](sim::Duration of_rollup, sim::Duration last) {
    return PleasantWidth({.width = of_rollup}, sim::VirtualTime(last - sim::Nanoseconds(1)), 48);
  };
  EXPECT_EQ(width(sim::Minutes(1), sim::Minutes(48)), sim::Minutes(1));
  EXPECT_EQ(width(sim::Minutes(1), sim::Minutes(49)), sim::Minutes(2));
  EXPECT_EQ(width(sim::Minutes(2), sim::Minutes(4 * 48 + 1)), sim::Minutes(10))
      << "5 is no multiple";
  EXPECT_EQ(width(sim::Minutes(1), sim::Hours(24)), sim::Minutes(30));
  EXPECT_EQ(width(sim::Hours(1), sim::Hours(24)), sim::Hours(1));
  EXPECT_EQ(width(sim::Minutes(1), sim::Hours(24 * 96)), sim::Hours(48));
  EXPECT_EQ(width(sim::Minutes(1), sim::Hours(24 * 97)), sim::Hours(96));
  EXPECT_EQ(width(sim::Hours(24 * 65'536), sim::Hours(1)), sim::Hours(24 * 65'536));
  EXPECT_EQ(PleasantWidth({}, sim::VirtualTime::Max(), 2), sim::Hours(24 * 65'536));
}

}  // namespace
}  // namespace groundhog::analysis
