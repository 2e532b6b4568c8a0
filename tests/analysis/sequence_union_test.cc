#include "analysis/sequence_union.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::analysis {
namespace {

using traces::TestRandom;
using Sequence = std::vector<std::uint32_t>;

bool IsSubsequence(const Sequence& part, const Sequence& whole) {
  std::size_t at = 0;
  for (const std::uint32_t item : whole) {
    if (at < part.size() && part[at] == item) ++at;
  }
  return at == part.size();
}

// All sequences of the parts' items that contain them all, by trying everything: how short the
// shortest is, and how many are so short.
class Brute {
 public:
  explicit Brute(std::vector<Sequence> parts) : parts_(std::move(parts)) {}

  struct Shortest {
    std::size_t length = 0;
    std::size_t count = 1;
  };
  Shortest Find() { return Find(std::vector<std::size_t>(parts_.size())); }

 private:
  Shortest Find(const std::vector<std::size_t>& at) {
    const auto known = known_.find(at);
    if (known != known_.end()) return known->second;
    std::set<std::uint32_t> heads;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (at[i] < parts_[i].size()) heads.insert(parts_[i][at[i]]);
    }
    Shortest best;
    if (!heads.empty()) best = {.length = 1'000, .count = 0};
    for (const std::uint32_t head : heads) {
      std::vector<std::size_t> next = at;
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (at[i] < parts_[i].size() && parts_[i][at[i]] == head) ++next[i];
      }
      const Shortest rest = Find(next);
      if (rest.length + 1 < best.length) best = {.length = rest.length + 1, .count = 0};
      if (rest.length + 1 == best.length) best.count += rest.count;
    }
    return known_[at] = best;
  }

  const std::vector<Sequence> parts_;
  std::map<std::vector<std::size_t>, Shortest> known_;
};

// Random parts that together have every place of the whole; some have lost a piece or two.
std::vector<Sequence> PartsOf(const Sequence& whole, std::size_t count, TestRandom& random) {
  std::vector<std::vector<bool>> has(count, std::vector<bool>(whole.size(), true));
  for (std::size_t k = 0; k < whole.size(); ++k) {
    for (std::vector<bool>& one : has) one[k] = random.Below(5) < 3;
    has[random.Below(count)][k] = true;
  }
  std::vector<Sequence> parts(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < whole.size(); ++k) {
      if (has[i][k]) parts[i].push_back(whole[k]);
    }
  }
  return parts;
}

Sequence RandomSequence(std::size_t length, std::uint32_t items, TestRandom& random) {
  Sequence sequence;
  for (std::size_t i = 0; i < length; ++i) {
    sequence.push_back(static_cast<std::uint32_t>(random.Below(items)));
  }
  return sequence;
}

