// Buckets for counting numbers by size: each power of two has 2^kStepBits buckets of equal width,
// and below 2^(kStepBits + 1) each number has a bucket of its own (as HdrHistogram has them). So a
// bucket is at most as wide as the 2^kStepBits-th part of what is in it.
//
// Pure functions; safe to use from any thread.
#ifndef GROUNDHOG_SIM_LOG_BUCKETS_H_
#define GROUNDHOG_SIM_LOG_BUCKETS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace groundhog::sim {

template <int kStepBits>
struct LogBuckets {
  // Of all 64-bit numbers.
  static constexpr std::size_t kCount = std::size_t{65 - kStepBits} << kStepBits;

  // The bucket of a number; ascending with it.
  static constexpr std::size_t Of(std::uint64_t number) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(number)) - 1 - kStepBits);
    return (static_cast<std::size_t>(shift) << kStepBits) +
           static_cast<std::size_t>(number >> shift);
  }
  // The least number in a bucket, and how many numbers it has.
  static constexpr std::uint64_t First(std::size_t bucket) {
    const std::size_t shift = ShiftOf(bucket);
    return static_cast<std::uint64_t>(bucket - (shift << kStepBits)) << shift;
  }
  static constexpr std::uint64_t Width(std::size_t bucket) {
    return std::uint64_t{1} << ShiftOf(bucket);
  }

 private:
  static constexpr std::size_t ShiftOf(std::size_t bucket) {
    const std::size_t power = bucket >> kStepBits;
    return power == 0 ? 0 : power - 1;
  }
};

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_LOG_BUCKETS_H_
