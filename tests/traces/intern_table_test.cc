#include "traces/intern_table.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::traces {
namespace {

TEST(InternTable, NumbersKeysInTheOrderOfFirstSight) {
  InternTable table;
  EXPECT_EQ(table.Intern({7, 1}), 0U);
  EXPECT_EQ(table.Intern({7, 2}), 1U);
  EXPECT_EQ(table.Intern({7, 1}), 0U);
  EXPECT_EQ(table.Intern({1, 7}), 2U);  // the halves are not interchangeable
  EXPECT_EQ(table.keys(), (std::vector<InternKey>{{7, 1}, {7, 2}, {1, 7}}));
}

TEST(InternTable, AClearedTableCountsFromZeroAgain) {
  InternTable table;
  for (std::uint64_t i = 0; i < 1'000; ++i) table.Intern({i, i});
  table.Clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.Intern({999, 999}), 0U);
  EXPECT_EQ(table.Intern({0, 0}), 1U);
}

// A small range of keys, so that most are seen again; and keys that differ in few bits, as those of
// the columns do.
TEST(InternTable, AgreesWithAMapWhileItGrows) {
  TestRandom random(sim::TestSeed());
  InternTable table;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> expected;
  for (int i = 0; i < 50'000; ++i) {
    const InternKey key = {.high = random.Below(200) << 48, .low = random.Below(200) << 32};
    const auto next = static_cast<std::uint32_t>(expected.size());
    const std::uint32_t index = expected.try_emplace({key.high, key.low}, next).first->second;
    ASSERT_EQ(table.Intern(key), index) << i << " --seed=" << sim::TestSeed();
    ASSERT_EQ(table.keys()[index], key);
  }
  EXPECT_EQ(table.size(), expected.size());
}

}  // namespace
}  // namespace groundhog::traces
