#include "sim/log_buckets.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace groundhog::sim {
namespace {

// The borders of the powers of two and of steps within them, up to the largest number.
std::vector<std::uint64_t> Numbers() {
  std::vector<std::uint64_t> numbers = {0};
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t part : {power / 32, power / 2, power - 1}) {
      for (const std::uint64_t number : {power + part - 1, power + part}) {
        if (number >= numbers.back()) numbers.push_back(number);
      }
    }
  }
  return numbers;
}

template <class Buckets>
class LogBucketsTest : public testing::Test {};
using AllBuckets = testing::Types<LogBuckets<0>, LogBuckets<5>, LogBuckets<6>, LogBuckets<7>>;
TYPED_TEST_SUITE(LogBucketsTest, AllBuckets);

TYPED_TEST(LogBucketsTest, HoldEachNumberAndAscend) {
  std::size_t before = 0;
  for (const std::uint64_t number : Numbers()) {
    const std::size_t bucket = TypeParam::Of(number);
    ASSERT_LT(bucket, TypeParam::kCount) << number;
    ASSERT_LE(TypeParam::First(bucket), number);
    ASSERT_LT(number - TypeParam::First(bucket), TypeParam::Width(bucket)) << number;
    ASSERT_GE(bucket, before) << number;
    before = bucket;
  }
  EXPECT_EQ(before, TypeParam::kCount - 1);  // of the largest number
}

TYPED_TEST(LogBucketsTest, FollowEachOtherWithoutAGap) {
  for (std::size_t bucket = 1; bucket < TypeParam::kCount; ++bucket) {
    ASSERT_EQ(TypeParam::First(bucket - 1) + TypeParam::Width(bucket - 1),
              TypeParam::First(bucket));
    ASSERT_EQ(TypeParam::Of(TypeParam::First(bucket)), bucket);
  }
}

TEST(LogBuckets, AreAsWideAsAPartOfWhatIsInThem) {
  for (std::size_t bucket = LogBuckets<6>::Of(128); bucket < LogBuckets<6>::kCount; ++bucket) {
    ASSERT_LE(LogBuckets<6>::Width(bucket), LogBuckets<6>::First(bucket) / 64);
  }
  EXPECT_EQ(LogBuckets<6>::Width(127), 1U);
  EXPECT_EQ(LogBuckets<6>::First(127), 127U);
}

}  // namespace
}  // namespace groundhog::sim
