// TopicCheck against a naive checker, which has both sides of a whole topic before it: small random
// topics, each with random losses, doubles, swaps, moves, strangers and alterations. --seed=N of
// this program gives others.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/topic_check.h"
#include "tests/sim/seed_flag.h"
#include "tests/traces/sample_trace.h"

namespace groundhog::replay {
namespace {

using traces::TestRandom;

using Numbers = std::vector<std::uint64_t>;  // messages, by their numbers
constexpr std::uint64_t kFirstStranger = 1'000'000;

traces::Hash128 HashOf(std::uint64_t number) {
  return MessageHash("key", std::to_string(number), 0, "");
}

// Messages 0, 1, 2, ... on random partitions; at first stored as they are expected.
struct Topic {
  std::vector<Numbers> expected;  // by partition
  std::vector<Numbers> stored;
  Numbers partition_of;  // by number
  std::uint64_t next_stranger = kFirstStranger;

  Topic(std::size_t partitions, std::uint64_t messages, TestRandom& random) : expected(partitions) {
    for (std::uint64_t number = 0; number < messages; ++number) {
      partition_of.push_back(random.Below(partitions));
      expected[partition_of.back()].push_back(number);
    }
    stored = expected;
  }
};

// The most messages that can be called right: the longest sequence that both sides have in order.
std::uint64_t LongestCommon(const Numbers& a, const Numbers& b) {
  std::vector<std::uint64_t> best(b.size() + 1, 0);
  for (const std::uint64_t number : a) {
    std::uint64_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::uint64_t above = std::exchange(diagonal, best[j + 1]);
      best[j + 1] = number == b[j] ? above + 1 : std::max(best[j + 1], best[j]);
    }
  }
  return best.back();
}

// What is true of a topic, found by looking at all of it.
struct Truth {
  std::map<std::uint64_t, std::uint64_t> copies;  // of each stored number
  std::uint64_t stored = 0;
  std::uint64_t absent = 0;      // expected numbers that are stored nowhere
  std::uint64_t doubles = 0;     // further copies of expected numbers
  std::uint64_t strangers = 0;   // copies of numbers that nothing expects
  std::uint64_t in_order = 0;    // the most that can be right
  std::uint64_t elsewhere = 0;   // numbers of which all copies are on wrong partitions
  std::uint64_t both_sides = 0;  // numbers with copies on the right and on a wrong partition
  std::uint64_t altered = 0;     // absent ones with a stranger between their two neighbours

  explicit Truth(const Topic& topic) {
    for (const Numbers& partition : topic.stored) {
      for (const std::uint64_t number : partition) ++copies[number];
      stored += partition.size();
    }
    for (const auto& [number, count] : copies) {
      (number < kFirstStranger ? doubles : strangers) +=
          number < kFirstStranger ? count - 1 : count;
    }
    for (std::size_t p = 0; p < topic.expected.size(); ++p) {
      in_order += LongestCommon(topic.expected[p], topic.stored[p]);
      for (std::size_t i = 0; i < topic.expected[p].size(); ++i) Look(topic, p, i);
    }
  }

 private:
  void Look(const Topic& topic, std::size_t p, std::size_t i) {
    const std::uint64_t number = topic.expected[p][i];
    const auto here = static_cast<std::uint64_t>(
        std::count(topic.stored[p].begin(), topic.stored[p].end(), number));
    const std::uint64_t all = copies.contains(number) ? copies[number] : 0;
    absent += all == 0 ? 1 : 0;
    elsewhere += all > 0 && here == 0 ? 1 : 0;
    both_sides += here > 0 && all > here ? 1 : 0;
    if (all == 0 && IsReplaced(topic.expected[p], i, topic.stored[p])) ++altered;
  }

  static bool IsReplaced(const Numbers& expected, std::size_t i, const Numbers& stored) {
    for (std::size_t at = 0; at < stored.size(); ++at) {
      const bool is_after = i == 0 ? at == 0 : at > 0 && stored[at - 1] == expected[i - 1];
      const bool is_before = i + 1 == expected.size()
                                 ? at + 1 == stored.size()
                                 : at + 1 < stored.size() && stored[at + 1] == expected[i + 1];
      if (is_after && is_before && stored[at] >= kFirstStranger) return true;
    }
    return false;
  }
};

struct Checked {
  TopicCounts counts;
  std::vector<Example> examples;

