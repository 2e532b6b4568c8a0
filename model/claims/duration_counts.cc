#include "model/claims/duration_counts.h"

#include <algorithm>

namespace groundhog::model {
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
  const std::uint64_t least = Buckets::First(bucket);
  const std::uint64_t most = least + (Buckets::Width(bucket) - 1);
  return {.least = sim::Nanoseconds(static_cast<std::int64_t>(least)),
          .most = sim::Nanoseconds(static_cast<std::int64_t>(most))};
}

}  // namespace groundhog::model