TEST(SequenceUnion, IsTheShortestThatContainsAllWhateverTheirOrder) {
  std::size_t determined = 0;
  for (std::uint64_t round = 0; round < 4'000; ++round) {
    TestRandom random(sim::TestSeed() * 10'000 + round);
    const auto items = static_cast<std::uint32_t>(1 + random.Below(7));
    const Sequence whole = RandomSequence(random.Below(11), items, random);
    std::vector<Sequence> parts = PartsOf(whole, 2 + round % 3, random);
    const Brute::Shortest shortest = Brute(parts).Find();
    const auto united = UniteSequences(parts, items);
    ASSERT_TRUE(united.has_value()) << round;
    ASSERT_EQ(united->size(), shortest.length) << round;
    for (const Sequence& part : parts) ASSERT_TRUE(IsSubsequence(part, *united)) << round;
    if (shortest.count == 1 && shortest.length == whole.size()) {
      ++determined;
      ASSERT_EQ(*united, whole) << round;
    }
    std::ranges::sort(parts);
    do {
      ASSERT_EQ(UniteSequences(parts, items), united) << round;
    } while (std::ranges::next_permutation(parts).found);
  }
  EXPECT_GT(determined, 500U);
}

// The usual case: no record is there twice.
TEST(SequenceUnion, OfItemsThatAreAllDifferentIsTheWhole) {
  std::size_t determined = 0;
  for (std::uint64_t round = 0; round < 2'000; ++round) {
    TestRandom random(sim::TestSeed() * 10'000 + round);
    Sequence whole(1 + random.Below(40));
    std::iota(whole.begin(), whole.end(), 0U);
    for (std::size_t i = whole.size(); i > 1; --i) std::swap(whole[i - 1], whole[random.Below(i)]);
    const std::vector<Sequence> parts = PartsOf(whole, 2 + round % 3, random);
    std::set<std::pair<std::uint32_t, std::uint32_t>> neighbours;
    for (const Sequence& part : parts) {
      for (std::size_t i = 1; i < part.size(); ++i) neighbours.emplace(part[i - 1], part[i]);
    }
    bool is_determined = true;
    for (std::size_t i = 1; i < whole.size(); ++i) {
      is_determined = is_determined && neighbours.contains({whole[i - 1], whole[i]});
    }
    auto united = UniteSequences(parts, static_cast<std::uint32_t>(whole.size()));
    ASSERT_TRUE(united.has_value());
    if (is_determined) {
      ++determined;
      ASSERT_EQ(*united, whole) << round;
    }
    for (const Sequence& part : parts) ASSERT_TRUE(IsSubsequence(part, *united)) << round;
    std::ranges::sort(*united);
    std::ranges::sort(whole);
    ASSERT_EQ(*united, whole) << round;
  }
  EXPECT_GT(determined, 100U);
}

// Each part lacks other pieces of a long sequence, in which a few items come again.
TEST(SequenceUnion, OfLongPartsIsFoundAtOnce) {
  constexpr std::uint32_t kItems = 100'000;
  Sequence whole(kItems);
  std::iota(whole.begin(), whole.end(), 0U);
  for (std::uint32_t i = 0; i < kItems; i += 10'000) whole[i] = 7;
  std::vector<Sequence> parts(3);
  for (std::uint32_t i = 0; i < kItems; ++i) {
    // Where one part has lost a piece, both others have it.
    for (std::uint32_t part = 0; part < 3; ++part) {
      if ((i / 700) % 7 != part * 2) parts[part].push_back(whole[i]);
    }
  }
  EXPECT_TRUE(UniteSequences(parts, kItems) == whole);
}

TEST(SequenceUnion, KeepsWhatOnePartHasTwice) {
  EXPECT_EQ(UniteSequences(std::vector<Sequence>{{0, 0, 1}, {0, 0, 1}}, 2), (Sequence{0, 0, 1}));
  EXPECT_EQ(UniteSequences(std::vector<Sequence>{{0, 1, 0}, {1, 0}}, 2), (Sequence{0, 1, 0}));
  EXPECT_EQ(UniteSequences(std::vector<Sequence>{{1, 0, 2}, {0, 1}}, 3), (Sequence{0, 1, 0, 2}));
}

TEST(SequenceUnion, WhereTheOrderIsOpenTheLeastComesFirst) {
  EXPECT_EQ(UniteSequences(std::vector<Sequence>{{2, 5}, {1, 5}, {3}}, 6), (Sequence{1, 2, 3, 5}));
}

TEST(SequenceUnion, OfNothingIsNothing) {
  EXPECT_EQ(UniteSequences({}, 0), Sequence());
  EXPECT_EQ(UniteSequences(std::vector<Sequence>{{}, {}}, 0), Sequence());
}

// Instead of years of trying out.
TEST(SequenceUnion, PartsThatContradictEachOtherAreGivenUp) {
  TestRandom random(sim::TestSeed());
  std::vector<Sequence> parts;
  for (int i = 0; i < 4; ++i) parts.push_back(RandomSequence(2'000, 50, random));
  EXPECT_EQ(UniteSequences(parts, 50), std::nullopt);
}

}  // namespace
}  // namespace groundhog::analysis
