#include "analysis/united_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using traces::Record;
using traces::TestRandom;

std::vector<Record> UnionOf(UnitedRuns& united, const std::vector<std::vector<Record>>& runs) {
  united.Begin();
  for (const std::vector<Record>& run : runs) {
    for (const Record& record : run) EXPECT_TRUE(united.Add(record));
    united.BeginNextRun();
  }
  EXPECT_TRUE(united.Unite());
  std::vector<Record> records;
  for (std::size_t i = 0; i < united.size(); ++i) records.push_back(united[i]);
  return records;
}

// Also if it was used before.
TEST(UnitedRuns, AreTheListWhateverRunComesFirst) {
  UnitedRuns united(100'000);
  for (std::uint64_t round = 0; round < 50; ++round) {
    TestRandom random(sim::TestSeed() * 1'000 + round);
    const std::vector<Record> whole =
        traces::RandomTrace(sim::TestSeed() + round, 10 + round * 20).records;
    const std::size_t begin = 2 + random.Below(whole.size() - 5);
    const std::size_t end = begin + random.Below(whole.size() - 2 - begin) + 1;
    std::vector<std::vector<Record>> runs = {whole, whole};
    runs[0].erase(runs[0].begin() + std::ptrdiff_t(begin), runs[0].begin() + std::ptrdiff_t(end));
    runs[1].erase(runs[1].begin(), runs[1].begin() + std::ptrdiff_t(begin - 1));
    const std::vector<Record> forward = UnionOf(united, runs);
    EXPECT_EQ(united.records_added(), runs[0].size() + runs[1].size());
    std::ranges::reverse(runs);
    EXPECT_TRUE(forward == whole) << round;
    EXPECT_TRUE(UnionOf(united, runs) == whole) << round;
  }
}

TEST(UnitedRuns, WhatTheRunsLeaveOpenDoesNotDependOnTheirOrder) {
  UnitedRuns united(1'000);
  const std::vector<Record> whole = traces::RandomTrace(sim::TestSeed(), 100).records;
  const std::vector<Record> first(whole.begin(), whole.begin() + 50);
  const std::vector<Record> second(whole.begin() + 50, whole.end());
  const std::vector<Record> forward = UnionOf(united, {first, second});
  EXPECT_EQ(forward.size(), whole.size());
  EXPECT_TRUE(forward == UnionOf(united, {second, first}));
}

TEST(UnitedRuns, TakeNoMoreRecordsThanTheyMay) {
  UnitedRuns united(2);
  const Record record = traces::SampleRecord(1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(united.Add(record));
    EXPECT_TRUE(united.Add(record));
    EXPECT_FALSE(united.Add(record));
    EXPECT_EQ(united.records_added(), 2U);
    united.Begin();
  }
}

}  // namespace
}  // namespace groundhog::analysis
