#include "sinks/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "sim/check.h"

namespace groundhog::sinks {

void Histogram::Add(std::chrono::nanoseconds value) {
  const std::int64_t count = std::max<std::int64_t>(0, value.count());
  const auto nanoseconds = static_cast<std::uint64_t>(count);
  ++counts_[Buckets::Of(nanoseconds)];
  ++count_;
  max_ = std::max(max_, nanoseconds);
}

std::chrono::nanoseconds Histogram::Percentile(double percent) const {
  sim::Check(percent > 0 && percent <= 100, "a percentile lies in (0, 100]");
  if (count_ == 0) return std::chrono::nanoseconds(0);
  const double wanted = std::ceil(percent * static_cast<double>(count_) / 100);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    const std::uint64_t last = Buckets::First(bucket) + (Buckets::Width(bucket) - 1);
    if (seen >= rank) return std::chrono::nanoseconds(std::min(last, max_));
  }
  return max();
}

}  // namespace groundhog::sinks
