#include "sinks/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace groundhog::sinks {
namespace {

using std::chrono::nanoseconds;

// Numbers spread evenly over the powers of two up to 2^62.
class SpreadNumbers {
 public:
  std::int64_t Next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const int bits = 1 + static_cast<int>((state_ >> 33) % 62);
    return static_cast<std::int64_t>((state_ ^ state_ >> 29) & ((std::uint64_t{1} << bits) - 1));
  }

 private:
  std::uint64_t state_ = 20250106;
};

TEST(Histogram, IsEmptyAtFirst) {
  const auto histogram = std::make_unique<Histogram>();
  EXPECT_EQ(histogram->count(), 0U);
  EXPECT_EQ(histogram->max(), nanoseconds(0));
  EXPECT_EQ(histogram->Percentile(50), nanoseconds(0));
}

TEST(Histogram, SmallValuesAreExact) {
  const auto histogram = std::make_unique<Histogram>();
  for (int value = 1; value <= 100; ++value) histogram->Add(nanoseconds(value));
  EXPECT_EQ(histogram->Percentile(1), nanoseconds(1));
  EXPECT_EQ(histogram->Percentile(50), nanoseconds(50));
  EXPECT_EQ(histogram->Percentile(99), nanoseconds(99));
  EXPECT_EQ(histogram->Percentile(99.1), nanoseconds(100));
  EXPECT_EQ(histogram->Percentile(100), nanoseconds(100));
}

TEST(Histogram, ReadsBackAnyValueWithinOneSixtyFourth) {
  SpreadNumbers numbers;
  for (int i = 0; i < 20'000; ++i) {
    const auto histogram = std::make_unique<Histogram>();
    const std::int64_t value = numbers.Next();
    histogram->Add(nanoseconds(value));
    histogram->Add(nanoseconds(INT64_MAX));  // so that the maximum does not help
    const std::int64_t read = histogram->Percentile(50).count();
    ASSERT_GE(read, value);
    ASSERT_LE(read - value, value / 64);
  }
}

TEST(Histogram, AgreesWithSortedSamples) {
  const auto histogram = std::make_unique<Histogram>();
  SpreadNumbers numbers;
  std::vector<std::int64_t> sorted;
  for (int i = 0; i < 50'000; ++i) {
    sorted.push_back(numbers.Next());
    histogram->Add(nanoseconds(sorted.back()));
  }
  std::sort(sorted.begin(), sorted.end());
  for (const int percent : {1, 10, 25, 50, 75, 90, 99, 100}) {
    const std::int64_t exact = sorted[sorted.size() * static_cast<std::size_t>(percent) / 100 - 1];
    const std::int64_t read = histogram->Percentile(percent).count();
    EXPECT_GE(read, exact) << percent;
    EXPECT_LE(read - exact, exact / 64) << percent;
  }
  EXPECT_EQ(histogram->max().count(), sorted.back());
  EXPECT_EQ(histogram->count(), sorted.size());
}

TEST(Histogram, CountsNegativeAsZero) {
  const auto histogram = std::make_unique<Histogram>();
  histogram->Add(nanoseconds(-5));
  EXPECT_EQ(histogram->count(), 1U);
  EXPECT_EQ(histogram->Percentile(100), nanoseconds(0));
}

TEST(Histogram, NoPercentileExceedsTheMaximum) {
  const auto histogram = std::make_unique<Histogram>();
  histogram->Add(nanoseconds(1'000'001));
  EXPECT_EQ(histogram->Percentile(99), nanoseconds(1'000'001));
}

TEST(HistogramDeathTest, RefusesAPercentileOfZero) {
  const auto histogram = std::make_unique<Histogram>();
  EXPECT_DEATH((void)histogram->Percentile(0), "a percentile lies in");
}

}  // namespace
}  // namespace groundhog::sinks
