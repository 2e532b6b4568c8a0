// How often which duration occurred, in buckets that are at most as wide as 1/128 of what is in
// them, so that the middle of a bucket is within 0.4 % of all that is in it; exact below 256 ns.
// Memory follows the longest duration: 27 KB for ten seconds.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_CLAIMS_DURATION_COUNTS_H_
#define GROUNDHOG_MODEL_CLAIMS_DURATION_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/log_buckets.h"
#include "sim/time.h"

namespace groundhog::model {

// From the least to the most, both included.
struct DurationRange {
  sim::Duration least;
  sim::Duration most;

  sim::Duration Middle() const { return least + (most - least) / 2; }
};

class DurationCounts {
 public:
  // Not negative.
  void Add(sim::Duration duration) {
    const std::size_t bucket = Buckets::Of(static_cast<std::uint64_t>(duration.nanoseconds()));
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++total_;
  }
  void Clear();

  // Where the shortest duration is that at least this many percent are not above, from 1 to 100.
  // Zero if there is none.
  DurationRange Percentile(int percent) const;

 private:
  using Buckets = sim::LogBuckets<7>;

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_CLAIMS_DURATION_COUNTS_H_
