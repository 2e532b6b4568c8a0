#include "model/claims/duration_counts.h"

#include <algorithm>
#include <bit>

namespace groundhog::model {
namespace {

constexpr std::size_t kBucketsOfPower = 128;

}  // namespace

std::size_t DurationCounts::BucketOf(std::uint64_t nanoseconds) {
  if (nanoseconds < 2 * kBucketsOfPower) return nanoseconds;
  const auto shift = static_cast<std::size_t>(std::bit_width(nanoseconds)) - 8;
  return kBucketsOfPower * shift + (nanoseconds >> shift);
}

void DurationCounts::Clear() {
  std::ranges::fill(counts_, 0);
  total_ = 0;
}

DurationRange DurationCounts::Percentile(int percent) const {
  if (total_ == 0) return {};
  // In parts, because a hundred times the total might overflow.
  const auto share = static_cast<std::uint64_t>(percent);
  std::uint64_t rank = total_ / 100 * share + (total_ % 100 * share + 99) / 100;
  std::size_t bucket = 0;
  while (counts_[bucket] < rank) rank -= counts_[bucket++];
  const std::size_t shift = bucket < 2 * kBucketsOfPower ? 0 : bucket / kBucketsOfPower - 1;
  const auto least = static_cast<std::int64_t>((bucket - kBucketsOfPower * shift) << shift);
  const std::int64_t width = std::int64_t{1} << shift;
  return {.least = sim::Nanoseconds(least), .most = sim::Nanoseconds(least + (width - 1))};
}

}  // namespace groundhog::model
