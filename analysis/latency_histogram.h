// Durations by size, for quantiles that are right within 2 %.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_LATENCY_HISTOGRAM_H_
#define GROUNDHOG_ANALYSIS_LATENCY_HISTOGRAM_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/time.h"

namespace groundhog::analysis {

class LatencyHistogram {
 public:
  void Add(sim::Duration duration) {
    const std::size_t bucket = BucketOf(Microseconds(duration));
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++total_;
  }
  LatencyHistogram& operator+=(const LatencyHistogram& other) {
    counts_.resize(std::max(counts_.size(), other.counts_.size()));
    for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    return *this;
  }

  // The duration that a share of them does not exceed, 0 < share <= 1; zero if there is none.
  sim::Duration Quantile(double share) const {
    const double wanted = share * static_cast<double>(total_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return MiddleOf(i);
    }
    return {};
  }

 private:
  // Each power of two has this many buckets.
  static constexpr int kBits = 5;
  static constexpr std::uint64_t kSteps = 1 << kBits;

  static std::uint64_t Microseconds(sim::Duration duration) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(duration.nanoseconds(), 0)) / 1000;
  }
  static std::size_t BucketOf(std::uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1);
    return static_cast<std::size_t>(shift) * kSteps + (value >> shift);
  }
  static sim::Duration MiddleOf(std::size_t bucket) {
    const std::uint64_t shift = bucket < 2 * kSteps ? 0 : bucket / kSteps - 1;
    const std::uint64_t low = (bucket - shift * kSteps) << shift;
    return sim::Microseconds(static_cast<std::int64_t>(low + (std::uint64_t{1} << shift) / 2));
  }

  std::vector<std::uint32_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_LATENCY_HISTOGRAM_H_