  std::uint64_t count(Finding finding) const { return counts.count(finding); }
};

Checked CheckTopic(const Topic& topic, bool is_keyless) {
  std::vector<std::size_t> next(topic.stored.size(), 0);
  TopicCheck check(static_cast<int>(topic.stored.size()),
                   [&](int partition) -> std::optional<ArrivedMessage> {
                     const Numbers& stored = topic.stored[partition];
                     if (next[partition] == stored.size()) return std::nullopt;
                     const std::size_t offset = next[partition]++;
                     return ArrivedMessage{.hash = HashOf(stored[offset]),
                                           .offset = static_cast<std::int64_t>(offset)};
                   });
  for (std::uint64_t number = 0; number < topic.partition_of.size(); ++number) {
    const std::optional<int> partition =
        is_keyless ? std::nullopt : std::optional(static_cast<int>(topic.partition_of[number]));
    EXPECT_TRUE(check.Expect({.hash = HashOf(number), .position = number}, partition).ok());
  }
  EXPECT_TRUE(check.Finish().ok());
  return {.counts = check.counts(), .examples = check.examples()};
}

// Every example must be true by itself.
void ExpectTrueExamples(const Topic& topic, const Truth& truth, const Checked& checked) {
  for (const Example& example : checked.examples) {
    SCOPED_TRACE(FindingName(example.finding));
    std::optional<std::uint64_t> stored;
    if (example.offset) stored = topic.stored.at(*example.partition).at(*example.offset);
    const bool is_placed = example.position && topic.partition_of[*example.position] ==
                                                   static_cast<std::uint64_t>(*example.partition);
    switch (example.finding) {
      case Finding::kMissing:
        EXPECT_FALSE(stored);
        EXPECT_FALSE(truth.copies.contains(*example.position));
        break;
      case Finding::kExtra:
        EXPECT_GE(*stored, kFirstStranger);
        break;
      case Finding::kDoubled:
        EXPECT_LT(*stored, kFirstStranger);
        EXPECT_GT(truth.copies.at(*stored), 1U);
        break;
      case Finding::kReordered:
        EXPECT_EQ(*stored, *example.position);
        EXPECT_TRUE(is_placed);
        break;
      case Finding::kMoved:
        EXPECT_EQ(*stored, *example.position);
        EXPECT_FALSE(is_placed);
        break;
      case Finding::kAltered:
        EXPECT_GE(*stored, kFirstStranger);
        EXPECT_FALSE(truth.copies.contains(*example.position));
        break;
    }
  }
}

// One disturbance at a place of a stored partition.
enum class Disturbance { kDrop, kDouble, kDoubleEarlier, kSwap, kMoveWithin, kStranger, kAlter };
constexpr int kDisturbanceCount = 7;

void Disturb(Topic& topic, std::size_t p, std::size_t begin, std::size_t end, TestRandom& random) {
  Numbers& stored = topic.stored[p];
  const std::size_t at = begin + random.Below(end - begin);
  const auto place = stored.begin() + static_cast<std::ptrdiff_t>(at);
  const auto other =
      stored.begin() + static_cast<std::ptrdiff_t>(begin + random.Below(end - begin));
  switch (static_cast<Disturbance>(random.Below(kDisturbanceCount))) {
    case Disturbance::kDrop:
      stored.erase(place);
      break;
    case Disturbance::kDouble:
      stored.insert(std::max(place, other), *std::min(place, other));
      break;
    case Disturbance::kDoubleEarlier:
      // "b a b" for "a b" can be read as a swap and a double as well.
      if (other - place == 1 || place - other == 1) break;
      stored.insert(std::min(place, other), *std::max(place, other));
      break;
    case Disturbance::kSwap:
      if (at + 1 < end) std::swap(stored[at], stored[at + 1]);
      break;
    case Disturbance::kMoveWithin:
      if (other > place) std::rotate(place, place + 1, other);
      break;
    case Disturbance::kStranger:
      stored.insert(place, topic.next_stranger++);
      break;
    case Disturbance::kAlter:
      *place = topic.next_stranger++;
      break;
  }
}

// Takes a random message to a random place, perhaps of another partition; perhaps leaves it where
// it was, too.
void Carry(Topic& topic, TestRandom& random) {
  Numbers& from = topic.stored[random.Below(topic.stored.size())];
  Numbers& to = topic.stored[random.Below(topic.stored.size())];
  if (from.empty()) return;
  const auto source = from.begin() + static_cast<std::ptrdiff_t>(random.Below(from.size()));
  const std::uint64_t number = *source;
  if (!random.OneIn(3)) from.erase(source);
  to.insert(to.begin() + static_cast<std::ptrdiff_t>(random.Below(to.size() + 1)), number);
}

void ForRandomTopics(int rounds, const std::function<void(TestRandom&)>& test) {
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round) +
                 " with --seed=" + std::to_string(sim::TestSeed()));
    TestRandom random(sim::TestSeed() * 1'000'003 + static_cast<std::uint64_t>(round));
    test(random);
    if (testing::Test::HasFailure()) return;
  }
}

