// Counts durations for percentiles in constant memory: in buckets of 64 equal steps within each
// power of two, so that a value read back is off by less than 1/64 of itself.
#ifndef GROUNDHOG_SINKS_HISTOGRAM_H_
#define GROUNDHOG_SINKS_HISTOGRAM_H_

#include <array>
#include <chrono>
#include <cstdint>

#include "sim/log_buckets.h"

namespace groundhog::sinks {

// Not thread-safe. About 30 KiB. Adding costs a few nanoseconds.
class Histogram {
 public:
  // A negative duration counts as zero.
  void Add(std::chrono::nanoseconds value);

  std::uint64_t count() const { return count_; }
  // Zero when empty.
  std::chrono::nanoseconds max() const { return std::chrono::nanoseconds(max_); }

  // The percentile: at least `percent` of the values, in (0, 100], are at most the returned one. It
  // is rounded up to its bucket's end but not above max(). Zero when empty.
  std::chrono::nanoseconds Percentile(double percent) const;

 private:
  using Buckets = sim::LogBuckets<6>;

  std::array<std::uint64_t, Buckets::kCount> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_HISTOGRAM_H_
