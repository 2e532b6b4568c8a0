#include "analysis/distinct_requests.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <tuple>

#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

traces::RequestId Request(std::uint32_t source, std::uint64_t ordinal) {
  return {.source = sim::EntityId{source}, .ordinal = ordinal};
}

TEST(DistinctRequests, CountsEachSourceAndOrdinalOnce) {
  DistinctRequests requests(2);
  for (const std::uint64_t ordinal : {0u, 1u, 511u, 512u, 1u, 0u, 512u}) {
    EXPECT_TRUE(requests.Add(Request(0, ordinal)));
  }
  EXPECT_EQ(requests.count(), 4u);
  EXPECT_TRUE(requests.Add(Request(1, 0)));
  EXPECT_TRUE(requests.Add(Request(1, ~std::uint64_t{0})));
  EXPECT_EQ(requests.count(), 6u);
}

TEST(DistinctRequests, OfAnotherTraceKeyAreOthers) {
  DistinctRequests requests(1);
  for (const std::uint64_t key : {7u, 8u, 7u, 8u}) {
    requests.set_trace_key(key);
    EXPECT_TRUE(requests.Add(Request(0, 3)));
  }
  EXPECT_EQ(requests.count(), 2u);
}

TEST(DistinctRequests, AreThoseOfASet) {
  const std::uint64_t seed = 11;
  traces::TestRandom random(seed);
  DistinctRequests requests(5);
  std::set<std::tuple<std::uint64_t, std::uint32_t, std::uint64_t>> expected;
  std::uint64_t key = 0;
  for (int i = 0; i < 50'000; ++i) {
    if (random.OneIn(500)) requests.set_trace_key(key = random.Below(3));
    const auto source = static_cast<std::uint32_t>(random.Below(5));
    const std::uint64_t ordinal = random.OneIn(10) ? random.Next() : random.Below(4'000);
    expected.emplace(key, source, ordinal);
    ASSERT_TRUE(requests.Add(Request(source, ordinal)));
    ASSERT_EQ(requests.count(), expected.size()) << "seed " << seed << ", record " << i;
  }
}

TEST(DistinctRequests, SaysThatThereIsNoMoreMemory) {
  DistinctRequests requests(1);
  std::uint64_t added = 0;
  while (requests.Add(Request(0, added * 512)) && added < 10'000'000) ++added;
  EXPECT_EQ(added, 1u << 20);
  EXPECT_TRUE(requests.Add(Request(0, 1))) << "a page that is there still takes requests";
}

}  // namespace
}  // namespace groundhog::analysis
