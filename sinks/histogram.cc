#include "sinks/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/check.h"

namespace groundhog::sinks {

// Values below 64 have a bucket each; above, the highest set bit names the power of two and the six
// bits after it the step.
int Histogram::BucketOf(std::uint64_t nanoseconds) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(nanoseconds)) - 1 - kStepBits);
  return (shift << kStepBits) + static_cast<int>(nanoseconds >> shift);
}

// The largest value of a bucket.
std::uint64_t Histogram::BucketEnd(int bucket) {
  constexpr int kSteps = 1 << kStepBits;
  const int shift = std::max(0, (bucket >> kStepBits) - 1);
  const auto first = static_cast<std::uint64_t>(bucket - (shift << kStepBits)) << shift;
  static_assert(kBuckets == (64 - kStepBits) * kSteps);
  return first + (std::uint64_t{1} << shift) - 1;
}

void Histogram::Add(std::chrono::nanoseconds value) {
  const std::int64_t count = std::max<std::int64_t>(0, value.count());
  const auto nanoseconds = static_cast<std::uint64_t>(count);
  ++counts_[static_cast<std::size_t>(BucketOf(nanoseconds))];
  ++count_;
  max_ = std::max(max_, nanoseconds);
}

std::chrono::nanoseconds Histogram::Percentile(double percent) const {
  sim::Check(percent > 0 && percent <= 100, "a percentile lies in (0, 100]");
  if (count_ == 0) return std::chrono::nanoseconds(0);
  const double wanted = std::ceil(percent * static_cast<double>(count_) / 100);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[static_cast<std::size_t>(bucket)];
    if (seen >= rank) return std::chrono::nanoseconds(std::min(BucketEnd(bucket), max_));
  }
  return max();
}

}  // namespace groundhog::sinks
