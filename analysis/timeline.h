// A timeline: what happens from a time on, gathered by period. The periods double in length when
// there are too many of them, so that memory is the same for a minute and for a year.
//
// Not thread-safe.
#ifndef GROUNDHOG_ANALYSIS_TIMELINE_H_
#define GROUNDHOG_ANALYSIS_TIMELINE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/time.h"

namespace groundhog::analysis {

// `Slot` has operator+=, which adds what a later period holds.
template <class Slot, std::size_t kSlotsMax>
class Timeline {
  static_assert(kSlotsMax >= 2 && kSlotsMax % 2 == 0);

 public:
  // `first_period` is above zero.
  explicit Timeline(sim::VirtualTime start, sim::Duration first_period = sim::Seconds(1))
      : start_(start), period_(first_period) {}

  // The slot of the period that holds `time`, which is not before the start.
  Slot& At(sim::VirtualTime time) {
    std::int64_t index = (time - start_) / period_;
    while (index >= static_cast<std::int64_t>(kSlotsMax)) {
      Halve();
      index = (time - start_) / period_;
    }
    const auto i = static_cast<std::size_t>(index);
    if (i >= slots_.size()) slots_.resize(i + 1);
    return slots_[i];
  }

  const std::vector<Slot>& slots() const { return slots_; }
  // When the period of slots()[i] ends.
  sim::VirtualTime EndOf(std::size_t i) const {
    return start_ + period_ * static_cast<std::int64_t>(i + 1);
  }

 private:
  void Halve() {
    const std::size_t size = (slots_.size() + 1) / 2;
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) slots_[i] = std::move(slots_[2 * i]);
      if (2 * i + 1 < slots_.size()) slots_[i] += slots_[2 * i + 1];
    }
    slots_.resize(size);
    period_ = period_ * 2;
  }

  sim::VirtualTime start_;
  sim::Duration period_;
  std::vector<Slot> slots_;
};

}  // namespace groundhog::analysis

#endif  // GROUNDHOG_ANALYSIS_TIMELINE_H_