// What must hold for any topic, however much is wrong with it.
void ExpectConsistent(const Topic& topic, const Truth& truth, const Checked& checked) {
  const TopicCounts& counts = checked.counts;
  EXPECT_EQ(counts.expected, topic.partition_of.size());
  EXPECT_EQ(counts.arrived, truth.stored);
  EXPECT_EQ(counts.is_right(), topic.expected == topic.stored);
  EXPECT_EQ(checked.count(Finding::kMissing) + checked.count(Finding::kAltered), truth.absent);
  EXPECT_EQ(checked.count(Finding::kExtra) + checked.count(Finding::kAltered), truth.strangers);
  EXPECT_EQ(checked.count(Finding::kDoubled), truth.doubles);
  EXPECT_EQ(counts.right + checked.count(Finding::kReordered) + checked.count(Finding::kMoved),
            counts.expected - truth.absent);
  EXPECT_LE(counts.right, truth.in_order);
  // A number with copies on both sides may be called moved, reordered or right.
  EXPECT_GE(checked.count(Finding::kMoved), truth.elsewhere);
  EXPECT_LE(checked.count(Finding::kMoved), truth.elsewhere + truth.both_sides);
  ExpectTrueExamples(topic, truth, checked);
}

TEST(TopicCheckModel, WithManyDisturbancesTheCountsStillAddUp) {
  ForRandomTopics(4'000, [](TestRandom& random) {
    Topic topic(1 + random.Below(3), 1 + random.Below(60), random);
    for (std::uint64_t left = random.Below(12); left > 0; --left) {
      const std::size_t p = random.Below(topic.stored.size());
      if (random.OneIn(3)) {
        Carry(topic, random);
      } else if (!topic.stored[p].empty()) {
        Disturb(topic, p, 0, topic.stored[p].size(), random);
      }
    }
    ExpectConsistent(topic, Truth(topic), CheckTopic(topic, /*is_keyless=*/false));
  });
}

TEST(TopicCheckModel, DisturbancesThatAreApartAreCountedExactly) {
  ForRandomTopics(2'000, [](TestRandom& random) {
    constexpr std::size_t kApart = 16;
    Topic topic(1 + random.Below(3), 200, random);
    for (std::size_t p = 0; p < topic.stored.size(); ++p) {
      // From the end, so that the places before are where they were.
      for (std::size_t end = topic.stored[p].size(); end >= kApart; end -= kApart) {
        if (random.OneIn(2)) Disturb(topic, p, end - kApart / 2, end - 2, random);
      }
    }
    const Truth truth(topic);
    const Checked checked = CheckTopic(topic, /*is_keyless=*/false);
    ExpectConsistent(topic, truth, checked);
    EXPECT_EQ(checked.counts.right, truth.in_order);
    EXPECT_EQ(checked.count(Finding::kMoved), 0U);
    EXPECT_EQ(checked.count(Finding::kAltered), truth.altered);
  });
}

TEST(TopicCheckModel, WithoutKeysOnlyTheNumbersOfCopiesMatter) {
  ForRandomTopics(2'000, [](TestRandom& random) {
    Topic topic(1 + random.Below(3), 1 + random.Below(60), random);
    for (std::uint64_t left = random.Below(12); left > 0; --left) {
      const std::size_t p = random.Below(topic.stored.size());
      if (!topic.stored[p].empty()) Disturb(topic, p, 0, topic.stored[p].size(), random);
      Carry(topic, random);
    }
    const Truth truth(topic);
    const Checked checked = CheckTopic(topic, /*is_keyless=*/true);
    EXPECT_EQ(checked.counts.right, checked.counts.expected - truth.absent);
    EXPECT_EQ(checked.count(Finding::kMissing), truth.absent);
    EXPECT_EQ(checked.count(Finding::kExtra), truth.strangers);
    EXPECT_EQ(checked.count(Finding::kDoubled), truth.doubles);
    EXPECT_EQ(checked.counts.arrived, truth.stored);
  });
}

}  // namespace
}  // namespace groundhog::replay
