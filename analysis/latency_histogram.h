// Durations by size, for quantiles that are right within 2 %.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_LATENCY_HISTOGRAM_H_
#define GROUNDHOG_ANALYSIS_LATENCY_HISTOGRAM_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/log_buckets.h"
#include "sim/time.h"

namespace groundhog::analysis {

class LatencyHistogram {
 public:
  void Add(sim::Duration duration) {
    const std::size_t bucket = Buckets::Of(Microseconds(duration));
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
  using Buckets = sim::LogBuckets<5>;  // of microseconds

  static std::uint64_t Microseconds(sim::Duration duration) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(duration.nanoseconds(), 0)) / 1000;
  }
  static sim::Duration MiddleOf(std::size_t bucket) {
    const std::uint64_t middle = Buckets::First(bucket) + Buckets::Width(bucket) / 2;
    return sim::Microseconds(static_cast<std::int64_t>(middle));
  }

  std::vector<std::uint32_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_LATENCY_HISTOGRAM_H_
