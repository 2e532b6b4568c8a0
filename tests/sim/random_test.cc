#include "sim/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace groundhog::sim {
namespace {

// The published answers of FNV-1a 64 (its authors' test suite) and of SplitMix64 seeded with 0.
TEST(StreamKey, NamesAreHashedByFnv1a) {
  EXPECT_EQ(HashName(""), 0xcbf29ce484222325u);
  EXPECT_EQ(HashName("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(HashName("foobar"), 0x85944171f73967e8u);
}

TEST(StreamKey, BitsAreMixedBySplitMix64) {
  EXPECT_EQ(MixBits(0), 0xe220a8397b1dcdafu);
  EXPECT_EQ(MixBits(0x9E3779B97F4A7C15), 0x6e789e6aa1b965f4u);
}

TEST(StreamKey, IsTheStatedMixOfSeedAndName) {
  EXPECT_EQ(StreamKey(7, "a").bits(), MixBits(MixBits(7) ^ 0xaf63dc4c8601ec8cu));
}

TEST(StreamKey, DiffersForEverySeedAndName) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (int host = 0; host < 100; ++host) {
      keys.insert(StreamKey(seed, "host/service-" + std::to_string(host)).bits());
    }
  }
  EXPECT_EQ(keys.size(), 10'000u);
}

TEST(Draw, PutsEveryFieldInItsOwnBitsOfTheCounter) {
  const StreamKey key(3, "x");
  const PhiloxKey words = {static_cast<std::uint32_t>(key.bits()),
                           static_cast<std::uint32_t>(key.bits() >> 32)};
  const DrawBlock block = Draw(
      key,
      {.ordinal = 0x1122334455667788, .path = 0x99AABBCC, .attempt = 0xDDEE, .purpose = 0xF012});
  const auto expected = Philox4x32x10({0x55667788, 0x11223344, 0x99AABBCC, 0xDDEEF012}, words);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(block.Word(i), expected[static_cast<std::size_t>(i)]);
  }
}

TEST(DrawBlock, UniformsStayInsideTheOpenUnitInterval) {
  const DrawBlock zeros({0, 0, 0, 0});
  const DrawBlock ones({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF});
  EXPECT_EQ(zeros.Uniform32(0), 0x1p-33);
  EXPECT_EQ(ones.Uniform32(3), 1 - 0x1p-33);
  EXPECT_EQ(zeros.Uniform64(0), 0x1p-53);
  EXPECT_EQ(ones.Uniform64(1), 1 - 0x1p-53);
}

TEST(DrawBlock, Uniform64TakesItsHighBitsFromTheOddWord) {
  const DrawBlock block({0, 0x80000000, 0x00001000, 0});
  EXPECT_EQ(block.Uniform64(0), 0.5 + 0x1p-53);
  EXPECT_EQ(block.Uniform64(1), 0x1p-52 + 0x1p-53);
}

TEST(DrawBlock, BelowMultiplyCoversItsRange) {
  const DrawBlock block({0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF});
  EXPECT_EQ(block.BelowMultiply(0, 6), 0u);
  EXPECT_EQ(block.BelowMultiply(1, 6), 2u);
  EXPECT_EQ(block.BelowMultiply(2, 6), 3u);
  EXPECT_EQ(block.BelowMultiply(3, 6), 5u);
}

// The Kolmogorov-Smirnov distance of a sample from uniform, times sqrt(n). Exceeds 2.27 with
// probability 2 exp(-2 * 2.27^2) = 7e-5 (Kolmogorov 1933, the limit distribution's first term).
double KolmogorovSmirnov(std::vector<double> sample) {
  std::sort(sample.begin(), sample.end());
  const double n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double rank = static_cast<double>(i);
    distance = std::max({distance, (rank + 1) / n - sample[i], sample[i] - rank / n});
  }
  return distance * std::sqrt(n);
}

TEST(Draw, UniformsAreUniformAlongEveryFieldOfTheCounter) {
  const StreamKey key(11, "uniform");
  for (int field = 0; field < 4; ++field) {
    for (int word = 0; word < 4; ++word) {
      std::vector<double> sample;
      for (std::uint32_t i = 0; i < 50'000; ++i) {
        DrawCounter counter;
        counter.ordinal = field == 0 ? i : 5;
        counter.path = field == 1 ? i : 5;
        counter.attempt = static_cast<std::uint16_t>(field == 2 ? i : 5);
        counter.purpose = static_cast<std::uint16_t>(field == 3 ? i : 5);
        sample.push_back(Draw(key, counter).Uniform32(word));
      }
      EXPECT_LT(KolmogorovSmirnov(std::move(sample)), 2.27)
          << "field " << field << " word " << word;
    }
  }
}

TEST(Draw, UniformsAreUniformOverNames) {
  std::vector<double> sample;
  for (int i = 0; i < 50'000; ++i) {
    sample.push_back(Draw(StreamKey(1, "host/" + std::to_string(i)), {}).Uniform64(0));
  }
  EXPECT_LT(KolmogorovSmirnov(std::move(sample)), 2.27);
}

TEST(KolmogorovSmirnovCheck, CatchesAShiftOfTwoPercent) {
  std::vector<double> sample;
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    sample.push_back(0.98 * Draw(StreamKey(1, "x"), {.ordinal = i}).Uniform64(0));
  }
  EXPECT_GT(KolmogorovSmirnov(std::move(sample)), 2.27);
}

}  // namespace
}  // namespace groundhog::sim
