// A sample of durations for their median: all of them while they are few, then evenly spaced ones,
// so that memory stays bounded however long and busy an interval is. A pure function of what was
// added, in its order.
//
// Not thread-safe.
#ifndef GROUNDHOG_MODEL_WORLD_STATE_DURATION_SAMPLE_H_
#define GROUNDHOG_MODEL_WORLD_STATE_DURATION_SAMPLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/time.h"

namespace groundhog::model {

class DurationSample {
 public:
  // At most this many are kept; once there were more, at least half as many.
  static constexpr std::size_t kKeptMax = 16'384;

  void Add(sim::Duration duration) {
    if ((count_++ & (stride_ - 1)) != 0) return;
    if (kept_.size() == kKeptMax) {
      for (std::size_t i = 0; i < kKeptMax / 2; ++i) kept_[i] = kept_[2 * i];
      kept_.resize(kKeptMax / 2);
      stride_ *= 2;
    }
    kept_.push_back(duration);  // the stride's first: kKeptMax is even
  }

  // The number of durations added.
  std::uint64_t count() const { return count_; }

  // The lower median of those kept; zero if there are none. Only Clear may be called afterwards.
  sim::Duration TakeMedian() {
    if (kept_.empty()) return {};
    const auto median = kept_.begin() + static_cast<std::ptrdiff_t>((kept_.size() - 1) / 2);
    std::nth_element(kept_.begin(), median, kept_.end());
    return *median;
  }

  void Clear() {
    kept_.clear();
    count_ = 0;
    stride_ = 1;
  }

 private:
  std::vector<sim::Duration> kept_;  // every stride_-th
  std::uint64_t count_ = 0;
  std::uint64_t stride_ = 1;  // a power of two
};

}  // namespace groundhog::model

#endif  // GROUNDHOG_MODEL_WORLD_STATE_DURATION_SAMPLE_H_
