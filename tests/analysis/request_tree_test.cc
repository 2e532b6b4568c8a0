#include "analysis/request_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "traces/record.h"

namespace groundhog::analysis {
namespace {

using testing::ElementsAre;

traces::Record Ended(std::uint32_t span, std::uint32_t parent, std::int64_t begin,
                     std::int64_t end) {
  traces::Record record;
  record.span = traces::SpanId{span};
  record.parent_span = traces::SpanId{parent};
  record.time = sim::VirtualTime(end);
  record.duration = sim::Nanoseconds(end - begin);
  return record;
}

struct Line {
  std::uint32_t span;
  std::size_t depth;
  std::vector<std::size_t> records;
  bool operator==(const Line&) const = default;
};

std::vector<Line> Lines(const std::vector<traces::Record>& records) {
  std::vector<Line> lines;
  for (const SpanNode& node : SpansInTreeOrder(records)) {
    lines.push_back({.span = Index(records[node.records.back()].span),
                     .depth = node.depth,
                     .records = node.records});
  }
  return lines;
}

TEST(RequestTree, ChildrenComeBelowTheirParentByStart) {
  // 1 calls 2 and then 3, 3 calls 4; records come by end.
  EXPECT_THAT(
      Lines({Ended(2, 1, 10, 20), Ended(4, 3, 31, 39), Ended(3, 1, 30, 40), Ended(1, 0, 0, 50)}),
      ElementsAre(Line{1, 0, {3}}, Line{2, 1, {0}}, Line{3, 1, {2}}, Line{4, 2, {1}}));
}

TEST(RequestTree, AttemptsThatAreTriedAgainBelongToTheirSpan) {
  EXPECT_THAT(Lines({Ended(1, 0, 5, 10), Ended(2, 1, 12, 20), Ended(1, 0, 0, 30)}),
              ElementsAre(Line{1, 0, {0, 2}}, Line{2, 1, {1}}));
  EXPECT_EQ(SpansInTreeOrder({Ended(1, 0, 5, 10), Ended(1, 0, 0, 30)})[0].start,
            sim::VirtualTime(0));
}

TEST(RequestTree, WithoutItsParentASpanIsARoot) {
  EXPECT_THAT(Lines({Ended(2, 1, 10, 20), Ended(5, 0, 0, 30)}),
              ElementsAre(Line{5, 0, {1}}, Line{2, 0, {0}}));
}

TEST(RequestTree, RecordsOfNoSpanAreRootsOfTheirOwn) {
  EXPECT_THAT(Lines({Ended(0, 0, 1, 1), Ended(0, 0, 2, 2)}),
              ElementsAre(Line{0, 0, {0}}, Line{0, 0, {1}}));
}

TEST(RequestTree, ParentsOfEachOtherAreThereOnce) {
  EXPECT_THAT(Lines({Ended(1, 2, 0, 10), Ended(2, 1, 1, 11), Ended(3, 3, 2, 12)}),
              ElementsAre(Line{1, 0, {0}}, Line{2, 1, {1}}, Line{3, 0, {2}}));
}

TEST(RequestTree, AVeryDeepChainIsNoTrouble) {
  std::vector<traces::Record> records;
  for (std::uint32_t i = 100'000; i > 0; --i) {
    records.push_back(Ended(i, i - 1, i, 300'000 - std::int64_t{i}));
  }
  const std::vector<SpanNode> nodes = SpansInTreeOrder(records);
  ASSERT_EQ(nodes.size(), records.size());
  EXPECT_EQ(nodes.back().depth, records.size() - 1);
}

}  // namespace
}  // namespace groundhog::analysis
